"""Looks at the clocks while sessions run on this workstation, and writes down what they prove.

Source: spec pro_services.md 2 (consequences 2, 5 and 7, "Clocks", the guard) and 3 (D6). `tick` is called once a second
by whoever watches (the window, `pro watch`), and once before a start or a stop. It costs a look at the clocks and one
read; it writes only what happened: a beat every 15 s, a stop at the limit, a gap, a stepped clock. The same code
recovers a session after a crash: what was last seen of it, by this process or by the beat of another, is compared with
now. Instants are trusted epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from console.desk.pro.acting import Acting, Fact, new_id
from console.desk.pro.carrying import moved_on
from console.desk.pro.streams import Held
from console.desk.pro.views import TickReport, Warned, Watched
from console.desk.pro.watched import WatchedNow
from console.domain import pro_events as pe
from console.domain.events import Entry
from console.domain.metering import LimitName
from console.domain.pro_account import Gap, Segment
from console.domain.pro_alerts import Alert, alerts, due
from console.domain.pro_running import Running, running
from console.domain.words import clock_time, zone_short
from console.journal.states import Beat, RunningSegment
from console.timekeeping import Anchor, Difference, HintSpan, Reading, compare

if TYPE_CHECKING:
    from console.journal.states import States

BEAT_MS: Final = 15_000
"""The open segment is written down at least so often."""
LOOK_MS: Final = 1_000
"""How often `tick` is called."""
UNSEEN_MS: Final = 20_000
"""A session that nobody looked at for longer was not watched: the console crashed, or nothing was started."""
LOCK_LEAST_MS: Final = 60_000
"""Shorter locks of the screen are not worth a line."""

_REASONS: Final[dict[LimitName, str]] = {
    "allocation": "hours used up",
    "window": "service window closed",
    "consent": "consented time ended",
    "renewal": "renewal",
}


class _Session(msgspec.Struct):
    """A session that runs on this workstation. `seen` is the last look at it, `beat_at` its last written one."""

    held: Held
    segment: Segment
    running: Running
    alerts: tuple[Alert, ...]
    seen: Anchor
    beat_at: int


class _End(msgspec.Struct, frozen=True):
    """Where a session has to stop, and why; `carries`: what is left goes on in another slot (T9)."""

    at: int
    reason: str
    carries: bool = False


class WatchDesk:
    """What runs, and what the clocks say of it."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._streams = acting.streams
        self._journal = acting.journal
        self._sessions: dict[str, _Session] = {}
        self._seen: dict[str, Anchor] = {}
        self._shown = WatchedNow(acting, self._seen)
        self._raised: set[str] = set()
        self._unsaid: list[Warned] = []
        self._version: int | None = None

    def watched(self) -> Watched:
        """My running sessions on any workstation, gaps of mine without an answer, and my next slot."""
        return self._shown.watched()

    def runs_here(self) -> bool:
        """Whether a session ran on this workstation at the last look."""
        return bool(self._sessions)

    # Each second

    def tick(self, hints: Sequence[HintSpan] = (), *, raise_warnings: bool = True) -> TickReport:
        """One look at the clocks. `hints` are spans that the desktop told of; they only annotate (68).

        With `raise_warnings` each warning that became due is in the report, once for ever on this workstation.
        """
        look = self._acting.timekeeper.look()
        if self._journal.data_version() != self._version:
            look = self._load(look)
        if raise_warnings:
            self._raise_warnings(look.at_ms)
        changed, stopped, seen = False, [], []
        for session in list(self._sessions.values()):
            facts = list(self._found(session, look, hints))
            if facts:
                changed = True
                written = self._write(session, facts)
                stopped += [entry.event for entry in written if isinstance(entry.event, pe.SegmentStopped)]
            if any(isinstance(fact.event, pe.SegmentStopped) for fact in facts):
                self.ended(session.segment.id)
            else:
                session.seen = self._seen[session.segment.id] = look
                if facts or look.at_ms + LOOK_MS - session.beat_at >= BEAT_MS:
                    seen.append(session)
        self._write_beats(seen)
        if changed:
            self._load(look)
        warned = tuple(self._unsaid) if raise_warnings else ()
        self._unsaid = self._unsaid[len(warned) :]
        return TickReport(
            now=look.at_ms,
            changed=changed,
            warned=warned,
            stopped=tuple(self._stop_sentence(stop) for stop in stopped),
            gaps=tuple(self._shown.gaps()) if changed else (),
        )

    def beat(self) -> None:
        """Writes down that the sessions still run, before the watching ends."""
        self.tick(raise_warnings=False)
        self._write_beats(list(self._sessions.values()))

    def began(self, entry: Entry, look: Anchor) -> None:
        """A segment began on this workstation: it is watched from now on."""
        self._seen[entry.id] = look
        self._journal.beat(_beat(entry.id, entry.stream, look))

    def ended(self, segment: str) -> None:
        """A segment is watched no more."""
        self._sessions.pop(segment, None)
        self._seen.pop(segment, None)
        self._journal.forget_beats([segment])

    # What was found

    def _found(self, session: _Session, look: Anchor, hints: Sequence[HintSpan]) -> Iterator[Fact]:
        """The facts that the time since the last look proves."""
        if look.at_ms - session.seen.at_ms > UNSEEN_MS:
            self._ask_others(session)
        seen, end = session.seen, self._end(session)
        since = compare(seen.reading, look.reading)
        until = look.at_ms if end is None else min(look.at_ms, end.at)
        cause = _cause(since, look.at_ms - seen.at_ms)
        begins = seen.at_ms if cause is None else max(seen.at_ms, _told_until(session))
        if begins > seen.at_ms and look.at_ms - begins <= UNSEEN_MS:
            cause = None
        if cause is not None and until > begins:
            yield from self._gap(session, begins, until, cause, since)
        if since.stepped_ms:
            yield from self._step(session, look.at_ms, since.stepped_ms)
        for hint in hints:
            if hint.kind != "suspended" and hint.ends_at - hint.begins_at >= LOCK_LEAST_MS and cause is None:
                yield from self._hinted(session, hint, until)
        if end is not None and look.at_ms >= end.at:
            yield from self._stop(session, end, look)

    def _gap(self, session: _Session, begins: int, ends: int, cause: str, since: Difference) -> Iterator[Fact]:
        """A span in which nobody saw the work. In a pause that is not counted there is nothing to ask."""
        if session.running.paused is not None and not session.running.metering:
            yield from self._annotation(session, begins, ends, cause, answer="not_worked")
            return
        gap = pe.GapFound(
            segment=session.segment.id,
            begins_at=begins,
            ends_at=ends,
            cause=cause,
            confidence="lower" if since.rebooted else "measured",
        )
        yield Fact(session.held.stream, gap)

    def _hinted(self, session: _Session, hint: HintSpan, until: int) -> Iterator[Fact]:
        """What the desktop told of: a line. Idleness is asked about where the setting says so, but not while a job runs
        by itself (59)."""
        begins, ends = max(hint.begins_at, session.segment.began_at), min(hint.ends_at, until)
        prompts = self._streams.settings.idle_action == "prompt" and session.segment.unattended_job is None
        if hint.kind != "idle" or not prompts:
            yield from self._annotation(session, begins, ends, hint.kind)
        elif begins < ends and (session.running.paused is None or session.running.metering):
            gap = pe.GapFound(segment=session.segment.id, begins_at=begins, ends_at=ends, cause=hint.kind)
            yield Fact(session.held.stream, gap)

    def _annotation(
        self, session: _Session, begins: int, ends: int, cause: str, answer: pe.GapAnswer = "worked"
    ) -> Iterator[Fact]:
        """A span that is told of and asks nothing: it is answered in the same act."""
        if ends <= begins:
            return
        id = new_id()
        gap = pe.GapFound(segment=session.segment.id, begins_at=begins, ends_at=ends, cause=cause)
        yield Fact(session.held.stream, gap, id=id)
        yield Fact(session.held.stream, pe.GapClassified(gap=id, answer=answer))

    def _step(self, session: _Session, at: int, stepped_ms: int) -> Iterator[Fact]:
        """The wall clock was set: the session's time goes on as it did (71)."""
        gap = pe.GapFound(
            segment=session.segment.id, begins_at=at, ends_at=at, cause=f"clock stepped {round(stepped_ms / 1000):+d} s"
        )
        yield Fact(session.held.stream, gap)

    def _stop(self, session: _Session, end: _End, look: Anchor) -> Iterator[Fact]:
        """The session ends at its limit, not at now; what is left at the window's end is carried over (T9)."""
        at = max(end.at, session.segment.began_at)
        stop = pe.SegmentStopped(segment=session.segment.id, reason=end.reason, clocks=look.clocks(), at=at)
        yield Fact(session.held.stream, stop)
        if end.carries:
            moved = moved_on(self._streams, session.held, session.segment.engagement, at, at)
            if moved is not None:
                yield moved

    def _end(self, session: _Session) -> _End | None:
        """The instant at which the session has to stop; None where nothing limits it."""
        segment, run = session.segment, session.running
        settings = self._streams.settings
        window = None if run.range_ends_at is None else _End(run.range_ends_at, _REASONS[run.range_end or "window"])
        if segment.purpose == "wrapup":
            return _End(segment.began_at + settings.wrapup_unmetered_min * 60_000, "wrap-up over")
        if not run.is_counted or (segment.provisional_by and not run.lots and run.limit is None):
            return window
        if run.limit is None or run.limit_at is None:
            return _End(run.as_of, self._why_nothing_is_left(session))
        if run.metering:
            return _End(run.limit_at, _REASONS[run.limit], carries=run.limit in ("window", "consent"))
        # In a pause the hours last on; the window's end and the renewal do not move (58).
        ends = [_End(run.expires_at, _REASONS["renewal"])] if run.expires_at is not None else []
        if window is not None:
            ends.append(_End(window.at, window.reason, carries=True))
        return min(ends, key=lambda end: end.at, default=None)

    def _why_nothing_is_left(self, session: _Session) -> str:
        account, run = session.held.account, session.running
        lots = [lot for lot, _ in account.feeds(session.segment.engagement)]
        if lots and all(lot.id in account.revocations or lot.expires_at <= run.as_of for lot in lots):
            revoked = any(lot.id in account.revocations for lot in lots)
            return "entitlement revoked" if revoked else _REASONS["renewal"]
        return _REASONS["window"] if run.range_ends_at is None else _REASONS["allocation"]

    def _write(self, session: _Session, facts: Sequence[Fact]) -> tuple[Entry, ...]:
        """A stop is written whatever else of its act is refused: a slot where the rest would go on that cannot be kept,
        a gap that somebody else told of."""
        stop = [fact for fact in facts if isinstance(fact.event, pe.SegmentStopped)]
        unmoved = [fact for fact in facts if not isinstance(fact.event, pe.SlotMoved)]
        for part in (facts, unmoved, stop) if stop else (facts,):
            receipt = self._acting.write(part, judge=partial(_told_already, session, part))
            if receipt.refused is None:
                return receipt.entries
        return ()

    # Keeping watch

    def _load(self, look: Anchor) -> Anchor:
        """Reads anew what runs here. A segment that another process began is taken over with its last beat."""
        self._version = self._journal.data_version()
        rows = [row for row in self._journal.pro_running() if row.device == self._journal.device]
        unknown = [row for row in rows if row.segment not in self._seen]
        if unknown:
            beats = self._journal.beats()
            for row in unknown:
                self._seen[row.segment] = self._last_seen(row, beats.get(row.segment), look)
            if not self._sessions:  # who watches already has a time of its own to go on with
                newest = max((self._seen[row.segment] for row in unknown), key=lambda seen: seen.at_ms)
                self._acting.timekeeper.adopt(newest)
                look = self._acting.timekeeper.look()
        streams = self._streams.all()
        self._sessions = {
            row.segment: self._session(row, streams[row.stream])
            for row in rows
            if row.stream in streams and row.segment in streams[row.stream].account.segments
        }  # another process may have written between these looks: then the version is another one at the next tick
        return look

    def _last_seen(self, row: RunningSegment, beat: Beat | None, look: Anchor) -> Anchor:
        """The last proof of a segment: its beat, else what the clocks said at its start."""
        if beat is not None:
            return _anchor(beat)
        entry = self._journal.entry(row.segment)
        clocks = entry.event.clocks if entry is not None and isinstance(entry.event, pe.SegmentStarted) else None
        if clocks is None:
            return look
        reading = Reading(clocks.wall_ms, clocks.awake_ms, clocks.boot_ms, clocks.boot_id)
        return Anchor(row.began_at, reading, clocks.verified)

    def _session(self, row: RunningSegment, held: Held) -> _Session:
        """As it is known, unless its account has changed."""
        known = self._sessions.get(row.segment)
        if known is not None and known.held.version == held.version:
            return known
        seen = self._seen[row.segment]
        segment, settings = held.account.segments[row.segment], self._streams.settings
        as_of = max(seen.at_ms, segment.began_at)
        run = running(
            held.account,
            self._streams.measured(held, as_of),
            segment.id,
            settings,
            self._streams.days_off(held.account, as_of),
            account_name=held.name,
        )
        return _Session(
            held=held,
            segment=segment,
            running=run,
            alerts=alerts(run, settings),
            seen=seen,
            beat_at=0 if known is None else known.beat_at,
        )

    def _ask_others(self, session: _Session) -> None:
        """Another process may have watched meanwhile: its beat is the later proof."""
        beat = self._journal.beats().get(session.segment.id)
        if beat is not None and beat.at > session.seen.at_ms:
            session.seen = _anchor(beat)

    def _write_beats(self, sessions: Sequence[_Session]) -> None:
        if sessions:
            self._journal.beat(*(_beat(s.segment.id, s.held.stream, s.seen) for s in sessions))
        for session in sessions:
            session.beat_at = session.seen.at_ms

    def _raise_warnings(self, now: int) -> None:
        """What became due waits to be said: a look that fails afterwards, at a full disk, must not swallow it."""
        for session in self._sessions.values():
            for alert in due(session.alerts, now):
                if alert.key not in self._raised:
                    if self._journal.raise_alert(alert.key, now):
                        self._unsaid.append(Warned(session.segment.engagement, alert.key, alert.sentence))
                    self._raised.add(alert.key)

    def _stop_sentence(self, stop: pe.SegmentStopped) -> str:
        zone = self._streams.settings.window_tz
        at = stop.at or 0
        return f"The session was stopped at {clock_time(at, zone)} {zone_short(zone, at)}: {stop.reason}."


