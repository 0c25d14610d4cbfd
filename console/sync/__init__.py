"""The workstation's side of the sync: a core that does no I/O, and the shells around it. Source: spec sync.md.

`core` decides, `store` names what it asks of the local database; sockets, threads, clocks and keys are in the others.
"""
