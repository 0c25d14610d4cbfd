"""A purchase taken apart for its bar and its legend: what is gone, what is left, and how each part is drawn.

Pure. The parts that are shown add up to the purchase, those that are left to the heading (design language 4.8). Amounts
are ms. Called by the hours card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.desk.pro.views import Hours
from ui.pro import amounts

Style = Literal["used", "session", "elsewhere", "gap", "planned", "not_planned", "forfeited", "expired", "refunded"]

_LABELS: Final[dict[Style, str]] = {
    "used": "Used earlier",
    "session": "This session",
    "elsewhere": "Other tickets",
    "gap": "Gap to answer",
    "planned": "Planned",
    "not_planned": "Not planned",
    "forfeited": "Forfeited",
    "expired": "Expired",
    "refunded": "Refunded",
}
_LEFT: Final = ("planned", "not_planned")
_NOTCHES: Final = 5
_HOUR_MS: Final = 3_600_000
_STEPS_MS: Final = (900_000, 1_800_000, *(hours * _HOUR_MS for hours in (1, 2, 3, 4, 6, 8, 10, 12, 20, 24, 40, 80)))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar: its true length, and what is written for it."""

    style: Style
    label: str
    ms: int
    shown_ms: int

    @property
    def is_left(self) -> bool:
        return self.style in _LEFT


def parts(hours: Hours, *, planned_today: bool = False) -> tuple[Part, ...]:
    """The parts that there are, in the order of the bar: what was worked, what is left, what was lost."""
    unit = amounts.unit_of(hours.bought_ms)
    lengths: dict[Style, int] = {
        "used": hours.used_ms,
        "elsewhere": hours.elsewhere_ms,
        "session": hours.session_ms,
        "gap": hours.open_gap_ms,
        "planned": hours.planned_ms,
        "not_planned": hours.not_planned_ms,
        "forfeited": hours.forfeited_ms,
        "expired": hours.expired_ms,
        "refunded": hours.refunded_ms,
    }
    left = [style for style in lengths if style in _LEFT]
    gone = [style for style in lengths if style not in _LEFT]
    left_ms = amounts.floored(hours.left_ms, unit)
    shown = {
        **_rounded(left, lengths, left_ms, unit),
        **_rounded(gone, lengths, amounts.floored(sum(lengths.values()), unit) - left_ms, unit),
    }
    found = []
    for style, ms in lengths.items():
        if ms > 0:
            today = " today" if style == "planned" and planned_today else ""
            found.append(Part(style, _LABELS[style] + today, ms, shown[style]))
    return tuple(found)


def summary(hours: Hours, shown: Sequence[Part]) -> str:
    """The bar in one sentence, for people who listen."""
    told = ", ".join(f"{part.label.lower()} {amounts.spoken(part.shown_ms)}" for part in shown)
    return f"{amounts.spoken(hours.left_ms)} left of {amounts.spoken(hours.bought_ms)}: {told or 'nothing'}"


def notches(bought_ms: int) -> tuple[tuple[int, str], ...]:
    """The marks below the bar, (ms, label); unlabelled ones between them have an empty label. The purchase ends it."""
    if bought_ms <= 0:
        return ()
    step = next((step for step in _STEPS_MS if bought_ms <= _NOTCHES * step), _STEPS_MS[-1])
    between = _HOUR_MS if step > _HOUR_MS and bought_ms <= 24 * _HOUR_MS else step
    marks = dict.fromkeys(range(0, bought_ms, between), "")
    marks |= {at: amounts.amount(at) if at else "0" for at in range(0, bought_ms - step // 2, step)}
    marks[bought_ms] = amounts.amount(bought_ms)
    return tuple(sorted(marks.items()))


def _rounded(styles: list[Style], lengths: dict[Style, int], total_ms: int, unit: int) -> dict[Style, int]:
    there = [style for style in styles if lengths[style] > 0]
    return dict(zip(there, amounts.adding_up_to(total_ms, [lengths[style] for style in there], unit), strict=True))
