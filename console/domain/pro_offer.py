"""The reply that offers Pro hours: the work, how long it is likely to take, what to buy, and the terms in plain words.

Source: spec pro_services.md 1. Pure text without markup; the person who sends it may change every word. Called by the
desk for "Offer Pro hours" on any ticket. Lengths are seconds, instants epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from console.domain.opening_hours import WEEKDAYS, read_wall_time
from console.domain.pro_estimates import AVERAGES
from console.domain.pro_events import ScopeItem
from console.domain.pro_settings import ProSettings
from console.domain.words import clock_time, exact, full

_DEFAULTS: Final = ProSettings()
_EASTERN: Final = "America/New_York"
_UTC: Final = "+00:00"
_DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def offer_text(
    contact: str | None,
    items: Sequence[ScopeItem],
    total_s: int,
    settings: ProSettings = _DEFAULTS,
    *,
    product: str = "CAS",
    renewal_at: int | None = None,
) -> str:
    """The text of the reply. `total_s` is what to buy (`pro_estimates.total`); one of 0 seconds has no estimate yet.

    `renewal_at` is the account's next renewal where it is known, said in the service window's zone.
    """
    paragraphs = [
        f"Hello {contact}," if contact else "Hello,",
        _opening(product),
        "\n".join(_listed(items)),
        f"{AVERAGES} {_purchase(items, total_s, product)}",
        "\n".join(("Before the work starts we need:", *_conditions(settings))),
        "\n".join(("How the hours count:", *_terms(settings, renewal_at))),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _opening(product: str) -> str:
    return (
        f"{product} does not automate what you ask for, but one of our engineers can do it with you as Professional "
        "Services. This is the work as we understand it:"
    )


def _listed(items: Sequence[ScopeItem]) -> Iterator[str]:
    """A line an item, with its estimate."""
    for item in items:
        takes = f"about {exact(item.estimate_s * 1000)}" if item.estimate_s else "to be estimated together"
        yield f"- {item.title}: {takes}"
    if not items:
        yield "- Tell us what is to be done, and we estimate it together."


def _purchase(items: Sequence[ScopeItem], total_s: int, product: str) -> str:
    """T1 and T2: hours are bought in the product, and the purchase opens the ticket that the work follows from."""
    if not total_s:
        return f"Once the work is estimated, the hours are bought in {product}; the purchase opens the ticket for it."
    besides = " for what is estimated so far" if any(not item.estimate_s for item in items) else ""
    return (
        f"To go ahead, buy {exact(total_s * 1000)} of Pro hours in {product}{besides}. "
        "The purchase opens a ticket, and we work from that ticket."
    )


def _conditions(settings: ProSettings) -> Iterator[str]:
    """T3 to T6 and T12, a line each."""
    yield "- Access to every system that the work touches, tried before the day."
    yield "- The scope in writing, agreed by you and by our engineer."
    yield (
        "- A contact at the partner who is there during the work. We deal with partners only; bringing in a third "
        "party and passing information on is the partner's part."
    )
    yield (
        f"- A time that suits us both, {_window(settings)}. Work after hours is possible where it is time-sensitive "
        "and both of us agree to it before the work starts."
    )


def _terms(settings: ProSettings, renewal_at: int | None) -> Iterator[str]:
    """T7 and T9 to T11, a line each."""
    when = "" if renewal_at is None else f", which is next on {full(renewal_at, settings.window_tz)}"
    yield f"- Hours live until the monthly renewal of your subscription{when}. What is not used by then is lost."
    yield (
        "- Once started, the work goes on until the scope is complete or the hours are used up, whichever comes first. "
        "If the day ends before, the same engineer goes on the next business day."
    )
    lost = "of the whole purchase" if settings.forfeit_scope == "purchase" else "of the hours agreed for it"
    yield f"- If the scope is complete earlier, the time left {lost} is lost."


def _window(settings: ProSettings) -> str:
    """`Monday to Friday between 9:00 AM and 6:00 PM Eastern`."""
    opens, closes = (
        clock_time(read_wall_time(wall, "window"), _UTC) for wall in (settings.window_open, settings.window_close)
    )
    zone = "Eastern" if settings.window_tz == _EASTERN else f"({settings.window_tz})"
    return f"{_days(settings)} between {opens} and {closes} {zone}"


def _days(settings: ProSettings) -> str:
    """The days of the window: a run by its ends, others one by one."""
    open_days = [n for n, day in enumerate(WEEKDAYS) if day in settings.window_days]
    names = [_DAY_NAMES[n] for n in open_days]
    if len(names) > 1 and open_days[-1] - open_days[0] == len(names) - 1:
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)
