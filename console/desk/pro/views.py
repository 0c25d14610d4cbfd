"""What the desk answers about Pro services: frozen shapes for the window, the command line and paper.

No rules here. Built by `pages` from the folded account and its metering; instants are epoch ms (UTC), amounts ms,
signed as in the ledger. `as_of` is the instant that an answer was made for; what runs on is worked out from it by
arithmetic (`domain.pro_running`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from console.domain.calendar import Period
from console.domain.metering import LineKind
from console.domain.pro_events import Purpose
from console.domain.pro_gate import SessionState
from console.domain.pro_running import Running

Need = Literal["gap", "running", "slot_today", "carried", "expiring", "gate", "ready", "closed"]
"""What an engagement waits for, the most pressing first: an answer about a gap, its running session, today's slot, the
rest of a session, hours that expire soon, the gate, an agreed slot on another day, nothing."""


class EngagementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of engagements.

    `detail` is the kind of a pause or the reason of a close. `need_text` says in a few words what to do or wait for.
    `slot` is the slot that is agreed next or runs now. `gate_met` of `gate_of` parts of the gate are in hand.
    """

    ticket: str
    number: int | None
    subject: str
    account: str
    contact: str | None
    owner: str | None
    state: SessionState
    detail: str | None
    need: Need
    need_text: str
    bought_ms: int
    left_ms: int
    expires_at: int | None
    slot: Period | None
    gate_met: int
    gate_of: int
    is_mine: bool


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """The lots of an engagement, taken apart: the parts add up to `bought_ms`.

    `used_ms` was drawn by earlier sessions, `session_ms` by the present one, `elsewhere_ms` by other engagements on the
    same lots; `planned_ms` is reserved to agreed slots and not worked yet, `open_gap_ms` is kept for gaps without an
    answer. `left_ms` is what is planned and what is not.
    """

    bought_ms: int
    used_ms: int
    session_ms: int
    elsewhere_ms: int
    open_gap_ms: int
    planned_ms: int
    not_planned_ms: int
    forfeited_ms: int
    expired_ms: int
    refunded_ms: int
    expires_at: int | None
    purchases: tuple[str, ...]

    @property
    def left_ms(self) -> int:
        return self.planned_ms + self.not_planned_ms


