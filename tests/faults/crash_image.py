"""A workspace as a killed process left it: copied, opened again by a real desk some time later, and looked at.

The copy is the crash image. It is recovered under clocks that ran on unseen, so that the question which a crash leaves
behind is really asked; the workspace itself goes on with the next process.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from console.desk import Desk
from console.domain import pro_events as pe
from console.domain.pro_events import pro_stream
from console.timekeeping import read_clocks
from tests.faults.pro_workspace import HOUR, HOURS, Clocks, Engagement, later, opened

MAY_ASK_MS = 15_000
"""How much of the open segment may be asked about after a crash; with a second of slack."""
SLACK_MS = 1_000
UNSEEN_MS = 20_000
"""What nobody watched for longer is a gap."""


class Recovery(msgspec.Struct, frozen=True):
    """What opening the image again found: the gap that is new, and the names of the acts in each engagement."""

    gap: tuple[int, int] | None
    acts: dict[str, list[str]]


def recovered(
    folder: Path,
    image: Path,
    engagements: Sequence[Engagement],
    *,
    unseen_ms: int,
    seen_at: int | None = None,
    clocks: Clocks = read_clocks,
) -> Recovery:
    """Copies the workspace, opens the copy after `unseen_ms` more and asserts what may be lost. `seen_at` is when the
    killed process is known to have looked last; without it nobody watched."""
    shutil.copytree(folder, image)
    with opened(image, clocks) as desk:
        assert desk.notices == []
        assert desk.journal.check() == []
        acts = {e.ticket: _acts(desk, e) for e in engagements}
        known, was_running = _gaps(desk, engagements), bool(desk.journal.pro_running())
    ahead = _standing(clocks, unseen_ms)
    with opened(image, ahead) as desk:
        desk.pro.watch.tick()
        new = _gaps(desk, engagements)[len(known) :]
        assert len(new) <= 1
        assert new or not was_running or unseen_ms <= UNSEEN_MS, "nobody watched, and nobody is asked"
        if new and seen_at is not None:
            assert new[0][0] >= seen_at - MAY_ASK_MS - SLACK_MS
        _assert_one_at_most(desk, engagements)
        for engagement in engagements:
            _assert_nothing_lost(desk, engagement)
        stands = desk.journal.head()
    with opened(image, ahead) as desk:
        desk.pro.watch.tick()
        assert desk.journal.head() == stands, "a second recovery finds nothing new"
    shutil.rmtree(image)
    return Recovery(new[0] if new else None, acts)


def _standing(clocks: Clocks, ms: int) -> Clocks:
    """Fixed: all who open the image see the same time."""
    at = later(clocks, ms)()
    return lambda: at


def _acts(desk: Desk, engagement: Engagement) -> list[str]:
    """What a person did on an engagement, in the order of the log, as `pro_kill` names it."""
    found = []
    for entry in desk.journal.entries(pro_stream(engagement.account)):
        match entry.event:
            case pe.SegmentStarted():
                found.append("start")
            case pe.SegmentNoted(text=text):
                found.append(f"note {text}")
            case pe.SegmentStopped():
                found.append("stop")
    return found


def _gaps(desk: Desk, engagements: Sequence[Engagement]) -> list[tuple[int, int]]:
    """In the order of the log over all of them."""
    entries = [entry for e in engagements for entry in desk.journal.entries(pro_stream(e.account))]
    entries.sort(key=lambda entry: entry.seq)
    return [(e.event.begins_at, e.event.ends_at) for e in entries if isinstance(e.event, pe.GapFound)]


def _assert_one_at_most(desk: Desk, engagements: Sequence[Engagement]) -> None:
    running = desk.journal.pro_running()
    assert len(running) <= 1
    shown = [e.ticket for e in engagements if desk.pro.page(e.ticket).running is not None]
    assert shown == [row.engagement for row in running]


def _assert_nothing_lost(desk: Desk, engagement: Engagement) -> None:
    """All time since each start is counted or asked about, and the parts of the hours add up to what was bought."""
    page, report = desk.pro.page(engagement.ticket), desk.pro.report(engagement.ticket)
    h = page.hours
    worked = sum((page.as_of if e.ends_at is None else e.ends_at) - e.begins_at for e in report.entries)
    assert h.used_ms + h.session_ms + h.open_gap_ms == worked
    parts = h.used_ms + h.session_ms + h.elsewhere_ms + h.open_gap_ms + h.planned_ms + h.not_planned_ms
    assert parts + h.forfeited_ms + h.expired_ms + h.refunded_ms == h.bought_ms == HOURS * HOUR * 1000
