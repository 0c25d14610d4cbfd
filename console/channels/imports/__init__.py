"""Imports: outside shapes of a help desk's history read into facts. Never writes; `desk.imports` runs them.

`reading` gives the lines of a file, `detection` says what they are, `staging` brings the rows of a ticket together,
and a format (`ticket_events`, `snapshots`) turns them into facts with derived ids, so that an import repeated on any
machine is the same import (spec events.md 1). The formats are described in docs/import-format.md.
"""
