"""Laws of metering over generated weeks of work: an oracle that counts minute by minute, and what holds for any story.

All instants are whole minutes, so that the oracle can step through them. Wall times are New York's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain import pro_events as pe
from console.domain.events import Entry, Event, offer
from console.domain.metering import Metering, measure
from console.domain.pro import fold
from console.domain.pro_settings import ProSettings
from console.domain.spans import length, shared
from console.domain.stamp import Head, stamp
from console.domain.worked_time import allowed_hours
from tests.domain.new_york import ny
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR_MS, MINUTE_MS, STREAM

FROM = ny("2027-01-14 07:00")
"""A Thursday; the Monday after is a holiday."""
MINUTES = 6 * 24 * 60
AS_OF = FROM + (MINUTES + 600) * MINUTE_MS
RENEWAL = ny("2027-01-19 12:30")
FAR = ny("2027-02-19 12:30")
WINDOW_MINUTES = 9 * 60
UNMETERED_PAUSES = {"lunch", "illness", "tool failure"}

Fact = tuple[str, int, Event]
"""Id, instant and event of an entry to be."""


class Work(msgspec.Struct, frozen=True):
    """One segment as told: minutes from FROM. `pauses` are (from, to, kind), `gaps` (from, to, answer)."""

    id: str
    engineer: str
    begins: int
    stops: tuple[int, ...]
    pauses: tuple[tuple[int, int, str], ...]
    gaps: tuple[tuple[int, int, str | None], ...]

    def facts(self) -> Iterator[Fact]:
        yield self.id, _at(self.begins), pe.SegmentStarted(engagement="t-1", engineer=self.engineer)
        for n, (begins, ends, kind) in enumerate(self.pauses):
            id = f"{self.id}-pause-{n}"
            yield id, _at(begins), pe.PauseBegan(segment=self.id, pause_kind=kind)
            yield f"{id}-end", _at(ends), pe.PauseEnded(pause=id)
        for n, (begins, ends, answer) in enumerate(self.gaps):
            id = f"{self.id}-gap-{n}"
            yield id, _at(ends), pe.GapFound(segment=self.id, begins_at=_at(begins), ends_at=_at(ends), cause="sleep")
            if answer is not None:
                yield f"{id}-answer", _at(ends), pe.GapClassified(gap=id, answer=answer)  # type: ignore[arg-type]
        for n, at in enumerate(self.stops):
            yield f"{self.id}-stop-{n}", _at(at), pe.SegmentStopped(segment=self.id, reason="stopped")

    @property
    def end(self) -> int:
        answered = (begins for begins, _, answer in self.gaps if answer == "ended")
        return max(self.begins, min([*self.stops, *answered]))


class Purchase(msgspec.Struct, frozen=True):
    id: str
    minutes: int
    bought: int
    expires_at: int

    def facts(self) -> Iterator[Fact]:
        event = pe.LotBought(
            purchase_id=self.id,
            seconds=self.minutes * 60,
            bought_at=_at(self.bought),
            period_end=self.expires_at,
            ticket="t-1",
        )
        yield f"buy-{self.id}", _at(self.bought), event


def _at(minute: int) -> int:
    return FROM + minute * MINUTE_MS


@st.composite
def works(draw: st.DrawFn, machine: str, engineers: tuple[str, ...]) -> list[Work]:
    found = []
    for n in range(draw(st.integers(0, 3))):
        begins = draw(st.integers(0, MINUTES - 1))
        long = draw(st.integers(0, 600))
        inner = st.integers(begins, begins + long)
        spans = st.tuples(inner, inner).map(lambda pair: (min(pair), max(pair)))
        kinds = st.sampled_from(["lunch", "waiting for the partner"])
        answers = st.sampled_from(["worked", "not_worked", "ended", None])
        pauses = draw(st.lists(st.tuples(spans, kinds).map(lambda p: (*p[0], p[1])), max_size=2))
        gaps = draw(st.lists(st.tuples(spans, answers).map(lambda g: (*g[0], g[1])), max_size=2))
        stops = draw(st.lists(inner, min_size=1, max_size=2))
        work = Work(
            id=f"{machine}{n}",
            engineer=draw(st.sampled_from(engineers)),
            begins=begins,
            stops=tuple(stops),
            pauses=tuple(pauses),
            gaps=tuple(gaps),
        )
        found.append(work)
    return found


purchases = st.lists(
    st.builds(
        Purchase,
        id=st.just(""),
        minutes=st.integers(1, 900),
        bought=st.integers(0, MINUTES),
        expires_at=st.sampled_from([RENEWAL, FAR]),
    ),
    min_size=1,
    max_size=3,
).map(lambda lots: [msgspec.structs.replace(lot, id=f"P-{n}") for n, lot in enumerate(lots)])
allocations = st.none() | st.integers(1, 900)
"""Minutes that are booked from the first minute on, or no slot at all."""


def told(lots: list[Purchase], allocation: int | None, work: list[Fact], after: Sequence[Fact] = ()) -> list[Entry]:
    facts: list[Fact] = [("open", FROM, pe.EngagementOpened(ticket="t-1"))]
    for lot in lots:
        facts += lot.facts()
    if allocation is not None:
        slot = pe.SlotBooked(
            engagement="t-1", begins_at=FROM, ends_at=FROM + HOUR_MS, seconds=allocation * 60, engineer="Mara"
        )
        facts.append(("slot", FROM, slot))
    head, entries = Head(hub_id="test"), []
    for n, (id, at, event) in enumerate([*facts, *work, *after]):
        offered = offer(event, id=id, stream=STREAM, at=at, device="d", dseq=n)
        head, stamped = stamp(head, [offered], actor="Mara", now_ms=at)
        entries += stamped
    return entries


def measured(entries: list[Entry], settings: ProSettings = DEFAULTS) -> Metering:
    return measure(fold(entries), AS_OF, settings, FEDERAL)


def facts_of(segments: list[Work]) -> list[Fact]:
    return [fact for segment in segments for fact in segment.facts()]


def oracle(lots: list[Purchase], allocation: int | None, segments: list[Work]) -> tuple[set[int], dict[str, int], int]:
    """Minutes metered, minutes drawn by lot, and minutes reserved: one minute after the other."""
    window = {m for m in range(MINUTES + 600) if _in_window(m)}
    lunch = {
        (segment.engineer, minute)
        for segment in segments
        for begins, ends, kind in segment.pauses
        if kind in UNMETERED_PAUSES
        for minute in range(begins, min(ends, segment.end))
    }
    sure: set[int] = set()
    open_gaps: set[int] = set()
    for segment in segments:
        for minute in range(segment.begins, segment.end):
            if minute not in window or (segment.engineer, minute) in lunch:
                continue
            inside = [answer for begins, ends, answer in segment.gaps if begins <= minute < ends]
            if {"not_worked", "ended"} & set(inside):
                continue
            # A gap under two minutes is metered without an answer.
            waiting = any(a is None and b <= minute < e and e - b >= 2 for b, e, a in segment.gaps)
            (open_gaps if waiting else sure).add(minute)
    free = {lot.id: lot.minutes for lot in lots}
    order = sorted(lots, key=lambda lot: (lot.expires_at, lot.bought, lot.id))
    left = allocation
    metered: set[int] = set()
    drawn: dict[str, int] = {}
    reserved = 0
    seen_expiry = False
    for minute in range(MINUTES + 600):
        if not seen_expiry and _at(minute) >= RENEWAL:
            seen_expiry = True
            if left is not None and any(lot.expires_at == RENEWAL and _at(lot.bought) < RENEWAL for lot in lots):
                alive = [lot for lot in lots if lot.expires_at > RENEWAL and _at(lot.bought) < RENEWAL]
                left = min(left, sum(free[lot.id] for lot in alive))
        if minute not in sure | open_gaps or left == 0:
            continue
        lot = next((o for o in order if o.bought <= minute and _at(minute) < o.expires_at and free[o.id]), None)
        if lot is None:
            continue
        free[lot.id] -= 1
        left = None if left is None else left - 1
        if minute in sure:
            metered.add(minute)
            drawn[lot.id] = drawn.get(lot.id, 0) + 1
        else:
            reserved += 1
    return metered, drawn, reserved


def _in_window(minute: int) -> bool:
    """FROM is Thursday, 7 AM; Saturday, Sunday and Monday (MLK Day) are closed."""
    day, of_day = divmod(minute + 7 * 60, 24 * 60)
    return day in (0, 1, 5, 6) and 9 * 60 <= of_day < 9 * 60 + WINDOW_MINUTES


@lawful_settings(deadline=None, max_examples=120)
@given(lots=purchases, allocation=allocations, one=works("a", ("Mara", "Jon")), two=works("b", ("Mara", "Jon")))
def test_every_minute_is_metered_as_by_hand(
    lots: list[Purchase], allocation: int | None, one: list[Work], two: list[Work]
) -> None:
    segments = [*one, *two]
    found = measured(told(lots, allocation, facts_of(segments)))
    minutes = {
        (at - FROM) // MINUTE_MS for begins, ends in found.runs_of("t-1") for at in range(begins, ends, MINUTE_MS)
    }
    metered, drawn, reserved = oracle(lots, allocation, segments)
    assert minutes == metered
    used = {lot.id: -sum(line.ms for line in found.lines if (line.lot, line.kind) == (lot.id, "used")) for lot in lots}
    assert {lot: ms // MINUTE_MS for lot, ms in used.items() if ms} == drawn
    assert sum(found.reserved_ms.values()) == reserved * MINUTE_MS


@st.composite
def happenings(draw: st.DrawFn, segments: list[Work]) -> list[Fact]:
    """What may come besides work: completions, undoings, corrections and refunds."""
    found: list[Fact] = []
    at = st.integers(0, MINUTES)
    if draw(st.booleans()):
        done = draw(at)
        found.append(("done", _at(done), pe.EngagementCompleted(engagement="t-1", forfeits_s=0)))
        if draw(st.booleans()):
            undone = _at(done + draw(st.integers(0, 400)))
            found.append(("undone", undone, pe.CompletionUndone(completion="done")))
    for n, segment in enumerate(segments):
        seconds = draw(st.integers(-40_000, 40_000))
        if draw(st.booleans()):
            event = pe.CorrectionMade(target=segment.id, seconds=seconds, reason="r", approved_by="Lea")
            found.append((f"correction-{n}", _at(draw(at)), event))
    if draw(st.booleans()):
        found.append(("refund", _at(draw(at)), pe.LotRefunded(lot="P-0")))
    return found


SETTINGS = st.sampled_from(
    [
        DEFAULTS,
        ProSettings(engineers_metering="sum"),
        ProSettings(forfeit_scope="purchase", rounding_min=15),
        ProSettings(gap_default="metered"),
    ]
)


@lawful_settings(deadline=None, max_examples=150)
@given(data=st.data(), lots=purchases, allocation=allocations, segments=works("a", ("Mara", "Jon")), settings=SETTINGS)
def test_laws_of_any_story(
    data: st.DataObject, lots: list[Purchase], allocation: int | None, segments: list[Work], settings: ProSettings
) -> None:
    entries = told(lots, allocation, facts_of(segments), data.draw(happenings(segments)))
    account = fold(entries)
    found = measure(account, AS_OF, settings, FEDERAL)
    runs = found.runs_of("t-1")
    allowed = allowed_hours(account, "t-1", FROM, settings, FEDERAL).between(FROM, AS_OF)
    assert shared(runs, allowed) == runs
    assert all(ends <= max(lot.expires_at for lot in lots) for _, ends in runs)
    assert length(runs) <= sum(lot.minutes for lot in lots) * MINUTE_MS
    for lot in lots:
        lines = [line for line in found.lines if line.lot == lot.id]
        live = found.free_ms.get(lot.id, 0) + found.reserved_ms.get(lot.id, 0)
        bought = sum(line.ms for line in lines if line.kind == "bought")
        assert sum(line.ms for line in lines if line.kind != "bought") == live - bought
        assert live >= 0
    identities = [(line.lot, line.kind, line.cause) for line in found.lines]
    assert len(set(identities)) == len(identities)


@lawful_settings(deadline=None, max_examples=100)
@given(lots=purchases, allocation=st.integers(1, 900), segments=works("a", ("Mara", "Jon")), settings=SETTINGS)
def test_metered_time_never_exceeds_the_allocation(
    lots: list[Purchase], allocation: int, segments: list[Work], settings: ProSettings
) -> None:
    found = measured(told(lots, allocation, facts_of(segments)), settings)
    assert found.used_ms("t-1") + sum(found.reserved_ms.values()) <= allocation * MINUTE_MS


def merged(one: list[Fact], two: list[Fact], turns: list[bool]) -> list[Fact]:
    """Both machines' facts, each in its own order."""
    first, second, found = list(one), list(two), []
    for turn in turns:
        source = first if turn else second
        if source:
            found.append(source.pop(0))
    return [*found, *first, *second]


