"""What is said of the connection: on the rail, in the banner, above the queue, in the drawer, in
the settings, and to people who listen.

Pure. Made from the engine's `LinkStatus` and the desk's `SyncIssues`; instants are epoch ms, `zone` is an IANA name.
Called by `ui.shell.sync`, the drawer and the settings. Source: design language 4.3, 4.12 and 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.desk.sync_views import Link, LinkStatus, SyncIssues
from console.domain import words
from ui.shell.banner import BannerFace
from ui.shell.rail import HERE, PlaceFace, Tone

NOT_CONNECTED: Final = (
    "Everything is kept on this computer. Connect to a hub to share the queue with your team: what one of you does, "
    "the others see within a second, and you go on working where there is no network."
)
SKEW_TOLD_MS: Final = 300_000
"""From so much difference between the clocks on, it is told (spec sync.md 3)."""

_PLACES: Final[dict[Link, tuple[str, str, Tone, str]]] = {
    "connecting": ("sync", "Connecting", "quiet", "The connection to the hub is being made."),
    "loading": ("sync", "Loading", "quiet", "The team's log is being copied to this computer."),
    "syncing": ("sync", "Syncing", "quiet", "Something is on its way to or from the hub."),
    "synced": ("check", "Synced", "ok", "This computer and the hub have the same."),
    "offline": ("offline", "Offline", "warn", "There is no connection to the hub. You can keep working."),
    "signed_out": ("key", "Signed out", "warn", "You are signed out of the hub. You can keep working."),
    "revoked": ("lock", "No access", "error", "The access of this computer was revoked."),
    "app_too_old": ("warn", "Update", "warn", "This version is too old for the hub. You can keep working."),
    "other_hub": ("warn", "Other hub", "error", "Another hub answers at the address."),
    "stuck": ("warn", "Stopped", "error", "The sync has stopped. You can keep working."),
}
"""Icon, word, tone and sentence of each state of the connection."""

STANDS_STILL: Final = frozenset({"offline", "signed_out", "revoked", "app_too_old", "other_hub", "stuck"})
"""Nothing goes out or comes in. This is told before the issues, which are in the drawer behind the same button."""


def place_face(status: LinkStatus | None, issues: SyncIssues, now: Callable[[], int], zone: str) -> PlaceFace:
    """What the rail shows. Its name is made when it is asked for; `now` gives the instant."""
    if not issues.connected:
        return HERE
    link: Link = status.link if status is not None else "connecting"
    icon, word, tone, tip = _PLACES[link]
    if status is not None and status.error and link not in ("offline", "other_hub"):
        tip = f"{tip} {status.error}"
    need = issues.needs_you
    if need and link not in STANDS_STILL:
        icon, word, tone = "warn", f"{need} issue{'' if need == 1 else 's'}", "error"
        tip = f"{_count(need, 'thing needs', 'things need')} you. {tip}"
    return PlaceFace(icon, word, tone, lambda: spoken(status, issues, now(), zone), tip)


def spoken(status: LinkStatus | None, issues: SyncIssues, now: int, zone: str) -> str:
    """`Connection: synced 12 seconds ago`, with what needs the person and what waits behind it."""
    if not issues.connected:
        return HERE.spoken()
    parts = [_spoken_link(status, now, zone)]
    if issues.needs_you:
        parts.append(_count(issues.needs_you, "issue needs you", "issues need you"))
    waiting = status.waiting if status is not None else len(issues.waiting)
    if waiting:
        parts.append(_count(waiting, "entry waits to be sent", "entries wait to be sent"))
    return f"Connection: {', '.join(parts)}"


def _spoken_link(status: LinkStatus | None, now: int, zone: str) -> str:
    if status is None:
        return "connecting"
    match status.link:
        case "synced" if status.synced_at is not None:
            return f"synced {ago(now - status.synced_at)}"
        case "offline" if status.offline_since is not None:
            return f"offline since {words.clock_time(status.offline_since, zone)}"
        case "loading" if status.of:
            return f"copying the team's log, {status.done:,} of {status.of:,} entries"
        case "revoked":
            return "access revoked"
        case "app_too_old":
            return "this version is too old for the hub"
        case "other_hub":
            return "another hub answers"
        case "stuck":
            return "stopped"
        case link:
            return link.replace("_", " ")


def ago(ms: int) -> str:
    """`just now`, `12 seconds ago`, `1 minute ago`, `2 hours ago`; what lies ahead is just now."""
    seconds = max(ms, 0) // 1000
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= length:
            return f"{_count(seconds // length, unit, unit + 's')} ago"
    return "just now"


def banner_face(status: LinkStatus, issues: SyncIssues, zone: str) -> BannerFace | None:
    """What the banner says of a state of the whole program: what is the matter, what still works, what can be done."""
    outbox = (("outbox", "See outbox"),)
    match status.link:
        case "offline":
            since = f" since {words.clock_time(status.offline_since, zone)}" if status.offline_since else ""
            going = f"{going_out(status, issues)} when the connection is back."
            acts = (("now", "Try now"), *outbox)
            return BannerFace(f"Offline{since}.", f"You can keep working. {going}", "warn", "offline", acts)
        case "signed_out":
            whom = f" as {status.person}" if status.person else ""
            rest = f"{_why(status)}You can keep working. {going_out(status, issues)} when you sign in again{whom}."
            return BannerFace("Signed out of the hub.", rest, "warn", "key", (("sign_in", "Sign in\u2026"), *outbox))
        case "app_too_old":
            rest = f"You can keep working. {going_out(status, issues)} once Support Console is updated."
            return BannerFace("This version is too old for the hub.", rest, "warn", "warn", outbox)
        case "revoked":
            rest = "The team's log was removed from it. What you wrote and was not sent is kept in the outbox."
            acts = (("sign_in", "Sign in\u2026"), *outbox)
            return BannerFace("The access of this computer was revoked.", rest, "error", "lock", acts)
        case "other_hub":
            rest = "Nothing is sent to it, and nothing is lost. Tell whoever runs the hub."
            return BannerFace("Another hub answers at this address.", rest, "error", "warn", outbox)
        case "stuck":
            rest = f"{_why(status)}You can keep working, and nothing is lost."
            return BannerFace("The sync has stopped.", rest, "error", "warn", (("now", "Try now"), *outbox))
        case "loading" if status.of:
            lead = f"Copying the team's log: {status.done:,} of {status.of:,} entries"
            done = status.done / status.of
            return BannerFace(lead, "You can work meanwhile.", "info", "sync", progress=min(max(done, 0.0), 1.0))
    return None


def _why(status: LinkStatus) -> str:
    return f"{status.error.rstrip('. ')}. " if status.error else ""


def going_out(status: LinkStatus, issues: SyncIssues) -> str:
    """`2 replies and 1 property change will go out`, before the word that says when."""
    what = issues.waiting_words.rstrip(". ")
    if not what and status.waiting:
        what = _count(status.waiting, "entry", "entries")
    return f"{what} will go out" if what else "What you do will go out"


def next_try(status: LinkStatus, now: int) -> str:
    """`Next try in 20s`; empty where none is planned, `Trying` when it is due."""
    if status.link != "offline" or status.next_try_at is None:
        return ""
    left = status.next_try_at - now
    return f"Next try in {words.duration(-(-left // 1000))}" if left > 0 else "Trying"


def stale_line(data_from: int, zone: str) -> str:
    """What stands above a queue that may have been overtaken."""
    return f"Data from {words.clock_time(data_from, zone)}. Clocks keep counting here."


def foot(status: LinkStatus | None, issues: SyncIssues, zone: str) -> str:
    """The last line of the drawer: `Last full sync 11:46 AM. 0 in outbox.`"""
    waiting = max(status.waiting if status is not None else 0, len(issues.waiting))
    at = status.synced_at if status is not None else None
    when = f"Last full sync {words.clock_time(at, zone)}." if at is not None else "No full sync yet."
    return f"{when} {waiting:,} in outbox."


def skew_line(skew_ms: int) -> str | None:
    """What is said of a clock that is far off; None where it is near enough."""
    if abs(skew_ms) < SKEW_TOLD_MS:
        return None
    side = "ahead of" if skew_ms > 0 else "behind"
    length = words.exact(abs(skew_ms) // 60_000 * 60_000)
    return f"This computer's clock is {length} {side} the hub's. Times that you see here are off by as much."


def link_sentence(before: Link | None, status: LinkStatus, zone: str) -> str | None:
    """What is read out when the connection becomes another one; None where nobody needs to hear of it."""
    if before is None or before == status.link:
        return None
    if status.link == "synced" and before not in ("syncing", "connecting"):
        return "Connected again, everything is synced."
    if status.link in STANDS_STILL:
        face = banner_face(status, SyncIssues(connected=True), zone)
        return f"{face.lead} {face.rest}" if face is not None else None
    return None


def first_name(person: str) -> str:
    """`Jon` of `Jon Alvarez`."""
    return person.split()[0] if person.split() else person


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
