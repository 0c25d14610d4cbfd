"""What engine and desk tell in the tests and pictures of the sync: statuses and issues as of a Tuesday, 11:47."""

from __future__ import annotations

from console.desk.sync_views import LinkStatus, NotTaken, Overwrote, Refused, Settled, SyncIssues, Waiting
from tests.ui.conftest import DEMO_AT

MINUTE = 60_000
ZONE = "America/New_York"
URL = "https://hub.example"


def synced(**changes: object) -> LinkStatus:
    told = {"link": "synced", "url": URL, "person": "Mara Okafor", "synced_at": DEMO_AT - 12_000}
    return LinkStatus(**{**told, **changes})  # type: ignore[arg-type]


def offline(**changes: object) -> LinkStatus:
    """Since 11:39, the next try in 20 s."""
    told = {
        "link": "offline",
        "url": URL,
        "offline_since": DEMO_AT - 8 * MINUTE,
        "synced_at": DEMO_AT - 8 * MINUTE,
        "next_try_at": DEMO_AT + 20_000,
    }
    return LinkStatus(**{**told, **changes})  # type: ignore[arg-type]


def refused(ticket: str | None = "t-1", **changes: object) -> Refused:
    told = {
        "ids": ("e-1", "e-2"),
        "ticket": ticket,
        "title": "Reply to #48152 was not sent",
        "reason": "The text is 70 KB, the limit is 64 KB",
        "text": "Hi Dana, here is the trace of this morning.",
        "at": DEMO_AT - 6 * MINUTE,
        "mode": "reply",
    }
    return Refused(**{**told, **changes})  # type: ignore[arg-type]


def overwrote(ticket: str = "t-2", **changes: object) -> Overwrote:
    told = {
        "ticket": ticket,
        "field": "assignee",
        "title": "#48165 has two assignees",
        "mine": "Mara Okafor",
        "theirs": "Lena Fischer",
        "who": "Lena Fischer",
        "shows": "theirs",
        "mine_at": DEMO_AT - 4 * MINUTE,
        "theirs_at": DEMO_AT - 4 * MINUTE,
    }
    return Overwrote(**{**told, **changes})  # type: ignore[arg-type]


def not_taken(ticket: str | None = "t-3", **changes: object) -> NotTaken:
    told = {
        "id": "e-3",
        "ticket": ticket,
        "title": "#48170 was not taken",
        "reason": "Ana Torres had it already",
        "at": DEMO_AT - 60 * MINUTE,
    }
    return NotTaken(**{**told, **changes})  # type: ignore[arg-type]


def waiting(ticket: str | None = "t-1", **changes: object) -> Waiting:
    told = {
        "id": "e-4",
        "ticket": ticket,
        "title": "Reply to #48177",
        "text": "Hi Dana, the file is good.",
        "at": DEMO_AT - 3 * MINUTE,
        "can_withdraw": True,
        "mode": "reply",
    }
    return Waiting(**{**told, **changes})  # type: ignore[arg-type]


def issues(**changes: object) -> SyncIssues:
    return SyncIssues(**{"connected": True, "url": URL, **changes})  # type: ignore[arg-type]


def three_issues() -> SyncIssues:
    """As in the mock: three things that need the person, three that were settled."""
    settled = (
        Settled("Tag order on #48143 merged", DEMO_AT - 49 * MINUTE),
        Settled("Status of #48077 taken from the hub", DEMO_AT - 85 * MINUTE),
        Settled("41 entries offered again", DEMO_AT - 164 * MINUTE),
    )
    return issues(refused=(refused(),), overwrote=(overwrote(),), not_taken=(not_taken(),), settled=settled)