class ScopeLine(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the agreed scope, and the metered time that was worked on it."""

    id: str
    title: str
    done: bool
    estimate_ms: int
    used_ms: int
    is_current: bool


class ScopeView(msgspec.Struct, frozen=True, kw_only=True):
    """The written scope. `requested` are asks that nobody agreed: (asked at, title). `version` is 0 without a scope."""

    version: int
    agreed_at: int | None
    agreed_by: tuple[str, ...]
    lines: tuple[ScopeLine, ...]
    requested: tuple[tuple[int, str], ...]
    still_estimated_ms: int
    fits: bool
    fits_text: str


GateSubject = Literal["purchase", "scope", "access", "contact", "slot", "after_hours"]


class GateLine(msgspec.Struct, frozen=True):
    """A part of the gate: met or not, and what is known of it. `after_hours` does not hold a start back."""

    subject: GateSubject
    met: bool
    text: str


class AccessLine(msgspec.Struct, frozen=True):
    item: str
    received: bool
    text: str


class ConsentLine(msgspec.Struct, frozen=True):
    """An after-hours consent; `flaw` says why it does not count, None where it does."""

    id: str
    begins_at: int
    ends_at: int
    withdrawn: bool
    flaw: str | None


class SlotLine(msgspec.Struct, frozen=True, kw_only=True):
    """An agreed slot that was not released; `warning` where it cannot be kept (18, 38, 79).

    `parts` are its stretches of work: one, or one a day where the window closes in between (T9). `moves` counts how
    often it was moved.
    """

    id: str
    begins_at: int
    ends_at: int
    seconds: int
    engineer: str
    parts: tuple[Period, ...] = ()
    moves: int = 0
    warning: str | None = None


class Ruler(msgspec.Struct, frozen=True, kw_only=True):
    """One day of work: the window's zone above, the other zone below where it differs.

    `open` are the window's spans of the day, `consented` the spans that a consent adds, `worked` the metered ones,
    `unmetered` what was worked besides, `paused` the interruptions, `planned` the rest of the slot, `others` the
    engineer's other slots with the account they are for. `begins_at` to `ends_at` is what is drawn.
    """

    begins_at: int
    ends_at: int
    zone: str
    other_zone: str | None
    other_name: str
    open: tuple[Period, ...]
    consented: tuple[Period, ...]
    slot: Period | None
    worked: tuple[Period, ...]
    unmetered: tuple[Period, ...]
    paused: tuple[Period, ...]
    planned: tuple[Period, ...]
    others: tuple[tuple[int, int, str], ...]


LogKind = Literal["started", "noted", "paused", "gap", "stopped", "handed_over", "completed", "undone", "no_show"]


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in a session, newest first. `aside` stands on the right: the item, `4m, not charged`."""

    at: int
    ends_at: int | None
    kind: LogKind
    text: str
    aside: str = ""
    who: str = ""


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger with the balance after it; a planned one has not happened and moves no balance of others."""

    at: int
    kind: LineKind | Literal["planned"]
    text: str
    change_ms: int
    balance_ms: int
    lot: str | None
    cause: str | None


class GapQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A gap that waits for an answer: `worked` (unattended), `not_worked`, or `ended` at its beginning (65)."""

    id: str
    ticket: str
    number: int | None
    subject: str
    account: str
    engineer: str
    begins_at: int
    ends_at: int
    cause: str
    confidence: Literal["measured", "lower"]


class Undo(msgspec.Struct, frozen=True):
    """A completion that can still be undone until `until`."""

    completion: str
    at: int
    until: int
    forfeits_ms: int


class EngagementPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the session page shows of one engagement, as of `as_of`.

    `session` counts the sessions of the engagement from 1. `may_start` is None, or the sentence that says why not.
    `running` is my session on the engagement, else a colleague's. `completing_loses_ms` is what completing now would
    forfeit. `carries_to` is where the rest would go on after today. `pause_kinds` are (name, metered). `wrap_up_until`
    is the end of the unmetered minutes after exhaustion (53).
    """

    row: EngagementRow
    zone: str
    as_of: int
    session: int
    hours: Hours
    scope: ScopeView
    access: tuple[AccessLine, ...]
    gate: tuple[GateLine, ...]
    consents: tuple[ConsentLine, ...]
    slots: tuple[SlotLine, ...]
    contact: str | None
    ruler: Ruler
    running: Running | None
    running_is_mine: bool
    running_elsewhere: str | None
    log: tuple[LogLine, ...]
    ledger: tuple[LedgerRow, ...]
    gaps: tuple[GapQuestion, ...]
    undo: Undo | None
    may_start: str | None
    completing_loses_ms: int
    carries_to: int | None
    warnings: tuple[str, ...]
    pause_kinds: tuple[tuple[str, bool], ...]
    wrap_up_until: int | None
    needs_newer_app: bool


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What every screen shows of Pro: my running sessions, questions about gaps, and else the next slot of mine."""

    running: tuple[StripSession, ...]
    gaps: tuple[GapQuestion, ...]
    next_slot: NextSlot | None
    running_in_team: int


class StripSession(msgspec.Struct, frozen=True, kw_only=True):
    """A running session for the strip: whose, what, and the figures from which each second follows.

    `interruptions` are today's spans in which the session was not metered, for the gaps in the slot's bar.
    """

    ticket: str
    number: int | None
    subject: str
    account: str
    running: Running
    bought_ms: int
    left_ms: int
    interruptions: tuple[Period, ...]


class NextSlot(msgspec.Struct, frozen=True):
    ticket: str
    account: str
    begins_at: int
    ends_at: int


class Warned(msgspec.Struct, frozen=True):
    """A warning that just became due, raised once: `80%`, `window closes in 15m, ...`."""

    ticket: str
    key: str
    sentence: str


class TickReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the clocks found. `changed` says that entries were written: screens ask again."""

    now: int
    changed: bool = False
    warned: tuple[Warned, ...] = ()
    stopped: tuple[str, ...] = ()
    """Sentences about sessions that were stopped at their limit."""
    gaps: tuple[GapQuestion, ...] = ()


class TimeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A segment, by its id, as the session report lists it. `ended_for` is why it stopped; None while it runs."""

    engineer: str
    begins_at: int
    ends_at: int | None
    metered_ms: int
    purpose: Purpose
    ended_for: str | None
    unmetered: tuple[tuple[int, int, str], ...]
    interruptions: tuple[tuple[int, int, str, bool], ...]
    """From, to, kind, metered."""
    notes: tuple[str, ...]
    unattended_job: str | None
    segment: str = ""


class SessionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the partner is given: the scope and what of it is done, when was worked, what was used, lost and is left."""

    account: str
    ticket: str
    number: int | None
    subject: str
    contact: str | None
    engineers: tuple[str, ...]
    purchases: tuple[str, ...]
    zone: str
    as_of: int
    state: SessionState
    detail: str | None
    scope: ScopeView
    entries: tuple[TimeEntry, ...]
    hours: Hours
    corrections: tuple[tuple[int, int, str], ...]
    """When, ms (positive: more time), reason."""


class LedgerView(msgspec.Struct, frozen=True, kw_only=True):
    """An account's ledger, oldest first, with the balance after each line; of one period or of all time."""

    account: str
    zone: str
    as_of: int
    period: Period | None
    rows: tuple[LedgerRow, ...]
    balance_ms: int
    remarks: tuple[str, ...]
    needs_newer_app: bool