@lawful_settings(deadline=None, max_examples=100)
@given(
    lots=purchases,
    allocation=allocations,
    one=works("a", ("Mara",)),
    two=works("b", ("Mara", "Jon")),
    turns=st.lists(st.booleans(), max_size=60),
    settings=SETTINGS,
)
def test_any_interleaving_of_two_machines_gives_the_same_intervals_and_the_same_ledger(
    lots: list[Purchase],
    allocation: int | None,
    one: list[Work],
    two: list[Work],
    turns: list[bool],
    settings: ProSettings,
) -> None:
    in_turn = measured(told(lots, allocation, [*facts_of(one), *facts_of(two)]), settings)
    mixed = measured(told(lots, allocation, merged(facts_of(one), facts_of(two), turns)), settings)
    assert mixed == in_turn


@given(stops=st.lists(st.integers(120, 600), min_size=1, max_size=4))
def test_the_earliest_stop_wins_in_any_order(stops: list[int]) -> None:
    lots = [Purchase("P-0", 600, 0, FAR)]
    start: list[Fact] = [("s", _at(120), pe.SegmentStarted(engagement="t-1", engineer="Mara"))]

    def stopped(order: Any) -> Metering:
        facts = [(f"x{n}", _at(at), pe.SegmentStopped(segment="s", reason="stopped")) for n, at in enumerate(order)]
        return measured(told(lots, None, [*start, *facts]))

    alone = stopped([min(stops)])
    assert length(alone.runs_of("t-1")) == (min(stops) - 120) * MINUTE_MS
    for order in permutations(stops):
        assert stopped(order) == alone
