"""The workstation's database: an append-only journal of entries, and the tables that screens read, kept beside it.

The door is `console.journal.store.Journal`; the desk opens it, nobody else does. Importing this package costs nothing:
SQLAlchemy comes with `store`, which the window imports after its first paint; `first_look` reads without it.
"""