def _told_until(session: _Session) -> int:
    """Up to where gaps are written down: whoever found the last one may have ended before it wrote its beat."""
    gaps = session.held.account.gaps.values()
    return max((gap.ends_at for gap in gaps if gap.segment == session.segment.id), default=0)


def _told_already(session: _Session, facts: Sequence[Fact], states: States) -> str | None:
    """Two that watch one session see the same: whoever comes second writes nothing."""
    account = states.accounts[session.held.stream]
    segment = account.segments.get(session.segment.id)
    if segment is None or segment.ended_at is not None:
        return "The session has ended."
    known = [gap for gap in account.gaps.values() if gap.segment == segment.id]
    for fact in facts:
        gap = fact.event
        if isinstance(gap, pe.GapFound) and any(_same_gap(gap, other) for other in known):
            return "The gap is known."
    return None


def _same_gap(found: pe.GapFound, known: Gap) -> bool:
    if found.begins_at == found.ends_at:
        return found.cause == known.cause and abs(found.begins_at - known.begins_at) <= UNSEEN_MS
    return found.begins_at < known.ends_at and known.begins_at < found.ends_at


def _cause(since: Difference, passed_ms: int) -> str | None:
    """Why nobody saw the work since the last look; None where somebody did."""
    if since.rebooted:
        return "reboot"
    if since.slept_ms:
        return "sleep"
    return "crash" if passed_ms > UNSEEN_MS else None


def _beat(segment: str, stream: str, look: Anchor) -> Beat:
    seen = look.reading
    return Beat(segment, stream, look.at_ms, seen.wall_ms, seen.awake_ms, seen.boot_ms, seen.boot_id)


def _anchor(beat: Beat) -> Anchor:
    return Anchor(beat.at, Reading(beat.wall_ms, beat.awake_ms, beat.boot_ms, beat.boot_id))
