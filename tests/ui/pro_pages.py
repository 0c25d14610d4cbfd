"""Views of Pro services for the tests of the screens: mock c, as the desk answers it.

A Tuesday, 11:47 in New York. Fabrikam Robotics bought 12 hours, two sessions are worked, the third runs since
10:30:14 with an interruption of four minutes. The figures add up: whoever changes one changes what hangs on it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from console.desk.pro import views
from console.domain.pro_running import LotLeft, Running
from tests.story import ms

ZONE = "America/New_York"
NOW = ms("2025-10-14T15:47:00Z")
MINUTE = 60_000
HOUR = 60 * MINUTE
TICKET = "0199d000-0000-7000-8000-000000000001"
SEGMENT = "0199e000-0000-7000-8000-000000000003"
LOT = "PO-20931"
ME = "Mara Okafor"
PARTNER = "Priya Natarajan"
STARTED = ms("2025-10-14T14:30:14Z")
SLOT = (ms("2025-10-14T14:30:00Z"), ms("2025-10-14T17:30:00Z"))
PAUSED = (ms("2025-10-14T15:05:00Z"), ms("2025-10-14T15:09:00Z"))
EXPIRES = ms("2025-11-01T04:00:00Z")
SESSION = NOW - STARTED - (PAUSED[1] - PAUSED[0])
"""1:12:46"""
BOUGHT, USED, FORFEITED = 12 * HOUR, 5 * HOUR + 30 * MINUTE, 45 * MINUTE
PLANNED = SLOT[1] - NOW
LEFT = BOUGHT - USED - FORFEITED - SESSION


def row(**changes: Any) -> views.EngagementRow:
    """The engagement as a line of the list: running, mine."""
    made = views.EngagementRow(
        ticket=TICKET,
        number=10041,
        subject="SSO and image rollout",
        account="Fabrikam Robotics",
        contact=PARTNER,
        owner=ME,
        state="running",
        detail=None,
        need="running",
        need_text="Running since 10:30 AM",
        bought_ms=BOUGHT,
        left_ms=LEFT,
        expires_at=EXPIRES,
        slot=SLOT,
        gate_met=4,
        gate_of=4,
        is_mine=True,
    )
    return msgspec.structs.replace(made, **changes)


def hours(**changes: Any) -> views.Hours:
    made = views.Hours(
        bought_ms=BOUGHT,
        used_ms=USED,
        session_ms=SESSION,
        elsewhere_ms=0,
        open_gap_ms=0,
        planned_ms=PLANNED,
        not_planned_ms=LEFT - PLANNED,
        forfeited_ms=FORFEITED,
        expired_ms=0,
        refunded_ms=0,
        expires_at=EXPIRES,
        purchases=(LOT,),
    )
    return msgspec.structs.replace(made, **changes)


def scope(**changes: Any) -> views.ScopeView:
    """Five items, two of them done, the third worked on; one ask that nobody agreed."""
    items = (
        ("Check prerequisites with the identity team", True, 2 * HOUR, 2 * HOUR + 15 * MINUTE),
        ("Build the golden image, Windows 11", True, 3 * HOUR, 3 * HOUR + 15 * MINUTE),
        ("Configure SAML sign-in for 240 people", False, 2 * HOUR + 30 * MINUTE, SESSION),
        ("Pilot pool with 20 desktops", False, HOUR + 30 * MINUTE, 0),
        ("Handover and admin walkthrough", False, HOUR, 0),
    )
    made = views.ScopeView(
        version=1,
        agreed_at=ms("2025-09-30T15:00:00Z"),
        agreed_by=(ME, PARTNER),
        lines=tuple(
            views.ScopeLine(
                id=f"item-{at}", title=title, done=done, estimate_ms=estimate, used_ms=used, is_current=at == 3
            )
            for at, (title, done, estimate, used) in enumerate(items, start=1)
        ),
        requested=((ms("2025-10-08T18:00:00Z"), "Printer redirection"),),
        still_estimated_ms=5 * HOUR - SESSION,
        fits=True,
        fits_text="3h 47m 14s still estimated, 4h 32m 14s left, 45m spare.",
    )
    return msgspec.structs.replace(made, **changes)


NO_SCOPE = views.ScopeView(
    version=0,
    agreed_at=None,
    agreed_by=(),
    lines=(),
    requested=(),
    still_estimated_ms=0,
    fits=True,
    fits_text="",
)

GATE = (
    views.GateLine("access", True, "Google project"),
    views.GateLine("scope", True, f"Agreed Tue 30 Sep by {ME} and {PARTNER}"),
    views.GateLine("slot", True, "Today, 10:30 AM to 1:30 PM ET"),
    views.GateLine("contact", True, f"{PARTNER}, partner"),
    views.GateLine("after_hours", False, "No consent, stop by 6:00 PM ET"),
)


def slot(**changes: Any) -> views.SlotLine:
    made = views.SlotLine(id="slot-3", begins_at=SLOT[0], ends_at=SLOT[1], seconds=3 * 3600, engineer=ME)
    return msgspec.structs.replace(made, **changes)


def ruler(**changes: Any) -> views.Ruler:
    """8 AM to 8 PM Eastern with Denver below; Northwind from 3 to 4."""
    made = views.Ruler(
        begins_at=ms("2025-10-14T12:00:00Z"),
        ends_at=ms("2025-10-15T00:00:00Z"),
        zone=ZONE,
        other_zone="America/Denver",
        other_name="Fabrikam Robotics",
        open=((ms("2025-10-14T13:00:00Z"), ms("2025-10-14T22:00:00Z")),),
        consented=(),
        slot=SLOT,
        worked=((STARTED, PAUSED[0]), (PAUSED[1], NOW)),
        unmetered=(),
        paused=(PAUSED,),
        planned=((NOW, SLOT[1]),),
        others=((ms("2025-10-14T19:00:00Z"), ms("2025-10-14T20:00:00Z"), "Northwind"),),
    )
    return msgspec.structs.replace(made, **changes)


LOG = (
    views.LogLine(
        at=ms("2025-10-14T15:31:00Z"),
        ends_at=None,
        kind="noted",
        text="Attribute mapping tested with two pilot users.",
        aside="on SAML sign-in",
        who=ME,
    ),
    views.LogLine(
        at=ms("2025-10-14T15:22:00Z"),
        ends_at=None,
        kind="noted",
        text="Certificate thumbprint checked on both brokers.",
        aside="on SAML sign-in",
        who=ME,
    ),
    views.LogLine(
        at=PAUSED[0], ends_at=PAUSED[1], kind="paused", text="Alert #48190 looked at.", aside="4m, not charged", who=ME
    ),
    views.LogLine(
        at=STARTED,
        ends_at=None,
        kind="started",
        text=f"Started with {PARTNER} on the call.",
        aside="in the agreed slot",
        who=ME,
    ),
)


def ledger() -> tuple[views.LedgerRow, ...]:
    """The lines of mock c, newest first, the planned one on top."""
    told = (
        ("2025-10-01T14:00:00Z", "bought", f"Bought, {LOT}", BOUGHT, "entry-1"),
        ("2025-10-03T14:00:00Z", "used", f"Session 1, {ME}", -(2 * HOUR + 15 * MINUTE), "segment-1"),
        ("2025-10-03T16:15:00Z", "forfeited", "Forfeited when completed", -FORFEITED, "completion-1"),
        ("2025-10-08T20:00:00Z", "used", f"Session 2, {ME}", -2 * HOUR, "segment-2"),
        ("2025-10-09T13:00:00Z", "used", f"Session 2, {ME}", -(HOUR + 15 * MINUTE), "segment-2-carried"),
        ("2025-10-14T14:30:14Z", "used", f"Session 3, {ME}, running", -SESSION, SEGMENT),
        ("2025-10-14T17:30:00Z", "planned", "Planned until 1:30 PM", -PLANNED, None),
    )
    rows, balance = [], 0
    for at, kind, text, change, cause in told:
        balance += change
        rows.append(
            views.LedgerRow(
                at=ms(at),
                kind=kind,  # type: ignore[arg-type]
                text=text,
                change_ms=change,
                balance_ms=balance,
                lot=LOT,
                cause=cause,
            )
        )
    return tuple(reversed(rows))


def gap(**changes: Any) -> views.GapQuestion:
    """Half an hour asleep, before the present run."""
    made = views.GapQuestion(
        id="gap-1",
        ticket=TICKET,
        number=10041,
        subject="SSO and image rollout",
        account="Fabrikam Robotics",
        engineer=ME,
        begins_at=ms("2025-10-14T14:40:00Z"),
        ends_at=ms("2025-10-14T15:10:00Z"),
        cause="The computer slept",
        confidence="measured",
    )
    return msgspec.structs.replace(made, **changes)


def running(**changes: Any) -> Running:
    """The third session since 10:30:14: all hours that are left are its allocation, they end at 4:19 PM."""
    made = Running(
        segment=SEGMENT,
        engagement=TICKET,
        account="Fabrikam Robotics",
        session="completion-1",
        engineer=ME,
        began_at=STARTED,
        as_of=NOW,
        session_metered_ms=SESSION,
        today_metered_ms=SESSION,
        day_ends_at=ms("2025-10-15T04:00:00Z"),
        allocated_ms=SESSION + LEFT,
        drawn_ms=SESSION,
        drawn_before_ms=0,
        left_ms=LEFT,
        limit_at=NOW + LEFT,
        limit="allocation",
        metering=True,
        paused=None,
        range_ends_at=ms("2025-10-14T22:00:00Z"),
        range_end="window",
        slot=SLOT,
        next_open_at=ms("2025-10-15T13:00:00Z"),
        expires_at=EXPIRES,
        lots=(LotLeft(expires_at=EXPIRES, free_ms=LEFT, room_ms=13 * 9 * HOUR),),
        weight=1,
        item="item-3",
        unattended_job=None,
    )
    return msgspec.structs.replace(made, **changes)


def paused(**changes: Any) -> Running:
    """The same session at lunch since 11:40: its time stands still, so its hours do not end."""
    at_lunch = running(paused=("lunch", NOW - 7 * MINUTE), metering=False)
    return msgspec.structs.replace(at_lunch, **changes)


def page(**changes: Any) -> views.EngagementPage:
    """The session page of mock c: the third session runs in its slot, the gate is complete."""
    made = views.EngagementPage(
        row=row(),
        zone=ZONE,
        as_of=NOW,
        session=3,
        hours=hours(),
        scope=scope(),
        access=(views.AccessLine("Google project", True, "received 13 Oct"),),
        gate=GATE,
        consents=(),
        slots=(slot(),),
        contact=PARTNER,
        ruler=ruler(),
        running=running(),
        running_is_mine=True,
        running_elsewhere=None,
        log=LOG,
        ledger=ledger(),
        gaps=(),
        undo=None,
        may_start=None,
        completing_loses_ms=LEFT,
        carries_to=ms("2025-10-15T13:00:00Z"),
        warnings=(),
        pause_kinds=(
            ("lunch", False),
            ("illness", False),
            ("tool failure", False),
            ("waiting for the partner", True),
            ("lost access", True),
        ),
        wrap_up_until=None,
        needs_newer_app=False,
    )
    return msgspec.structs.replace(made, **changes)


def idle_page(**changes: Any) -> views.EngagementPage:
    """Nothing worked yet and nothing running: the slot is agreed, one of two accesses is missing, 3 of 4."""
    planned = SLOT[1] - SLOT[0]
    bought, agreed = ledger()[-1], ledger()[0]
    missing = (
        "Not started: access to the Google project is missing (agreed 12 Oct). "
        "The terms ask for it before work starts (T3)."
    )
    idle = page(
        row=row(
            state="preparing",
            need="gate",
            need_text="Access is missing",
            left_ms=BOUGHT,
            gate_met=3,
        ),
        session=1,
        hours=hours(used_ms=0, session_ms=0, forfeited_ms=0, planned_ms=planned, not_planned_ms=BOUGHT - planned),
        scope=scope(
            lines=tuple(
                msgspec.structs.replace(line, done=False, used_ms=0, is_current=False) for line in scope().lines
            ),
            requested=(),
            still_estimated_ms=10 * HOUR,
            fits_text="10h still estimated, 12h left, 2h spare.",
        ),
        access=(
            views.AccessLine("Google project", False, "asked for 12 Oct"),
            views.AccessLine("Admin console", True, "received 13 Oct"),
        ),
        gate=(
            views.GateLine("access", False, "Access to the Google project is missing (agreed Sun 12 Oct)"),
            *GATE[1:],
        ),
        ruler=ruler(worked=(), paused=(), planned=(SLOT,)),
        running=None,
        log=(),
        ledger=(msgspec.structs.replace(agreed, change_ms=-planned, balance_ms=BOUGHT - planned), bought),
        may_start=missing,
        completing_loses_ms=0,
        carries_to=None,
    )
    return msgspec.structs.replace(idle, **changes)


def strip_session(**changes: Any) -> views.StripSession:
    """The running session of `page`, as the strip shows it."""
    made = views.StripSession(
        ticket=TICKET,
        number=10041,
        subject="SSO and image rollout",
        account="Fabrikam Robotics",
        running=running(),
        bought_ms=BOUGHT,
        left_ms=LEFT,
        interruptions=(PAUSED,),
    )
    return msgspec.structs.replace(made, **changes)


def watched(**changes: Any) -> views.Watched:
    """One session of mine runs, nothing waits for an answer."""
    made = views.Watched(running=(strip_session(),), gaps=(), next_slot=None, running_in_team=1)
    return msgspec.structs.replace(made, **changes)


class Asked:
    """Takes the place of the acts and keeps what was asked of them: (act, arguments), in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, act: str) -> Any:
        if act.startswith("_"):
            raise AttributeError(act)
        return lambda *arguments: self.calls.append((act, arguments))
