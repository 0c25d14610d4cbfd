"""What every fact has in common: the struct it extends, and how it meets a concurrent one.

Apart from `events` so that the types of a stream can live in a file of their own and still be in its registry. Pure.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar

import msgspec


class Kind(enum.Enum):
    """How an event meets a concurrent one (spec sync.md 1)."""

    ADDITIVE = "additive"
    REGISTER = "register"
    GUARDED = "guarded"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One fact. `extra` keeps what an import's source said besides (unknown keys), word for word."""

    type: ClassVar[str] = ""
    kind: ClassVar[Kind] = Kind.ADDITIVE

    extra: dict[str, Any] | None = None
