"""The line in which an engineer writes what was done, and the item of the scope that is worked on.

A half-written note is kept per engagement while pages are switched, and by the desk's drafts however the program ends.
Enter saves it with the time; should the desk refuse, the text comes back. Called by the timer card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.ticket.draft_keeper import DraftKeeper
from ui.widgets.controls import MenuButton

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage
    from ui.desk_thread import DeskThread
    from ui.pro.acts import ProActs

MODE: Final = "session"
"""The mode under which the desk keeps the draft."""
PUT_BACK_MS: Final = 3_000
"""A note that is not recorded by then was refused: its text comes back."""
NO_ITEM: Final = "No item of the scope"


class NoteField(QLineEdit):
    """One line of text behind a note's icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Note what you did. It is saved with the time.")
        self.setAccessibleName("Note on this session, saved with the time")
        theme().changed.connect(self._restyle)
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme()
        side = look.px(14)
        place = QRectF(look.px(10), (self.height() - side) / 2, side, side)
        icons.paint(QPainter(self), place, "note", "text.secondary")

    def _restyle(self) -> None:
        look = theme()
        own = look.px(8) if look.high_contrast else 0  # there the style sheet with its padding is left out
        self.setTextMargins(look.px(22) + own, own // 2, 0, own // 2)
        self.update()


class SessionNote(QWidget):
    """The note field and the choice of the item. Attributes: `field`, `item`."""

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = acts
        self._page: EngagementPage | None = None
        self._thread: DeskThread | None = None
        self._texts: dict[str, str] = {}
        self._unsure: tuple[str, str, int] | None = None
        """A note that was asked for and not seen yet: its ticket, its text, how often it stood in the log before."""
        self._keeper = DraftKeeper(self, modes=(MODE,))
        self._put_back = QTimer(self)
        self._put_back.setSingleShot(True)
        self._put_back.setInterval(PUT_BACK_MS)
        self._put_back.timeout.connect(self._restore)
        self.field = NoteField(self)
        self.item = MenuButton(NO_ITEM, parent=self)
        self.item.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.item)
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self.save)
        self.item.clicked.connect(self._open_items)
        theme().changed.connect(self._restyle)
        self._restyle()

    def keep_drafts(self, thread: DeskThread) -> None:
        """Keep half-written notes in the desk from now on."""

        def save(ticket: str, _: str, text: str) -> None:
            thread.submit(lambda desk: desk.drafts.save(ticket, MODE, text))

        self._thread = thread
        self._keeper.set_save(save)
        if self._page is not None:
            self._load(self._page.row.ticket)

    def stops(self) -> list[QWidget]:
        return [self.field, self.item]

    def show_page(self, page: EngagementPage) -> None:
        """Turn to an engagement, or to a newer page of the same one."""
        before, self._page = self._page, page
        ticket = page.row.ticket
        if before is None or before.row.ticket != ticket:
            self._turn_to(ticket)
        self._see_recorded(page)
        self._show_item(page)

    def save(self) -> None:
        """Save what is written with the time."""
        page, text = self._page, self.field.text().strip()
        if page is None or not text:
            return
        self._unsure = (page.row.ticket, text, _noted(page, text))
        self._show_text("")
        self._texts[page.row.ticket] = ""
        self._put_back.start()
        self._acts.note(page.row.ticket, text)

    # The text

    def _turn_to(self, ticket: str) -> None:
        self._keeper.open(ticket, {MODE: self._texts.get(ticket, "")})
        self._show_text(self._texts.get(ticket, ""))
        if ticket not in self._texts:
            self._load(ticket)

    def _load(self, ticket: str) -> None:
        """Ask the desk for what was half written when the program ended."""

        def read(desk: Desk) -> str:
            return str(desk.drafts.load(ticket).get(MODE, ""))

        if self._thread is not None:
            self._thread.submit(read, lambda text: self._loaded(ticket, text), key="pro.note")

    def _loaded(self, ticket: str, text: str) -> None:
        """What was typed meanwhile is newer; what stands in the log was saved before the draft could be forgotten."""
        page = self._page
        if page is None or page.row.ticket != ticket or self.field.text() or not text:
            return
        self._keeper.open(ticket, {MODE: text})
        if _noted(page, text.strip()):
            self._forget()
        else:
            self._show_text(text)
            self._texts[ticket] = text

    def _typed(self, text: str) -> None:
        page = self._page
        if page is not None:
            self._texts[page.row.ticket] = text
            self._keeper.write(MODE, text)

    def _show_text(self, text: str) -> None:
        """Show a text that nobody types: the draft that is kept stays as it is."""
        self.field.blockSignals(True)
        self.field.setText(text)
        self.field.blockSignals(False)
        self.field.update()

    def _forget(self) -> None:
        self._keeper.write(MODE, "")
        self._keeper.flush()

    def _see_recorded(self, page: EngagementPage) -> None:
        """A note that stands in the log is safe: its draft goes."""
        if self._unsure is None or self._unsure[0] != page.row.ticket:
            return
        _, text, before = self._unsure
        if _noted(page, text) > before:
            self._unsure = None
            self._put_back.stop()
            if not self.field.text():
                self._forget()

    def _restore(self) -> None:
        """The note was not recorded: its text comes back, unless another one is being written."""
        if self._unsure is None:
            return
        ticket, text, _ = self._unsure
        self._unsure = None
        if not self._texts.get(ticket):
            self._texts[ticket] = text
            if self._page is not None and self._page.row.ticket == ticket:
                self._show_text(text)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._keeper.flush()

    # The item

    def _show_item(self, page: EngagementPage) -> None:
        running = page.running
        current = next((line.title for line in page.scope.lines if running and line.id == running.item), None)
        self.item.set_value(current or NO_ITEM, muted=current is None)
        self.item.setAccessibleName(f"Worked on: {current or NO_ITEM}")
        self.item.setToolTip(current or "")
        offered = running is not None and bool(page.scope.lines) and not page.needs_newer_app
        self.item.setVisible(offered)

    def items_menu(self) -> QMenu:
        """The items of the scope, the present one ticked; those that are done come last."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page = self._page
        if page is None or page.running is None:
            return menu
        lines = sorted(page.scope.lines, key=lambda line: line.done)
        choices = [(line.id, f"{line.title}, done" if line.done else line.title) for line in lines]
        for id, told in (*choices, (None, NO_ITEM)):
            action = menu.addAction(told.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(id == page.running.item)
            action.triggered.connect(lambda _=False, id=id: self._work_on(id))
        return menu

    def _work_on(self, item: str | None) -> None:
        page = self._page
        if page is not None and page.running is not None and item != page.running.item:
            self._acts.work_on(page.row.ticket, item)

    def _open_items(self) -> None:
        self.items_menu().popup(self.item.mapToGlobal(QPoint(0, self.item.height() + 2)))

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.px(8))
        self.item.setMaximumWidth(look.px(210))
        self.item.setFixedHeight(look.px(look.size("input")))


def _noted(page: EngagementPage, text: str) -> int:
    """How often a note stands in the log."""
    return sum(line.kind == "noted" and line.text == text for line in page.log)
