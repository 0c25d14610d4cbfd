"""What the window has of Pro services: who follows the session, what can be done, and the section once it is visited.

It joins the strip, the follower, the acts and the section to each other and to the queue. Made by the window once its
first rows are painted, since nothing of Pro may cost them time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject

from ui.pro.acts import ProActs
from ui.pro.follower import Hints, SessionFollower

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage, StripSession, Watched
    from ui.desk_thread import DeskThread
    from ui.pro.section import ProSection
    from ui.shell.window import MainWindow

NOTHING_TO_TIME = "No Pro session runs. Open an engagement to start one."


class OpenTicket(NamedTuple):
    """The ticket that a person has before them: its number, whose it is, and whether it is an engagement."""

    ticket: str
    number: int | None
    account: str | None
    is_engagement: bool


class WindowPro(QObject):
    """Attributes: `acts`, `follower`, and `section`, which is None until it is visited."""

    def __init__(self, window: MainWindow, thread: DeskThread, now: Callable[[], int], *, frozen: bool) -> None:
        """`now` gives trusted time, epoch ms; with `frozen` it never moves, and nothing ticks."""
        super().__init__(window)
        self._window, self._thread = window, thread
        self._now, self._frozen = now, frozen
        self._open_ticket: OpenTicket | None = None
        self.section: ProSection | None = None
        self.acts = ProActs(thread, window.say, window, now)
        self.follower = SessionFollower(thread, now, frozen=frozen, make_hints=self._make_hints, parent=self)

    def start(self) -> None:
        """Join the parts, and follow what runs."""
        follower, strip = self.follower, self._window.strip
        follower.watched.connect(self._watched)
        follower.ticked.connect(self._ticked)
        follower.warned.connect(lambda warned: self._window.say(warned.sentence))
        for told in (follower.stopped, follower.failed):
            told.connect(lambda sentence: self._window.say(sentence, True))
        follower.gaps.connect(self.acts.answer_gaps)
        self.acts.reply_prepared.connect(self._put_into_reply)
        strip.open_asked.connect(self.open_session)
        strip.stop_asked.connect(lambda ticket: self._with_page(ticket, self.acts.stop))
        strip.resume_asked.connect(lambda ticket: self._with_page(ticket, self.acts.resume))
        strip.note_asked.connect(self._note)
        strip.interruption_asked.connect(self._interrupt)
        self._window.section.ticket_shown.connect(lambda _: self.tell_ticket())
        self.tell_ticket()
        follower.refresh()

    # The section -----------------------------------------------------------------------------------------------------

    def visit(self) -> ProSection:
        """The section, built at the first visit."""
        if self.section is None:
            from ui.pro.section import ProSection

            window = self._window
            section = self.section = ProSection(self._now, frozen=self._frozen, parent=window)
            section.said.connect(window.say)
            section.rearranged.connect(window.order_stops)
            section.fill(self._thread, window.commands, self.acts)
        return self.section

    @property
    def page(self) -> EngagementPage | None:
        """The session page that is seen."""
        section = self.section
        return section.page if section is not None and section.isVisible() else None

    @property
    def session(self) -> StripSession | None:
        """My running session."""
        seen = self.follower.now_watched
        return seen.running[0] if seen is not None and seen.running else None

    def open_session(self, ticket: str) -> None:
        """Show the session page of an engagement."""
        self._window.go("pro")
        self.visit().show_engagement(ticket)

    def leave_page(self) -> None:
        """Esc on the session page: back to the list."""
        if self.section is not None:
            self.section.show_list()

    # Between the queue and the sessions ------------------------------------------------------------------------------

    @property
    def open_engagement(self) -> str | None:
        """The ticket that is open in the queue, where it is an engagement."""
        opened = self._open_ticket
        return opened.ticket if opened is not None and opened.is_engagement else None

    def open_session_of_ticket(self) -> None:
        if (ticket := self.open_engagement) is not None:
            self.open_session(ticket)

    def can_open_ticket(self) -> bool:
        return self.section is not None and self.section.isVisible() and self.section.current_ticket is not None

    def open_ticket_of_session(self) -> None:
        """Show the ticket of the engagement that is open, or current in the list, in the queue."""
        ticket = self.section.current_ticket if self.section is not None else None
        if ticket is not None:
            self._window.go("queue")
            self._window.section.open_ticket(ticket)

    def tell_ticket(self) -> None:
        """Another ticket is before the person, or none: tell the strip whose it is, and keep whether it is an
        engagement."""
        section = self._window.section
        ticket = section.shown_ticket if self._window.shown is section else None
        self._open_ticket = None
        if ticket is None:
            self._window.strip.show_ticket(None, None, None)
            return

        def told(opened: OpenTicket) -> None:
            if self._window.shown is section and section.shown_ticket == ticket:
                self._open_ticket = opened
                self._window.strip.show_ticket(opened.ticket, opened.number, opened.account)

        self._thread.submit(lambda desk: read_open_ticket(desk, ticket), told, key="pro.open_ticket")

    # Acts ------------------------------------------------------------------------------------------------------------

    def start_or_stop(self) -> None:
        """Ctrl+Shift+P: the timer of the page that is seen, else that of the running session, else that of the ticket
        that is open."""
        page, session, ticket = self.page, self.session, self.open_engagement
        if page is not None:
            self._start_or_stop(page)
        elif session is not None:
            self._with_page(session.ticket, self.acts.stop)
        elif ticket is not None:
            self._with_page(ticket, self._start_or_stop)
        else:
            self._window.say(NOTHING_TO_TIME)

    def log_interruption(self) -> None:
        """I: another customer's ticket that is open is the interruption; else its kind is asked."""
        session, opened = self.session, self._open_ticket
        if session is None:
            return
        is_other = opened is not None and (opened.account or "").casefold() != session.account.casefold()
        self._interrupt(session.ticket, opened.ticket if opened is not None and is_other else None)

    def act(self, name: str) -> None:
        """Run one of the acts on the page that is seen, by the name of its method."""
        if (page := self.page) is not None:
            getattr(self.acts, name)(page)

    def pause_or_resume(self) -> None:
        if (page := self.page) is not None and page.running is not None:
            (self.acts.pause if page.running.paused is None else self.acts.resume)(page)

    def _note(self, ticket: str) -> None:
        """A note from the strip: into the field of the page that is seen, else it is asked for."""
        if (page := self.page) is not None and page.row.ticket == ticket and self.visit().focus_note():
            return
        self._with_page(ticket, self.acts.ask_note)

    def _start_or_stop(self, page: EngagementPage) -> None:
        (self.acts.start if page.running is None else self.acts.stop)(page)

    def _interrupt(self, ticket: str, other: str | None) -> None:
        if other is not None:
            self.acts.log_interruption(ticket, other)
        else:
            self._with_page(ticket, self.acts.pause)

    def _put_into_reply(self, ticket: str, text: str) -> None:
        pane = self._window.section.ticket
        if pane is not None:
            pane.add_to_reply(ticket, text)

    def _with_page(self, ticket: str, act: Callable[[EngagementPage], object]) -> None:
        """Do something with an engagement's page: the one that is seen, else one that is read for it."""
        if (page := self.page) is not None and page.row.ticket == ticket:
            act(page)
            return

        def read(desk: Desk) -> EngagementPage:
            return desk.pro.page(ticket)

        self._thread.submit(read, act)

    # What the follower tells -----------------------------------------------------------------------------------------

    def _watched(self, watched: Watched) -> None:
        self._window.strip.show_watched(watched)
        self._window.order_stops()
        gaps = len(watched.gaps)
        asked = f"Pro, {gaps} gap{'' if gaps == 1 else 's'} without an answer" if gaps else "Pro"
        self._window.rail.button("pro").set_badge(gaps, asked)

    def _ticked(self, now: int) -> None:
        self._window.strip.tick(now)
        if self.section is not None:
            self.section.tick(now)

    def _make_hints(self, parent: QObject) -> Hints:
        from ui.machine_hints import hints_for_this_machine

        return hints_for_this_machine(self._now, parent)


def read_open_ticket(desk: Desk, ticket: str) -> OpenTicket:
    """Whose a ticket is; runs on the desk's thread. One that is gone belongs to nobody."""
    rowid = desk.queue.rowid(ticket)
    row = next(iter(desk.queue.rows([rowid])), None) if rowid is not None else None
    if row is None:
        return OpenTicket(ticket, None, None, False)
    return OpenTicket(ticket, row.number, row.account, desk.pro.is_engagement(ticket))
