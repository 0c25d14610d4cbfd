"""How long work is likely to take: the reference durations of the terms, by proportion, and how many hours to buy.

Source: spec pro_services.md 1 (T13) and 3 (49). Pure; called by the dialog of the scope, by "Offer Pro hours" and by
whoever compares an estimate with the time used. Lengths are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from console.domain.errors import ConsoleError
from console.domain.pro_events import ScopeItem
from console.domain.pro_settings import ProSettings
from console.domain.words import exact

AVERAGES: Final = "The estimates are averages: the applications, their vendors and the method of migration change them."
"""For people who buy as well, so it names no term; it is T13's."""

EstimateKind = Literal["applications", "migration", "office365", "vpn", "other"]

_DEFAULTS: Final = ProSettings()
_HOUR_S: Final = 3600
_APPLICATIONS: Final = (5, _HOUR_S)
_GIGABYTES: Final = (500, 2 * _HOUR_S)
"""A reference: so much work, and the seconds that it takes on average."""


class EstimateError(ConsoleError):
    """A quantity of work that cannot be."""


class Applications(msgspec.Struct, frozen=True):
    """So many common applications on each of some servers, without their vendors' help."""

    count: int
    servers: int = 1


class Migration(msgspec.Struct, frozen=True):
    gigabytes: int


class Office365(msgspec.Struct, frozen=True):
    installations: int = 1


class Vpn(msgspec.Struct, frozen=True):
    """A VPN to a Google site has a reference; one to anywhere else has none, and somebody has to say how long."""

    google_site: bool


Work: TypeAlias = Applications | Migration | Office365 | Vpn


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """How long a piece of work is likely to take.

    `seconds` is the reference by proportion, None where the terms have none. `basis` says in a sentence where it comes
    from. `agreed_s` is the time that engineer and customer agreed instead: it always overrides (T4).
    """

    kind: EstimateKind
    title: str
    seconds: int | None
    basis: str
    agreed_s: int | None = None

    @property
    def time_s(self) -> int | None:
        """The time that counts; None while a free estimate is required."""
        return self.seconds if self.agreed_s is None else self.agreed_s

    def agreed(self, seconds: int) -> Estimate:
        """The same work with the time that was agreed for it."""
        if seconds <= 0:
            raise EstimateError("An agreed time is more than 0 minutes.")
        return replace(self, agreed_s=seconds)


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What several pieces of work take together, and the hours to buy for them.

    `proportion_s` is the bare sum and `seconds` what is to be bought after `estimate.rounding`. `unknown` are the
    pieces of which nobody said yet how long they take: they are in neither figure.
    """

    proportion_s: int
    seconds: int
    unknown: tuple[Estimate, ...] = ()


def estimate(work: Work) -> Estimate:
    """The reference duration of a piece of work. EstimateError for a quantity below 1."""
    match work:
        case Applications(count=count, servers=servers):
            _at_least_one(count, "applications")
            _at_least_one(servers, "servers")
            title = f"Install {_counted(count, 'application')}"
            return Estimate(
                kind="applications",
                title=title if servers == 1 else f"{title} on each of {servers} servers",
                seconds=_share(count * servers, *_APPLICATIONS),
                basis="Five common applications on one server take 1h on average, without their vendors (T13).",
            )
        case Migration(gigabytes=gigabytes):
            _at_least_one(gigabytes, "gigabytes")
            return Estimate(
                kind="migration",
                title=f"Migrate {gigabytes:,} GB of data",
                seconds=_share(gigabytes, *_GIGABYTES),
                basis="The migration of 500 GB takes 2h on average (T13).",
            )
        case Office365(installations=installations):
            _at_least_one(installations, "installations")
            return Estimate(
                kind="office365",
                title="Install Office 365" if installations == 1 else f"Install Office 365, {installations} times",
                seconds=installations * _HOUR_S,
                basis="An Office 365 installation takes 1h on average (T13).",
            )
        case Vpn(google_site=True):
            return Estimate(
                kind="vpn",
                title="Set up a VPN to a Google site",
                seconds=_HOUR_S,
                basis="A VPN to a Google site takes 1h on average (T13).",
            )
        case Vpn():
            return Estimate(
                kind="vpn",
                title="Set up a VPN",
                seconds=None,
                basis="There is no reference for a VPN elsewhere than at a Google site: it needs its own estimate.",
            )


def total(estimates: Sequence[Estimate], settings: ProSettings = _DEFAULTS) -> Total:
    """The hours to buy: the proportions are added up and then rounded, to whole hours upwards unless the setting says
    otherwise (scenario 49). Agreed times are taken as they were agreed, not rounded (T4)."""
    by_reference = sum(e.seconds or 0 for e in estimates if e.agreed_s is None)
    agreed = sum(e.agreed_s or 0 for e in estimates)
    to_buy = by_reference if settings.estimate_rounding == "none" else -(-by_reference // _HOUR_S) * _HOUR_S
    return Total(
        proportion_s=by_reference + agreed,
        seconds=to_buy + agreed,
        unknown=tuple(e for e in estimates if e.time_s is None),
    )


def total_sentence(found: Total) -> str:
    """What the total says to a person, with what it leaves out."""
    said = f"By proportion the work takes {exact(found.proportion_s * 1000)}"
    if found.seconds != found.proportion_s:
        said += f": buy {exact(found.seconds * 1000)}"
    if found.unknown:
        missing = " and ".join(f'"{e.title}"' for e in found.unknown)
        said += f"; {missing} {'has' if len(found.unknown) == 1 else 'have'} no estimate yet"
    return f"{said}."


def scope_items(estimates: Sequence[Estimate]) -> tuple[ScopeItem, ...]:
    """The items of a written scope, numbered in their order; 0 seconds where nobody said how long they take."""
    return tuple(ScopeItem(f"{e.kind}-{n}", e.title, e.time_s or 0) for n, e in enumerate(estimates, 1))


def _share(quantity: int, of: int, takes_s: int) -> int:
    """By proportion, in whole seconds upwards."""
    return -(-quantity * takes_s // of)


def _at_least_one(quantity: int, what: str) -> None:
    if quantity < 1:
        raise EstimateError(f"An estimate needs the number of {what}, at least 1, not {quantity}.")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
