"""A session report and a ledger for the tests of paper: mock c, in October 2025, in New York.

Fabrikam Robotics bought 12 hours. Two sessions were worked, one of them over two days; the third ran until 11:47.
The figures add up: whoever changes one changes what hangs on it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from console.desk.pro import views
from console.domain.metering import LineKind
from tests.story import ms

ZONE = "America/New_York"
NOW = ms("2025-10-14T15:47:00Z")
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MARA, JON, PRIYA = "Mara Okafor", "Jon Bell", "Priya Natarajan"
FORMULA = '=HYPERLINK("https://example.com/","click")'
TRAP = "a | b *c* [d](https://example.com) <b>e</b> #1 &amp; `f` _g_ \\"
"""A text of a customer that means something in Markdown."""

FIRST, SECOND_DAY, THIRD_DAY, PRESENT = (
    2 * HOUR + 15 * MINUTE,
    2 * HOUR,
    HOUR + 15 * MINUTE,
    HOUR + 12 * MINUTE + 46 * SECOND,
)


def entry(**changes: Any) -> views.TimeEntry:
    """Two and a quarter hours of Mara's on Fri 3 Oct."""
    made = views.TimeEntry(
        engineer=MARA,
        begins_at=ms("2025-10-03T14:00:00Z"),
        ends_at=ms("2025-10-03T16:15:00Z"),
        metered_ms=FIRST,
        purpose="work",
        ended_for="scope complete",
        unmetered=(),
        interruptions=(),
        notes=("Prerequisites checked with the identity team.",),
        unattended_job=None,
    )
    return msgspec.structs.replace(made, **changes)


def entries() -> tuple[views.TimeEntry, ...]:
    pause = (ms("2025-10-14T15:05:00Z"), ms("2025-10-14T15:09:00Z"), "other ticket", False)
    return (
        entry(),
        entry(
            begins_at=ms("2025-10-08T20:00:00Z"),
            ends_at=ms("2025-10-08T22:10:00Z"),
            metered_ms=SECOND_DAY,
            ended_for="the window closed",
            unmetered=((ms("2025-10-08T22:00:00Z"), ms("2025-10-08T22:10:00Z"), "outside the agreed hours (T12)"),),
            unattended_job="image build",
            notes=("Golden image built from the Windows 11 base.",),
        ),
        entry(
            engineer=JON,
            begins_at=ms("2025-10-09T13:00:00Z"),
            ends_at=ms("2025-10-09T14:15:00Z"),
            metered_ms=THIRD_DAY,
            ended_for="stopped",
            notes=(),
        ),
        entry(
            begins_at=ms("2025-10-14T14:30:14Z"),
            ends_at=None,
            metered_ms=PRESENT,
            ended_for=None,
            interruptions=(pause,),
            notes=(
                "Certificate thumbprint checked on both brokers.",
                "Attribute mapping tested with two pilot users.",
            ),
        ),
    )


def hours(**changes: Any) -> views.Hours:
    made = views.Hours(
        bought_ms=12 * HOUR,
        used_ms=FIRST + SECOND_DAY + THIRD_DAY,
        session_ms=PRESENT,
        elsewhere_ms=0,
        open_gap_ms=0,
        planned_ms=HOUR + 43 * MINUTE,
        not_planned_ms=2 * HOUR + 49 * MINUTE + 14 * SECOND,
        forfeited_ms=45 * MINUTE,
        expired_ms=0,
        refunded_ms=0,
        expires_at=ms("2025-11-01T04:00:00Z"),
        purchases=("PO-20931",),
    )
    return msgspec.structs.replace(made, **changes)


def scope(**changes: Any) -> views.ScopeView:
    told = (
        ("Check prerequisites with the identity team", True, 2 * HOUR, FIRST),
        ("Build the golden image, Windows 11", True, 3 * HOUR, SECOND_DAY + THIRD_DAY),
        ("Configure SAML sign-in for 240 people", False, 2 * HOUR + 30 * MINUTE, PRESENT),
        ("Pilot pool with 20 desktops", False, HOUR + 30 * MINUTE, 0),
        ("Handover and admin walkthrough", False, HOUR, 0),
    )
    made = views.ScopeView(
        version=2,
        agreed_at=ms("2025-09-30T15:00:00Z"),
        agreed_by=(MARA, PRIYA),
        lines=tuple(
            views.ScopeLine(
                id=f"item-{place}", title=title, done=done, estimate_ms=estimate, used_ms=used, is_current=place == 2
            )
            for place, (title, done, estimate, used) in enumerate(told)
        ),
        requested=((ms("2025-10-08T14:00:00Z"), "Printer redirection"),),
        still_estimated_ms=3 * HOUR + 48 * MINUTE,
        fits=True,
        fits_text="The rest fits.",
    )
    return msgspec.structs.replace(made, **changes)


def report(**changes: Any) -> views.SessionReport:
    made = views.SessionReport(
        account="Fabrikam Robotics",
        ticket="0199d000-0000-7000-8000-000000000001",
        number=10041,
        subject="SSO and image rollout",
        contact=PRIYA,
        engineers=(MARA, JON),
        purchases=("PO-20931",),
        zone=ZONE,
        as_of=NOW,
        state="running",
        detail=None,
        scope=scope(),
        entries=entries(),
        hours=hours(),
        corrections=(),
    )
    return msgspec.structs.replace(made, **changes)


def ledger(**changes: Any) -> views.LedgerView:
    told: tuple[tuple[str, LineKind, str, int, str], ...] = (
        ("2025-10-01T14:00:00Z", "bought", "Bought, PO-20931", 12 * HOUR, "entry-1"),
        ("2025-10-03T16:15:00Z", "used", "Session 1, Mara Okafor", -FIRST, "segment-1"),
        ("2025-10-03T16:15:00Z", "forfeited", "Forfeited when completed", -45 * MINUTE, "completion-1"),
        ("2025-10-08T22:00:00Z", "used", "Session 2, Mara Okafor", -SECOND_DAY, "segment-2"),
        ("2025-10-09T14:15:00Z", "used", "Session 2, Jon Bell", -THIRD_DAY, "segment-3"),
        ("2025-10-14T15:47:00Z", "used", "Session 3, Mara Okafor, running", -PRESENT, "segment-4"),
    )
    rows, balance = [], 0
    for at, kind, text, change, cause in told:
        balance += change
        rows.append(
            views.LedgerRow(
                at=ms(at), kind=kind, text=text, change_ms=change, balance_ms=balance, lot="PO-20931", cause=cause
            )
        )
    made = views.LedgerView(
        account="Fabrikam Robotics",
        zone=ZONE,
        as_of=NOW,
        period=None,
        rows=tuple(rows),
        balance_ms=balance,
        remarks=(),
        needs_newer_app=False,
    )
    return msgspec.structs.replace(made, **changes)
