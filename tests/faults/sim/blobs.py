"""Files on the hub of a world: sent in pieces that can be resumed, had by those who see a message that names them.

Source: spec sync.md 2 (BLOB). They lie beside the log: a hub that is restored to an older log has them still. Broken
variants override single methods.
"""

from __future__ import annotations

import hashlib
from typing import Final

from console.domain.events import Attachment, MessageReceived

PIECE: Final = 4
"""Bytes of a piece: small, so that a file of a few bytes has several."""


class WrongOffset(Exception):
    """The piece does not begin where the upload stands."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The upload stands at byte {offset}.")
        self.offset = offset


class Blobs:
    """`whole` is by hash, `begun` by device and hash: what one device sends is nobody else's."""

    def __init__(self) -> None:
        self.whole: dict[str, bytes] = {}
        self.begun: dict[tuple[str, str], bytes] = {}
        self.sent: set[tuple[str, str]] = set()

    def offset(self, device: str, sha256: str) -> int:
        """How many bytes of it the device has sent."""
        if (device, sha256) in self.sent:
            return len(self.whole[sha256])
        return len(self.begun.get((device, sha256), b""))

    def append(self, device: str, sha256: str, piece: bytes, *, start: int, total: int) -> int:
        """Adds a piece and says where the upload stands then. A file that is not what its hash says is begun anew.
        Errors: WrongOffset."""
        stands = self.offset(device, sha256)
        if start != stands:
            raise WrongOffset(stands)
        so_far = self.begun.get((device, sha256), b"") + piece
        self.begun[device, sha256] = so_far
        if len(so_far) == total:
            del self.begun[device, sha256]
            if sha256_of(so_far) != sha256:
                return 0
            self.whole[sha256] = so_far
            self.sent.add((device, sha256))
        return len(so_far)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def named_by(event: object) -> tuple[Attachment, ...]:
    """The files that an event names."""
    return event.attachments if isinstance(event, MessageReceived) else ()
