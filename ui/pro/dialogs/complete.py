"""Complete the scope: the time that is left is lost (T11), so the person ticks the loss and then presses it.

Source: spec pro_services.md 50, 51, 56; design language 4.8. Two steps, each of which names the time. Called by
`ui.pro.acts`, where something would be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.desk.pro.views import EngagementPage
from console.domain.pro_running import left_ms
from ui.pro.dialogs.wording import kept, name
from ui.widgets.buttons import Button
from ui.widgets.marks import Tick
from ui.widgets.question import Question

_MINUTE: Final = 60_000


class CompleteDialog(Question):
    """Answers with the ms that the person saw as lost. Signal: `carry_asked()`, to keep the hours instead."""

    carry_asked = Signal()

    def __init__(self, page: EngagementPage, now: Callable[[], int], parent: QWidget) -> None:
        """`now` is trusted time, epoch ms: while the timer runs the loss becomes less."""
        super().__init__(f"Complete the scope for {name(page)}?", "Complete", parent, back="Keep the hours")
        self._now = now
        self._page = page
        self._loss = self.say("", "warn")
        self._rest = self.say("", "quiet")
        self._open = self.say("", "quiet")
        self.tick = Tick("")
        self.add(self.tick)
        self.carry = Button("Carry over instead\u2026", self, kind="quiet")
        self.carry.clicked.connect(self._carry)
        self.add_choice(self.carry)
        self.tick.toggled.connect(lambda _: self._say())
        self._seconds = QTimer(self)
        self._seconds.setInterval(1000)
        self._seconds.timeout.connect(self._say)
        self.show_page(page, now)
        self.tick.setFocus()

    def show_page(self, page: EngagementPage, now: Callable[[], int]) -> None:
        """Show what would be lost by now. A person who ticked another loss ticks this one anew."""
        self._page, self._now = page, now
        self.tick.setChecked(False)
        undone = [line.title for line in page.scope.lines if not line.done]
        are = "is" if len(undone) == 1 else "are"
        of = len(page.scope.lines)
        self._open.say(f"{len(undone)} of {of} items {are} not done: {', '.join(undone)}." if undone else "")
        if page.running is not None:
            self._seconds.start()
        else:
            self._seconds.stop()
        self._say()

    @property
    def warning(self) -> str:
        return self._loss.text()

    @property
    def undone(self) -> str:
        """Which items are not done, as it is said; empty where all are."""
        return self._open.text()

    @property
    def loses_ms(self) -> int:
        """What completing now forfeits."""
        running = self._page.running
        drawn = 0 if running is None else running.left_ms - left_ms(running, self._now())
        return max(self._page.completing_loses_ms - drawn, 0)

    def answer(self) -> object | None:
        return self.loses_ms

    def _say(self) -> None:
        lost, page = kept(self.loses_ms), self._page
        also = " The timer is stopped first." if page.running is not None else ""
        self._loss.say(f"Completing now loses {lost} of {kept(page.hours.bought_ms)}. Carry over keeps it.{also}")
        stays = page.hours.left_ms - page.completing_loses_ms
        self._rest.say(f"{kept(stays)} that this scope does not hold stay for another one." if stays >= _MINUTE else "")
        self.tick.setText(f"I know that {lost} are lost")
        self.tick.updateGeometry()
        self.set_act(f"Complete and lose {lost}", enabled=self.tick.isChecked())

    def _carry(self) -> None:
        self.reject()
        self.carry_asked.emit()
