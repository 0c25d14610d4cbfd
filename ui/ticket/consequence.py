"""What writing does to the clocks, said before it is done (design language 4.5, spec sla.md 3). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console.domain import words
from console.domain.clock import Clock
from console.domain.queue import Level
from ui.ticket.clock_face import clock_level, shown_clocks


@dataclass(frozen=True, slots=True)
class Consequence:
    """`short` stands beside the button, `full` in its tooltip; `level` is that of the worst clock it stops."""

    short: str
    full: str
    level: Level | None


QUIET = Consequence("", "", None)

_REPLY_CLOCKS = ("first_reply", "next_reply")
_UPDATE_CLOCKS = ("periodic_update", "pausable_update")


def consequence(clocks: Iterable[Clock], now: int, *, public: bool, opened_by: str = "customer") -> Consequence:
    """What sending (or, with `public` false, saving a note) does now.

    A public message stops the running reply clocks and starts the update clock anew. A note stops nothing, except the
    first reply of a monitoring ticket, which is fulfilled by the first act of a person.
    """
    running = [clock for clock in shown_clocks(clocks) if clock.ended_at is None]
    verb = "Sending" if public else "Saving"
    stopped = [clock for clock in running if clock.metric in _REPLY_CLOCKS]
    if not public:
        stopped = [clock for clock in stopped if clock.metric == "first_reply" and opened_by == "monitoring"]
    restarted = [clock for clock in running if clock.metric in _UPDATE_CLOCKS] if public else []
    if not stopped and not restarted:
        return QUIET
    phrases = []
    if stopped:
        phrases.append("stops " + " and ".join(words.METRIC_NAMES[clock.metric] for clock in stopped))
    if restarted:
        phrases.append("restarts " + " and ".join(words.METRIC_NAMES[clock.metric] for clock in restarted))
    worst = (stopped or restarted)[0]
    return Consequence(f"{verb} {phrases[0]}", f"{verb} {' and '.join(phrases)}", clock_level(worst, now))
