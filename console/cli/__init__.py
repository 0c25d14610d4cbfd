"""The command line, `support-console`: one file per command, `main` is the entry. Asks the desk and the domain, nothing
below them; what costs milliseconds to import is imported by the command that needs it.
"""
