"""What a person writes after `support-console pro`: instants, lengths, items of a scope, the thing that they mean.

Unlike elsewhere, an instant without an offset is a wall time of the service window's zone, as everybody says who agrees
a slot; one that its clocks show twice or never is refused (spec pro_services.md 3, scenario 15). Instants are epoch ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import ScopeLine
    from console.domain.pro_events import ScopeItem
    from console.domain.pro_settings import ProSettings

WALL_TIMES: Final = (
    "T is an instant in ISO 8601 or now; without an offset it is a wall time of the service window's zone."
)
_HOURS: Final = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_T = TypeVar("_T")


class ProArgumentError(ConsoleError):
    """An option of `pro` says something that cannot be."""


def instant_of(text: str, now: int, zone: str) -> int:
    """As `instants.instant`, but an instant without an offset is read in the zone."""
    from datetime import datetime

    from console.cli.instants import InstantError, instant
    from console.domain.service_window import wall_instant

    at = instant(text, now)
    if text.strip().lower() == "now":
        return at
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:  # a shape that tells no offset from none
        raise InstantError(f'"{text}" is not an instant: write it like 2027-01-12T10:00, or with an offset.') from None
    return at if moment.tzinfo is not None else wall_instant(moment, zone)


def renewal_of(text: str, now: int, settings: ProSettings) -> int:
    """Billing's instant; of a date alone, the time of day that the settings name."""
    from datetime import date

    from console.domain.service_window import renewal_on

    try:
        return renewal_on(date.fromisoformat(text.strip()), settings)
    except ValueError:
        return instant_of(text, now, settings.window_tz)


def seconds_of(text: str, option: str = "--hours") -> int:
    """Whole seconds of an amount of work, at least one: a bare number is hours."""
    from decimal import Decimal

    from console.cli.instants import LengthError, seconds

    name = text.strip()
    try:
        length = round(seconds(f"{Decimal(name) * 3600:f}" if _HOURS.fullmatch(name) else name))
    except LengthError:
        length = 0
    if length == 0:
        raise ProArgumentError(
            f'{option}: "{text}" is not an amount of work: write hours such as 2.5, or a length such as 1h30m.'
        )
    return length


def scope_items(texts: Iterable[str], option: str, known: Sequence[ScopeLine] = ()) -> list[ScopeItem]:
    """The items of a scope, each written as `Title=1h30m`, or as a title alone where nobody estimated it yet.

    An item that the scope has already, by its title, stays the same item: what was done of it counts on.
    """
    from console.domain.pro_events import ScopeItem

    ids = {line.title.casefold(): line.id for line in known}
    found: list[ScopeItem] = []
    for text in texts:
        title, equals, length = (part.strip() for part in text.rpartition("="))
        title = title if equals else text.strip()
        if not title:
            raise ProArgumentError(f'{option}: "{text}" has no title: write an item like "Set up the VPN=1h".')
        if title.casefold() in (item.title.casefold() for item in found):
            raise ProArgumentError(f'{option}: "{title}" is there twice.')
        id = ids.get(title.casefold()) or _new_id([*ids.values(), *(item.id for item in found)])
        found.append(ScopeItem(id, title, seconds_of(length, option) if equals else 0))
    return found


def _new_id(taken: Sequence[str]) -> str:
    return next(id for id in _numbered_ids() if id not in taken)


def _numbered_ids() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"item-{number}"


def account_of(pro: ProDesk, text: str) -> str:
    """The account that a text names: its name, or any name of one of its engagements."""
    name = text.strip().casefold()
    for account in pro.hours.accounts():
        if account.casefold() == name:
            return account
    return pro.page(pro.find(text)).row.account


def chosen(things: Sequence[tuple[str, _T]], text: str | None, what: str, *, option: str) -> _T:
    """The one of several things that is meant, each given with its id: the only one, or the one whose place in the
    list (from 1) or whose id's beginning the text is."""
    if not things:
        raise ProArgumentError(f"There is no {what}.")
    if text is None:
        if len(things) == 1:
            return things[0][1]
        raise ProArgumentError(f"There are {len(things)} {what}s: say which with {option} 1 to {len(things)}.")
    name = text.strip()
    if name.isdecimal() and 1 <= int(name) <= len(things):
        return things[int(name) - 1][1]
    found = [thing for id, thing in things if name and id.startswith(name)]
    if len(found) != 1:
        raise ProArgumentError(
            f'{option}: "{text}" names no {what}; give its number from 1 to {len(things)}, or its id.'
        )
    return found[0]
