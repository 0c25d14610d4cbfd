"""The choices of a ticket's properties, as menus, and the picker of people.

Menus open with `popup` and lists without a loop of their own: nothing here waits. Called by `questions`, for the
header's buttons, the properties and the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from console.domain.events import IMPACTS, Impact, Status
from console.domain.words import IMPACT_NAMES, STATUS_NAMES
from ui.theme import theme
from ui.widgets.avatar import Kind, paint_avatar
from ui.widgets.glyphs import paint_impact, paint_status
from ui.widgets.ground import rounded

_FROM_OPEN: Final[tuple[Status, ...]] = ("open", "pending", "on_hold", "solved")
_STATUS_HINTS: Final[dict[str, str]] = {
    "pending": "waiting on the customer",
    "on_hold": "waiting on someone else",
}


def status_choices(status: Status) -> tuple[tuple[Status, str], ...]:
    """What a status can become, each with its words. Open on a solved ticket reopens it."""
    if status == "closed":
        return ()
    if status == "solved":
        return (("open", "Reopen"), ("closed", "Close"))
    choices = [choice for choice in _FROM_OPEN if choice != status]
    named = [(choice, STATUS_NAMES[choice]) for choice in choices]
    return tuple((c, f"{name}, {_STATUS_HINTS[c]}" if c in _STATUS_HINTS else name) for c, name in named)


def status_menu(parent: QWidget, status: Status, chosen: Callable[[Status], object]) -> QMenu:
    """A menu of what the status can become."""
    menu = _menu(parent, "Status")
    for choice, words in status_choices(status):
        action = menu.addAction(_status_picture(choice), words)
        action.triggered.connect(lambda _=False, choice=choice: chosen(choice))
    if menu.isEmpty():
        menu.addAction("A closed ticket stays closed").setEnabled(False)
    return menu


def impact_menu(parent: QWidget, impact: Impact | None, chosen: Callable[[Impact], object]) -> QMenu:
    """A menu of the four impacts; the present one cannot be chosen."""
    menu = _menu(parent, "Impact")
    for choice in IMPACTS:
        action = menu.addAction(_impact_picture(choice), IMPACT_NAMES[choice])
        action.setEnabled(choice != impact)
        action.triggered.connect(lambda _=False, choice=choice: chosen(choice))
    return menu


def open_menu(menu: QMenu, at: QPoint) -> None:
    """Show a menu with its corner at a global point, the first of what can be chosen ready for Enter."""
    menu.popup(at)
    first = next((action for action in menu.actions() if action.isEnabled()), None)
    if first is not None:
        menu.setActiveAction(first)


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = QMenu(parent)
    menu.setAccessibleName(name)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _status_picture(status: Status) -> QPixmap:
    return _picture(lambda painter, square: paint_status(painter, square, status))


def _impact_picture(impact: Impact) -> QPixmap:
    ink, empty = theme().color("text.secondary"), theme().color("line.divider")
    return _picture(lambda painter, square: paint_impact(painter, square, impact, ink, empty))


def _picture(paint: Callable[[QPainter, QRectF], None]) -> QPixmap:
    side = theme().px(16)
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(pixmap)
    paint(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


class PeoplePicker(QFrame):
    """A short list with a filter: whom the ticket is assigned to. Enter picks, Esc closes, the focus goes back.

    Signals: `picked(object)`, with a name, or None for nobody.
    """

    picked = Signal(object)

    def __init__(self, people: Sequence[str], me: str, assignee: str | None, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName("Assign to")
        look = theme()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Assign to")
        self._filter.setAccessibleName("Find a person")
        self._list = QListWidget()
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName("People")
        column.addWidget(self._filter)
        column.addWidget(self._list)
        for name in people:
            if name != assignee:
                self._add(f"{name} (you)" if name == me else name, name, "me" if name == me else "ours")
        if assignee is not None:
            self._add("Nobody", None, "nobody")
        self._list.setCurrentRow(0)
        self._filter.textChanged.connect(self._narrow)
        self._filter.returnPressed.connect(self._pick)
        self._filter.installEventFilter(self)
        self._list.itemClicked.connect(lambda _: self._pick())
        rows = min(max(self._list.count(), 1), 9)
        self.resize(look.px(250), look.px(58) + rows * look.px(30))

    def open_at(self, corner: QPoint) -> None:
        """Show it with its top left corner at a global point, pushed onto the screen."""
        screen = self.screen().availableGeometry()
        x = min(corner.x(), screen.right() - self.width())
        y = corner.y() if corner.y() + self.height() <= screen.bottom() else screen.bottom() - self.height()
        self.move(max(x, screen.left()), max(y, screen.top()))
        self.show()
        self._filter.setFocus(Qt.FocusReason.PopupFocusReason)

    def names(self) -> list[str]:
        """The names that the filter leaves, as they are shown."""
        rows = (self._list.item(row) for row in range(self._list.count()))
        return [item.text() for item in rows if not item.isHidden()]

    def _add(self, words: str, name: str | None, kind: Kind) -> None:
        picture = _picture(lambda painter, square: paint_avatar(painter, square, name, kind))
        item = QListWidgetItem(picture, words)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setSizeHint(QSize(10, theme().px(30)))
        self._list.addItem(item)

    def _narrow(self, words: str) -> None:
        wanted = words.casefold().split()
        first = None
        for row in range(self._list.count()):
            item = self._list.item(row)
            fits = all(word in item.text().casefold() for word in wanted)
            item.setHidden(not fits)
            if fits and first is None:
                first = row
        self._list.setCurrentRow(-1 if first is None else first)

    def _pick(self) -> None:
        item = self._list.currentItem()
        if item is None or item.isHidden():
            return
        name = item.data(Qt.ItemDataRole.UserRole)
        self.close()
        self.picked.emit(name)

    def _step(self, by: int) -> None:
        row = self._list.currentRow() + by
        while 0 <= row < self._list.count():
            if not self._list.item(row).isHidden():
                self._list.setCurrentRow(row)
                return
            row += by

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QEvent) -> None:
        look = theme()
        painter = QPainter(self)
        radius = look.radius("popover")
        rounded(painter, QRectF(self.rect()), radius, fill=look.color("bg.raised"), line=look.color("line.divider"))
