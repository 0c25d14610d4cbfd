"""Sets of instants as sorted spans that neither overlap nor touch: union, what is shared, and what is left over.

Pure arithmetic of half-open `(begins, ends)` pairs in any integer unit; called by `worked_time`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.domain.calendar import Period


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
    for begins, ends in some:
        for from_, to in others:
            if to <= begins:
                continue
            if from_ >= ends:
                break
            if from_ > begins:
                found.append((begins, from_))
            begins = to
            if begins >= ends:
                break
        if begins < ends:
            found.append((begins, ends))
    return found


def length(spans: Iterable[Period]) -> int:
    return sum(ends - begins for begins, ends in spans)
