"""What the timeline draws: a ticket's history as days, messages and runs of changes.

Pure. Built from the desk's timeline items and compared with the blocks on screen, so that a refresh touches only what
is new and a selection of text survives it (design language 4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from console.domain import words

LOADED: Final = 30
"""How many blocks of a long thread are shown at first, and how many more each time."""

LONGEST_OPEN_RUN: Final = 3
"""A run of more changes than this collapses to one line."""

MESSAGE_KINDS: Final = frozenset({"customer", "reply", "note", "call", "refused"})

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Item(Protocol):
    """The desk's `TimelineItem`, as far as the timeline reads it. `at` is epoch ms."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def who(self) -> Any: ...
    @property
    def text(self) -> str: ...
    @property
    def entry_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Day:
    """A separator: `Friday 10 October`, with the year where it is not the present one."""

    title: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something that a person wrote, or the summary of a call."""

    item: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened, on one line."""

    item: Any


@dataclass(frozen=True, slots=True)
class Run:
    """More than three changes in a row, shown as `5 changes` until it is opened."""

    items: tuple[Any, ...]

    @property
    def title(self) -> str:
        return f"{len(self.items)} changes"


Block = Day | Message | Change | Run


def day_title(at: int, now: int, zone: str) -> str:
    """`Friday 10 October`, or `Friday 10 October 2024` in another year than `now`'s."""
    when = words.local(at, zone)
    title = f"{_WEEKDAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}"
    return title if when.year == words.local(now, zone).year else f"{title} {when.year}"


def blocks(items: Iterable[Item], now: int, zone: str) -> tuple[Block, ...]:
    """The blocks of a history, oldest first. Days are days of the zone; a run never reaches over midnight.

    Where nobody has written anything the changes are all there is to read, and stay open.
    """
    items = tuple(items)
    collapses = any(item.kind in MESSAGE_KINDS for item in items)
    made: list[Block] = []
    run: list[Any] = []
    today = None

    def end_run() -> None:
        if collapses and len(run) > LONGEST_OPEN_RUN:
            made.append(Run(tuple(run)))
        else:
            made.extend(Change(item) for item in run)
        run.clear()

    for item in items:
        date = words.local(item.at, zone).date()
        if date != today:
            end_run()
            made.append(Day(day_title(item.at, now, zone)))
            today = date
        if item.kind in MESSAGE_KINDS:
            end_run()
            made.append(Message(item))
        else:
            run.append(item)
    end_run()
    return tuple(made)


def newest(all_blocks: Sequence[Block], shown: int) -> tuple[tuple[Block, ...], int]:
    """The last `shown` blocks that hold entries, with the day above the first, and how many entries stay hidden."""
    if drawn(all_blocks) <= shown:
        return tuple(all_blocks), 0
    start, left = len(all_blocks), shown
    while left:
        start -= 1
        left -= not isinstance(all_blocks[start], Day)
    kept = list(all_blocks[start:])
    if not isinstance(kept[0], Day):
        day = next(block for block in reversed(all_blocks[:start]) if isinstance(block, Day))
        kept.insert(0, day)
    return tuple(kept), sum(entries(block) for block in all_blocks[:start])


def drawn(all_blocks: Sequence[Block]) -> int:
    """How many blocks hold entries: what the limit of a long thread counts."""
    return sum(not isinstance(block, Day) for block in all_blocks)


def entries(block: Block) -> int:
    """How many entries a block stands for."""
    match block:
        case Day():
            return 0
        case Run(items):
            return len(items)
        case _:
            return 1


def earlier_title(hidden: int) -> str:
    """The words above a long thread: `Show 12 earlier entries`."""
    if hidden > LOADED:
        return f"Show earlier entries, {hidden:,} more"
    return f"Show {hidden} earlier {'entry' if hidden == 1 else 'entries'}"


def shared_ends(old: Sequence[Block], new: Sequence[Block]) -> tuple[int, int]:
    """How many blocks two lists share at their start and, beyond that, at their end: what a refresh leaves alone."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail
