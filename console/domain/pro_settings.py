"""What the terms of Professional Services leave open, each as a setting with its stated default.

Source: spec pro_services.md 4; the comment at each group names the scenarios. A setting is named as there, with an
underscore for the dot. Pure shapes and their checks. `service_window` and `pro_plan` read the ones about time.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from console.domain.errors import ConsoleError
from console.domain.opening_hours import CalendarError, read_wall_time, read_zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Commencement = Literal["first_start", "each_day"]

FEDERAL: Final = "us-federal"
NO_HOLIDAYS: Final = "none"

_FIXED_BY_ACCIDENT: Final = frozenset({"EST", "MST", "HST"})
"""Keys of the zone database that keep winter time all year, which hardly anybody means who writes them."""
_LONGEST_UNDO_S: Final = 3600


class ProSettingsError(ConsoleError):
    """A setting has a value that it cannot have; the sentence names the setting."""


class DateException(msgspec.Struct, frozen=True):
    """A date with hours of its own: an early closing, an office closure (no hours), a holiday that is worked.

    `hours` are pairs of wall times (`HH:MM`) in the window's zone. It counts from `published_at` (epoch ms) on: what
    is published after the work of its date has begun does not shorten that work (scenario 17).
    """

    day: date
    hours: tuple[tuple[str, str], ...] = ()
    published_at: int = 0


class PauseKind(msgspec.Struct, frozen=True):
    """A kind of interruption, whose side it is on, and whether the clock goes on meanwhile (scenarios 47 and 58)."""

    name: str
    side: Literal["engineer", "partner"]
    metered: bool


OTHER_TICKET: Final = "other ticket"
"""The interruption in which the engineer works on somebody else's ticket. It is always among the kinds."""
THIRD_PARTY: Final = "third party"
"""The wait that a third party causes. It is always among the kinds, metered as `third_party.wait` says (47)."""

PAUSE_KINDS: Final = (
    PauseKind("lunch", "engineer", metered=False),
    PauseKind("illness", "engineer", metered=False),
    PauseKind("tool failure", "engineer", metered=False),
    PauseKind(OTHER_TICKET, "engineer", metered=False),
    PauseKind("waiting for the partner", "partner", metered=True),
    PauseKind("lost access", "partner", metered=True),
)


class ProSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of Professional Services. Names end in their unit; wall times are `HH:MM`.

    Zones are IANA names or fixed offsets such as "-05:00". ProSettingsError where a value cannot be.
    """

    # The service window: 11, 17. Holidays, by the name of a list or the path of a file: 4, 5.
    window_tz: str = "America/New_York"
    window_open: str = "09:00"
    window_close: str = "18:00"
    window_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    window_exceptions: tuple[DateException, ...] = ()
    calendar_holidays: str = FEDERAL

    # After-hours consent: what it has to precede (21), and from when its withdrawal counts (25).
    consent_commencement: Commencement = "first_start"
    consent_withdrawal: Literal["when_recorded", "not_possible"] = "when_recorded"

    # The renewal: billing's instant, else this wall time on its date (28, 29); in short months their last day (30).
    renewal_time: str = "00:00"
    renewal_tz: str = "America/New_York"
    renewal_anchor: Literal["clamp_keep_anchor"] = "clamp_keep_anchor"
    cancel_hours: Literal["paid_period_end", "at_once"] = "paid_period_end"

    # What completion forfeits (51), and how long it can be undone (50, 56).
    forfeit_scope: Literal["allocation", "purchase"] = "allocation"
    forfeit_undo_s: int = 300

    # What is metered: two engineers (61), pauses (58), third parties (47), rework (57), rounding (80; None is exact).
    engineers_metering: Literal["elapsed_once", "sum"] = "elapsed_once"
    pause_kinds: tuple[PauseKind, ...] = PAUSE_KINDS
    third_party_wait: Literal["metered", "excluded"] = "metered"
    rework_metering: Literal["unmetered", "new_session"] = "unmetered"
    rounding_min: int | None = None
    wrapup_unmetered_min: int = 10

    # A partner who does not show up (45; None charges nothing), and estimates (49).
    noshow_after_min: int = 15
    noshow_charge_min: int | None = None
    estimate_rounding: Literal["ceil_hour", "none"] = "ceil_hour"

    # The machine and its clock: gaps (65), idleness (59), skew and time offline (72, 73).
    gap_min_s: int = 120
    gap_default: Literal["reserved", "metered", "excluded"] = "reserved"
    idle_action: Literal["annotate", "prompt"] = "annotate"
    clock_max_skew_s: int = 60
    offline_max_h: int = 8

    # Warnings (consequence 5 and the guard), and a second session beside an unattended one (63).
    alerts_pct: tuple[int, ...] = (50, 80, 95, 100)
    alerts_min: tuple[int, ...] = (30, 15, 5)
    parallel_unattended: Literal["off", "with_lead"] = "off"

    def __post_init__(self) -> None:
        _check_zone("window.tz", self.window_tz)
        _check_zone("renewal.instant", self.renewal_tz)
        if _wall_time("window.open", self.window_open) >= _wall_time("window.close", self.window_close):
            raise ProSettingsError(f"window.close: {self.window_close} does not come after {self.window_open}.")
        _wall_time("renewal.instant", self.renewal_time)
        if not 0 <= self.forfeit_undo_s <= _LONGEST_UNDO_S:
            raise ProSettingsError(f"forfeit.undo_s: {self.forfeit_undo_s} is not between 0 and {_LONGEST_UNDO_S}.")
        msgspec.structs.force_setattr(self, "pause_kinds", _with_own_kinds(self.pause_kinds, self.third_party_wait))

    @property
    def window_day_ms(self) -> int:
        """How long an ordinary day's window is on the wall: the most that fits in one business day without consent."""
        return _wall_time("window.close", self.window_close) - _wall_time("window.open", self.window_open)


def _with_own_kinds(kinds: tuple[PauseKind, ...], wait: Literal["metered", "excluded"]) -> tuple[PauseKind, ...]:
    """The kinds, and those that the console itself names: another ticket, and the third party's wait, which is never
    metered where it is excluded."""
    if all(kind.name != OTHER_TICKET for kind in kinds):
        kinds = (*kinds, PauseKind(OTHER_TICKET, "engineer", metered=False))
    if all(kind.name != THIRD_PARTY for kind in kinds):
        return (*kinds, PauseKind(THIRD_PARTY, "partner", metered=wait == "metered"))
    if wait == "metered":
        return kinds
    return tuple(PauseKind(k.name, k.side, k.metered and k.name != THIRD_PARTY) for k in kinds)


def _check_zone(key: str, zone: str) -> None:
    """`EST` is refused: the zone database keeps it at -05:00 in summer too (scenario 11)."""
    if zone.upper() in _FIXED_BY_ACCIDENT:
        raise ProSettingsError(
            f'{key}: "{zone}" has no daylight saving time, all year; write a place such as "America/New_York", '
            'or if that is what you mean an offset such as "-05:00".'
        )
    try:
        read_zone(zone)
    except CalendarError as error:
        raise ProSettingsError(f"{key}: {error.sentence.removeprefix('timezone: ')}") from None


def _wall_time(key: str, text: str) -> int:
    """Ms after midnight."""
    try:
        return read_wall_time(text, key)
    except CalendarError as error:
        raise ProSettingsError(error.sentence) from None
