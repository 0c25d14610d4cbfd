"""Sets of instants as sorted spans that neither overlap nor touch: union, what is shared, and what is left over.

Pure arithmetic of half-open `(begins, ends)` pairs in any integer unit; called by `worked_time`. The cost of each
grows with the spans that are given, not with their product.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final

from console.domain.calendar import Period

_BEGINS: Final = itemgetter(0)
_ENDS: Final = itemgetter(1)


def united(spans: Iterable[Period]) -> list[Period]:
    """The union; empty and reversed spans hold nothing."""
    found: list[Period] = []
    for begins, ends in sorted(spans):
        if begins >= ends:
            continue
        if found and begins <= found[-1][1]:
            if ends > found[-1][1]:
                found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def shared(some: Sequence[Period], others: Sequence[Period]) -> list[Period]:
    """What lies in both sets."""
    found: list[Period] = []
    at = other = 0
    while at < len(some) and other < len(others):
        begins = max(some[at][0], others[other][0])
        ends = min(some[at][1], others[other][1])
        if begins < ends:
            found.append((begins, ends))
        if some[at][1] < others[other][1]:
            at += 1
        else:
            other += 1
    return found


def without(some: Sequence[Period], others: Sequence[Period]) -> list[Period]:
    """What lies in the first set and not in the second."""
    found: list[Period] = []
    other, count = 0, len(others)
    for begins, ends in some:
        while other < count and others[other][1] <= begins:
            other += 1
        at = other
        while at < count and others[at][0] < ends:
            if others[at][0] > begins:
                found.append((begins, others[at][0]))
            begins = others[at][1]
            at += 1
        if begins < ends:
            found.append((begins, ends))
    return found


def meeting(spans: Sequence[Period], begins: int, ends: int) -> Sequence[Period]:
    """Those that have time in common with a span, whole: a few of many, found by halving."""
    return spans[bisect_right(spans, begins, key=_ENDS) : bisect_left(spans, ends, key=_BEGINS)]


def length(spans: Iterable[Period]) -> int:
    return sum(ends - begins for begins, ends in spans)
