"""What a workstation knows for itself about sessions: beats of running segments, and which alerts were raised.

No entries and no read models: a rebuild leaves them alone, no other machine ever sees them (spec events.md 5, "kept
locally (a row, not a log entry)"). Called by `store` inside its transactions. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects.sqlite import insert

from console.journal import schema
from console.journal.states import Beat

_b, _a = schema.beats.c, schema.alerts_raised.c
_FIELDS: Final = Beat.__struct_fields__
_new = insert(schema.beats)
_BEAT: Final = _new.on_conflict_do_update(
    index_elements=["segment"],
    set_={name: _new.excluded[name] for name in _FIELDS},
    where=or_(_new.excluded.boot_id != _b.boot_id, _new.excluded.at > _b.at),
)
_RAISE: Final = insert(schema.alerts_raised).on_conflict_do_nothing()


def beats(connection: Connection) -> dict[str, Beat]:
    """The last beat of each segment, by segment."""
    return {row[0]: Beat(*row) for row in connection.execute(select(*(_b[name] for name in _FIELDS)))}


def beat(connection: Connection, beats: Sequence[Beat]) -> None:
    """Keeps each beat, unless a later one of the same boot is there: two that watch one session may cross."""
    connection.execute(_BEAT, [msgspec.structs.asdict(beat) for beat in beats])


def forget_beats(connection: Connection, segments: Iterable[str]) -> None:
    connection.execute(schema.beats.delete().where(_b.segment.in_(list(segments))))


def is_raised(connection: Connection, key: str) -> bool:
    return connection.execute(select(_a.key).where(_a.key == key)).first() is not None


def raise_alert(connection: Connection, key: str, raised_at: int) -> bool:
    """Whether it is the first time."""
    return connection.execute(_RAISE, {"key": key, "raised_at": raised_at}).rowcount == 1
