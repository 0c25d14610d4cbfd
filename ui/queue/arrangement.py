"""How an order of the queue becomes rows: groups with headers, and how one order differs from another.

Pure. The order comes as parallel arrays (`QueueOrder`), so groups are ranges found by bisection and nothing is kept
per row: 100,000 tickets cost six sections. Called by the model and the pane.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Final

from console.domain.queue import RANK_PAUSED, RANK_QUIET, Group

HOUR_MS: Final = 3_600_000
COUNTED_MOVES: Final = 20_000
"""Beyond so many rows in the changed stretch, moves are not counted one by one."""

GROUP_NAMES: Final[dict[Group, str]] = {
    Group.BREACHED: "Breached",
    Group.NEXT_HOUR: "Next 60 minutes",
    Group.LATER_TODAY: "Later today",
    Group.TOMORROW: "Tomorrow and after",
    Group.PAUSED: "Paused",
    Group.QUIET: "No clock",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the list: the places `start` to `end` (exclusive) of the order. `key` names it across refreshes."""

    key: str
    title: str
    start: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Header:
    """What a header row shows."""

    section: Section
    collapsed: bool


def sections(due: array[int], rank: bytearray, now: int, tomorrow: int) -> tuple[Section, ...]:
    """The groups that hold tickets, in their order. `now` and `tomorrow` (the next midnight) are epoch ms."""
    paused = bisect_left(rank, RANK_PAUSED)
    quiet = bisect_left(rank, RANK_QUIET)
    overdue = bisect_left(due, now, 0, paused)
    soon = max(bisect_right(due, now + HOUR_MS, 0, paused), overdue)
    today = max(bisect_left(due, tomorrow, 0, paused), soon)
    ends = (overdue, soon, today, paused, quiet, len(rank))
    found: list[Section] = []
    start = 0
    for group, end in zip(GROUP_NAMES, ends, strict=True):
        if end > start:
            found.append(Section(group.value, GROUP_NAMES[group], start, end))
        start = end
    return tuple(found)


class Arrangement:
    """The rows of the list: a header for each section, then its tickets unless it is collapsed.

    Rows count headers and tickets together; places count tickets alone, as the order does.
    """

    __slots__ = ("_header_rows", "collapsed", "row_count", "sections")

    def __init__(self, parts: Sequence[Section] = (), collapsed: Iterable[str] = ()) -> None:
        self.sections = tuple(parts)
        self.collapsed = frozenset(collapsed)
        rows: list[int] = []
        row = 0
        for part in self.sections:
            rows.append(row)
            row += 1 if part.key in self.collapsed else 1 + part.count
        self._header_rows = rows
        self.row_count = row

    @property
    def header_rows(self) -> Sequence[int]:
        return self._header_rows

    def section_index(self, row: int) -> int:
        """Which section a row belongs to, its header row included."""
        return bisect_right(self._header_rows, row) - 1

    def header_at(self, row: int) -> Header | None:
        """The header in a row, or None where the row is a ticket or lies outside."""
        if not 0 <= row < self.row_count:
            return None
        index = self.section_index(row)
        if self._header_rows[index] != row:
            return None
        part = self.sections[index]
        return Header(part, part.key in self.collapsed)

    def place(self, row: int) -> int | None:
        """The place in the order that a row shows, or None for a header or a row outside."""
        if not 0 <= row < self.row_count:
            return None
        index = self.section_index(row)
        offset = row - self._header_rows[index]
        return self.sections[index].start + offset - 1 if offset else None

    def row(self, place: int) -> int | None:
        """The row that shows a place, or None where its section is collapsed or there is no such place."""
        for part, header in zip(self.sections, self._header_rows, strict=True):
            if part.start <= place < part.end:
                return None if part.key in self.collapsed else header + 1 + place - part.start
        return None

    def same_rows(self, other: Arrangement) -> bool:
        return self.sections == other.sections and self.collapsed == other.collapsed


@dataclass(frozen=True, slots=True)
class Change:
    """How a new order differs: tickets that came, that left, and that stand before one they stood behind."""

    came: int
    left: int
    moved_up: int
    uncounted: bool = False

    def sentence(self) -> str:
        """What the pill says: `Order changed, 2 moved up`."""
        if self.uncounted:
            return "Order changed"
        parts = [
            words
            for count, words in (
                (self.came, f"{self.came} new"),
                (self.moved_up, f"{self.moved_up} moved up"),
                (self.left, f"{self.left} left"),
            )
            if count
        ]
        return ", ".join(["Order changed", *parts])


def change(old: array[int], new: array[int]) -> Change | None:
    """What differs between two orders of rowids, or None when they are alike."""
    if old == new:
        return None
    shortest = min(len(old), len(new))
    head = _common(old, new, shortest)
    tail = _common_tail(old, new, shortest - head)
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) > COUNTED_MOVES or len(after) > COUNTED_MOVES:
        return Change(0, 0, 0, uncounted=True)
    known, kept = set(before), set(after)
    came, left = len(kept - known), len(known - kept)
    stayed_before = [rowid for rowid in before if rowid in kept]
    stayed_after = [rowid for rowid in after if rowid in known]
    return Change(came, left, _moved_up(stayed_before, stayed_after))


def moved_across(old: Sequence[Section], new: Sequence[Section]) -> int:
    """How many tickets of one and the same order belong to an earlier group than before."""
    ends_before = {part.key: part.end for part in old}
    moved = 0
    for part in new:
        before = ends_before.get(part.key)
        if before is not None:
            moved += max(part.end - before, 0)
        elif part.count and any(other.start <= part.start < other.end for other in old):
            moved += part.count
    return moved


def _moved_up(before: list[int], after: list[int]) -> int:
    """The fewest tickets that, lifted out of the old order and set in further up, give the new one."""
    place = {rowid: index for index, rowid in enumerate(before)}
    tails: list[int] = []  # longest run that kept its order: those in it did not move
    previous: list[int] = []
    ends: list[int] = []
    for rowid in after:
        index = place[rowid]
        at = bisect_left(tails, index)
        tails[at : at + 1] = [index]
        ends[at : at + 1] = [len(previous)]
        previous.append(ends[at - 1] if at else -1)
    kept: Set[int] = _trail(ends[-1] if ends else -1, previous)
    return sum(1 for index, rowid in enumerate(after) if index not in kept and index < place[rowid])


def _trail(end: int, previous: list[int]) -> set[int]:
    trail: set[int] = set()
    while end >= 0:
        trail.add(end)
        end = previous[end]
    return trail


def _common(old: array[int], new: array[int], limit: int) -> int:
    """How many first values are alike; doubling and halving, so that the comparing is done in C."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_tail(old: array[int], new: array[int], limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
