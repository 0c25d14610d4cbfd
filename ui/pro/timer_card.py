"""The card of an engagement's time: the timer or what it waits for, the day, the note, and what happened (mock c).

It shows one page and ticks by arithmetic; what is pressed is asked of the acts. Called by the session page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.desk.pro.views import EngagementPage
from ui.pro import day_spans, session_words
from ui.pro.day_ruler import DayRuler
from ui.pro.notices import Notice
from ui.pro.session_log import SessionLog
from ui.pro.session_note import SessionNote
from ui.pro.timer_head import RunningHead, WaitingHead
from ui.theme import theme
from ui.widgets.card import Card
from ui.widgets.spoken import SpokenNow

if TYPE_CHECKING:
    from ui.desk_thread import DeskThread
    from ui.pro.acts import ProActs

_ELSEWHERE = "Your session of another engagement is running. An engineer runs one at once."


class TimerCard(SpokenNow, Card):
    """Attributes: `running` and `waiting`, of which one is seen, `warning`, `wrap_up`, `elsewhere`, `ruler`, `note`,
    `log`.

    Signals: `open_asked(ticket)`, the engagement whose session runs elsewhere is asked for.
    """

    open_asked = Signal(str)

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        """`now` gives epoch ms, trusted."""
        super().__init__("Timer", parent)
        self._acts = acts
        self._now = now
        self._page: EngagementPage | None = None
        self.running = RunningHead(acts)
        self.waiting = WaitingHead(acts)
        self.warning = Notice("warn", "warn")
        self.wrap_up = Notice("info", "note")
        self.elsewhere = Notice("info", "nav-pro", _ELSEWHERE, act="Show it", do=self._show_elsewhere)
        self.ruler = DayRuler(now)
        self.note = SessionNote(acts)
        self.log = SessionLog(acts)
        self._parts = (
            self.running,
            self.waiting,
            self.warning,
            self.wrap_up,
            self.elsewhere,
            self.ruler,
            self.note,
            self.log,
        )
        for part in self._parts:
            part.hide()
            self.column.addWidget(part)
        self.ruler.move_asked.connect(self._move_slot)
        theme().changed.connect(self._space)
        self._space()

    def spoken_now(self) -> str:
        return "Timer" if self._page is None else session_words.summary(self._page, self._now())

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        head = self.waiting if self.running.isHidden() else self.running
        elsewhere = [self.elsewhere.act] if self.elsewhere.act is not None else []
        return [*head.stops(), *elsewhere, self.ruler, *self.note.stops(), *self.log.stops()]

    def keep_drafts(self, thread: DeskThread) -> None:
        """Keep half-written notes in the desk from now on."""
        self.note.keep_drafts(thread)

    def focus_note(self) -> None:
        """Put the caret into the note field, where there is one."""
        target = self.stops()[0] if self.note.isHidden() else self.note.field
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_page(self, page: EngagementPage) -> None:
        """Show an engagement, or the same one read anew."""
        self._page, now = page, self._now()
        runs = page.running is not None
        had_focus = any(stop.hasFocus() for stop in (*self.running.stops(), *self.waiting.stops()))
        for head, is_seen in ((self.running, runs), (self.waiting, not runs)):
            head.show_page(page, now)
            head.setVisible(is_seen)
        if had_focus:
            self._keep_focus()
        self.elsewhere.setVisible(page.running_elsewhere is not None and not runs)
        self.ruler.show_day(page)
        self.ruler.setVisible(page.row.state != "closed" or bool(page.ruler.worked))
        self.note.show_page(page)
        self.note.setVisible(_has_work(page) and not page.needs_newer_app)
        self.log.show_page(page, now)
        self.tick(now)
        self.setAccessibleName(_name(page))

    def tick(self, now: int) -> None:
        """Show what an instant makes of the page, epoch ms."""
        page = self._page
        if page is None:
            return
        head = self.running if page.running is not None else self.waiting
        head.tick(now)
        warned = None if page.running is None else session_words.warning(page.running, now, page.zone)
        for notice, told in (
            (self.warning, None if warned is None else session_words.sentence(warned)),
            (self.wrap_up, session_words.wrap_up(page, now)),
        ):
            notice.say(told or "")
            if notice.isHidden() == (told is not None):
                notice.setVisible(told is not None)
        self.ruler.tick(now)
        self.log.tick(now)

    def _keep_focus(self) -> None:
        """The button that had the focus gave way to others: it stays within the head."""
        head = self.waiting if self.running.isHidden() else self.running
        ready = [stop for stop in head.stops() if stop.isEnabled() and not stop.isHidden()]
        if ready and not any(stop.hasFocus() for stop in ready):
            ready[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _move_slot(self, begins_at: int, ends_at: int) -> None:
        page = self._page
        line = None if page is None else day_spans.slot_line(page)
        if page is not None and line is not None:
            self._acts.move_slot(page, line.id, begins_at, ends_at)

    def _show_elsewhere(self) -> None:
        if self._page is not None and self._page.running_elsewhere is not None:
            self.open_asked.emit(self._page.running_elsewhere)

    def _space(self) -> None:
        self.column.setSpacing(theme().px(10))


def _has_work(page: EngagementPage) -> bool:
    """Whether there is a segment that a note can stand on."""
    return page.running is not None or any(line.kind == "started" for line in page.log)


def _name(page: EngagementPage) -> str:
    """What the card is called while nothing about it changes: no seconds in it."""
    return session_words.title(page) if page.running is not None else session_words.waiting(page, page.as_of)[0]
