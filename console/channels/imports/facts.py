"""Makes offered entries for an import: derived ids, canonical payload, hash. Called by the formats, for each row.

The bytes are those of `events.offer` and `events.imported_id`, which stay the definition (tests compare them). They are
made here without the general encoder, because an import makes some hundred thousand in one go: an id and a stream hold
nothing that JSON would escape, so the envelope can be written down directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from console.domain.events import CURRENT_VER, Entry, Event, Offered, encode_payload

_SEPARATOR: Final = "\x1f"
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))

CONFLICT: Final = "This row was imported before with other content, or under other rules; the first is kept."


class Mapped(msgspec.Struct, frozen=True, gc=False):
    """What a row of the input says: the facts that are new, or the reason why it is rejected.

    `line` is its number in the file, from 1, `row` what stands there. A row without facts and without a reason was
    imported before.
    """

    line: int
    row: bytes
    offers: Sequence[Offered] = ()
    rejected: str | None = None


class FactMaker:
    """Makes the facts of one import, from one source in one format."""

    def __init__(self, *, format: str, source: str) -> None:
        self._root = format + _SEPARATOR + source + _SEPARATOR

    def ticket_id(self, ticket: str) -> str:
        """Our id of a ticket of the source (spec events.md 1)."""
        return _uuid(self._root + ticket)

    def entry_id(self, ticket: str, sequence: str) -> str:
        """The id of the entry from a row of a ticket, by the row's source sequence."""
        return _uuid(self._root + ticket + _SEPARATOR + sequence)

    def part_id(self, ticket: str, sequence: str, part: str) -> str:
        """The id of a further entry from the same row."""
        return _uuid(self._root + ticket + _SEPARATOR + sequence + _SEPARATOR + part)


def make(event: Event, id: str, stream: str, at: int, act: str | None = None) -> Offered:
    """A fact at the source's instant `at` (epoch ms). The journal gives it its device and place."""
    payload = encode_payload(event)
    joined = b"" if act is None else b'"act":"%b",' % act.encode()
    content = b'{%b"at":%d,"id":"%b","payload":%b,"stream":"%b","type":"%b","ver":%d}' % (
        joined,
        at,
        id.encode(),
        payload,
        stream.encode(),
        event.type.encode(),
        CURRENT_VER,
    )
    return Offered(
        id=id,
        stream=stream,
        at=at,
        device="",
        dseq=0,
        event=event,
        act=act,
        payload=payload,
        hash=sha256(content).digest(),
    )


def not_known(line: int, row: bytes, offers: Sequence[Offered], known: Mapping[str, Entry]) -> Mapped:
    """A mapped row against the entries that its ticket has already: the first import of a row is kept."""
    new = []
    for offer in offers:
        entry = known.get(offer.id)
        if entry is None:
            new.append(offer)
        elif entry.hash != offer.hash:
            return Mapped(line, row, (), CONFLICT)
    return Mapped(line, row, new)


def _uuid(name: str) -> str:
    """`events.imported_id` of the parts that `name` joins."""
    h = sha256(name.encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"
