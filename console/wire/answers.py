"""What a hub answers to a person's questions, beside the exchange of entries. Pure shapes."""

from __future__ import annotations

from typing import Literal

import msgspec

from console.domain.search import SearchHit
from console.wire.messages import WireEntry


class StreamEntries(msgspec.Struct, frozen=True, kw_only=True):
    """All entries of one stream, in log order: an old ticket that the workstation does not hold."""

    entries: tuple[WireEntry, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The tickets that a search finds, best first."""

    hits: tuple[SearchHit, ...]


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """Another device id under the asker's token, for a workstation that was cloned."""

    device: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The hub serves and reaches its database; one that does not answers 503."""

    status: Literal["ok"] = "ok"
    database: Literal["ok"] = "ok"
