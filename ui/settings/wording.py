"""What the page of settings says of the hub. Pure. Instants are epoch ms, `zone` is an IANA name. Called by the card of
the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from console.desk.sync_views import LinkStatus, SyncIssues
from console.domain import words
from ui.sync.wording import place_face

NEEDS_SIGN_IN: Final = frozenset({"signed_out", "revoked"})


class HubFacts(NamedTuple):
    """What is said of the hub that a workspace belongs to. `signed_in` is False where there is no key to take back."""

    address: str
    person: str
    role: str
    state: str
    tip: str
    synced: str
    signed_in: bool


def hub_facts(status: LinkStatus | None, issues: SyncIssues, now: int, zone: str) -> HubFacts:
    """`status` is what the engine tells; without one, what the desk knows is shown."""
    face = place_face(status, SyncIssues(connected=True), lambda: now, zone)  # what needs a person is in the drawer
    at = status.synced_at if status is not None else None
    return HubFacts(
        address=issues.url,
        person=(status.person if status is not None else "") or issues.person,
        role=((status.role if status is not None else "") or issues.role).capitalize(),
        state=face.word,
        tip=face.tip,
        synced="Not since this window was opened" if at is None else words.due(at, now, zone),
        signed_in=status is None or status.link not in NEEDS_SIGN_IN,
    )


def key_place(token_file: Path | None) -> str:
    """Where the sign-in of this computer is kept."""
    return "In the system's keyring" if token_file is None else f"In the file {token_file}"
