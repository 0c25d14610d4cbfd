"""What the window shows of the queue while the desk is still opening: real rows, some hundred ms earlier.

The desk asks SQLAlchemy, which takes longer to import than the window to appear; this asks SQLite alone, once. Where a
workspace is new, damaged, of another version or otherwise more than plain, there is no first look, and whatever is to
be mended or said comes from `Desk.open`. Called by the window, on the desk's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.desk.queue import QueueOrder, next_midnight, past_due
from console.domain.errors import ConsoleError
from console.domain.queue import QueueRow, View

if TYPE_CHECKING:
    from console.settings import Workspace


class FirstLook(msgspec.Struct, frozen=True, kw_only=True):
    """A view of the queue with its first rows and all that is shown around it, as the desk would answer at the time.

    `me` is the person who acts, `zone` the policy's (IANA name), `tomorrow` its next midnight (epoch ms), `drafted` the
    ids of tickets with a draft; `pristine` is a workspace that never held a ticket.
    """

    view: View
    me: str
    zone: str
    order: QueueOrder
    rows: list[QueueRow]
    counts: Mapping[View, int]
    mine_breached: int
    tomorrow: int
    drafted: frozenset[str]
    pristine: bool


def first_look(
    workspace: Workspace,
    view: View,
    *,
    first: int,
    guidelines: Path | None = None,
    clock: Callable[[], int],
) -> FirstLook | None:
    """Looks at a view and its `first` rows; None in any doubt. `guidelines` as for `Desk.open`, where the queue is kept
    by them; `clock` gives epoch ms."""
    from console.guidelines_files import history_of, shipped_history
    from console.journal.first_look import look
    from console.settings import person_name

    now = clock()
    try:
        history = shipped_history() if guidelines is None else history_of(guidelines)
        me = person_name(workspace)
    except ConsoleError:
        return None
    looked = look(workspace.database, view, guidelines=history.digest, me=me, now=now, first=first)
    if looked is None:
        return None
    zone = history.at(None, now).zone
    _, due, rank = looked.mine
    return FirstLook(
        view=view,
        me=me,
        zone=zone,
        order=QueueOrder(*looked.order, looked.version),
        rows=looked.rows,
        counts=looked.counts,
        mine_breached=past_due(due, rank, now),
        tomorrow=next_midnight(now, zone),
        drafted=looked.drafted,
        pristine=looked.pristine,
    )
