"""What `pro watch` tells: on a terminal one line that is written over each second, elsewhere only what happens."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from console.cli.pro.asking import gap_lines, name_of
from console.cli.render import cut, plain
from console.domain.pro_running import elapsed_ms, left_ms, warning_sentence
from console.domain.words import clock_time, exact

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import StripSession, TickReport


def teller(pro: ProDesk, ticket: str | None) -> Teller:
    """Tells of my sessions, or of the one of a ticket, on standard output."""
    return Teller(pro, ticket, live=sys.stdout.isatty())


class Teller:
    """Hears each look at the clocks. `live` says that there is a terminal whose line can be written over."""

    def __init__(self, pro: ProDesk, ticket: str | None, *, live: bool) -> None:
        self._pro = pro
        self._ticket = ticket
        self._live = live
        self._shown = False
        self._version: int | None = None
        self._sessions: tuple[StripSession, ...] = ()
        self._asked: set[str] = set()
        self._has_told = False
        self._troubled: str | None = None

    def look(self, report: TickReport) -> bool:
        """Tells what a look found; whether a session that is told of still runs."""
        self._troubled = None
        for warned in report.warned:
            self._say(f"{self._at(report.now)}  {plain(warned.sentence)}")
        for sentence in report.stopped:
            self._say(plain(sentence))
        if self._version != self._pro.version():
            self._version = self._pro.version()
            self._ask_anew(report)
        if self._sessions and self._live:
            self._write("; ".join(self._line(session, report.now) for session in self._sessions))
        return bool(self._sessions)

    def trouble(self, sentence: str) -> None:
        """The journal could not be asked or written; said once until it can be again."""
        if self._troubled != sentence:
            self._troubled = sentence
            self._say(f"{plain(sentence)} Trying again.")

    def end(self, outcome: Literal["over", "asked", "gone"], *, alone: bool) -> None:
        """`alone`: nobody else watched on this workstation besides."""
        self._clear()
        if outcome == "gone":
            self._say("The workspace is gone.")
        elif outcome == "asked" and alone and self._sessions:
            self._say("The session goes on, and nobody watches it: support-console pro watch, or pro stop.")
        elif outcome == "over" and not self._has_told:
            self._say("No session runs here.")

    def _ask_anew(self, report: TickReport) -> None:
        """My sessions, after something was recorded by anybody."""
        watched = self._pro.watch.watched()
        running = tuple(s for s in watched.running if self._ticket in (None, s.ticket))
        known = {session.running.segment for session in self._sessions}
        going = {session.running.segment for session in running}
        for session in self._sessions:
            if session.running.segment not in going:
                self._say(f"{self._at(report.now)}  {name_of(session.number, session.account)}: the session has ended.")
        for session in running:
            if session.running.segment not in known and not self._live:
                self._say(f"{self._at(report.now)}  {self._line(session, report.now)}")
        new = [gap for gap in watched.gaps if gap.id not in self._asked and self._ticket in (None, gap.ticket)]
        self._asked.update(gap.id for gap in new)
        for line in gap_lines(new, self._pro.zone):
            self._say(line)
        self._sessions = running
        self._has_told = self._has_told or bool(running)

    def _line(self, session: StripSession, now: int) -> str:
        """`#10061 Harbour: 1h 12m 5s, 47m 55s left; window closes in 30m, ...`."""
        run = session.running
        parts = [f"{exact(elapsed_ms(run, now))}, {exact(left_ms(run, now))} left"]
        if run.paused is not None:
            parts.append(f"interrupted: {plain(run.paused[0])}")
        warning = warning_sentence(run, now, self._pro.zone)
        return f"{name_of(session.number, session.account)}: {'; '.join([*parts, *_given(warning)])}"

    def _at(self, at: int) -> str:
        return clock_time(at, self._pro.zone)

    def _say(self, text: str) -> None:
        self._clear()
        print(text, flush=True)

    def _write(self, text: str) -> None:
        room = max(1, shutil.get_terminal_size().columns - 1)
        sys.stdout.write("\r\x1b[K" + cut(text, room))
        sys.stdout.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            sys.stdout.write("\r\x1b[K")
            self._shown = False


def _given(text: str | None) -> Iterator[str]:
    if text:
        yield text
