"""The hub: the one log of a team, its database, and the people who may write to it.

Source: spec sync.md. The storage half (`log`, `people`, `verify`, `backup`) is synchronous, speaks PostgreSQL through
SQLAlchemy and psycopg, and knows nothing of HTTP; the HTTP half calls it in threads.
"""
