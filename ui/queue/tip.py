"""The tooltip of a row: the whole subject, when exactly its clock is due, and the open hours until then.

Open hours need the calendar of the guidelines, which the desk has; so the desk is asked while the pointer rests, and
the tip comes with its answer. Called by the queue pane.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QCursor, QHelpEvent
from PySide6.QtWidgets import QToolTip

from console.domain.queue import QueueRow
from ui.queue import wording
from ui.queue.view import QueueView

if TYPE_CHECKING:
    from ui.desk_thread import DeskThread


class RowTip(QObject):
    """Answers for one list. `now` gives epoch ms."""

    def __init__(self, view: QueueView, now: Callable[[], int]) -> None:
        super().__init__(view)
        self._view = view
        self._now = now
        self._thread: DeskThread | None = None
        view.viewport().installEventFilter(self)

    def set_desk(self, thread: DeskThread) -> None:
        self._thread = thread

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._ask(event.pos(), event.globalPos())
            return True
        return super().eventFilter(watched, event)

    def _ask(self, pos: QPoint, at: QPoint) -> None:
        row = self._row_at(pos)
        if row is None or self._thread is None:
            QToolTip.hideText()
            return
        self._thread.submit(
            lambda desk: desk.queue.open_left_ms(row), lambda left: self._show(row, at, left), key="queue.tip"
        )

    def _show(self, row: QueueRow, at: QPoint, open_left_ms: int | None) -> None:
        """Show it if the pointer still rests on the row that was asked about."""
        here = self._view.viewport()
        under = self._row_at(here.mapFromGlobal(QCursor.pos()))
        if under is not None and under.ticket == row.ticket:
            words = wording.tooltip(row, self._now(), self._view.queue.zone, open_left_ms)
            QToolTip.showText(at, words, here)

    def _row_at(self, pos: QPoint) -> QueueRow | None:
        item = self._view.queue.item(self._view.rowAt(pos.y()))
        return item if isinstance(item, QueueRow) else None
