"""What a database that is away looks like: going down, overrun, or cut off."""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy import exc as sql

AWAY: Final = (sql.OperationalError, sql.InterfaceError, sql.TimeoutError, psycopg.OperationalError)
"""Whether a commit happened is then unknown: the workstation repeats by id (spec sync.md 3)."""
