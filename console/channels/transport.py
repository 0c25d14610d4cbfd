"""What a way out for messages looks like: it is handed the finished bytes and says what became of them. Pure shapes."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Accepted(msgspec.Struct, frozen=True):
    """The other side has it, and answers for it from now on."""


class Refused(msgspec.Struct, frozen=True):
    """Certain: the other side did not take it, and trying again sends nothing twice."""

    reason: str


class Unknown(msgspec.Struct, frozen=True):
    """Nobody knows; trying again might send it twice."""

    reason: str


Answer = Accepted | Refused | Unknown


class Transport(Protocol):
    def send(self, message_id: str, data: bytes) -> Answer:
        """Hands over a message. Blocking; what it raises counts as `Unknown`."""
