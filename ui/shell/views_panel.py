"""The views panel: the search field over the built-in views and their counts (design language 2).

Names and keys of the views are data here, so that the panel paints before anything of the desk is imported; a test
keeps them equal to `console.domain.queue.View`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import SidePanel, rounded

if TYPE_CHECKING:
    from ui.shell.search_field import SearchField

BUILT_IN: Final[tuple[tuple[str, str], ...]] = (
    ("mine", "My tickets"),
    ("unassigned", "Unassigned"),
    ("breached", "Breached"),
    ("due_60", "Due in 60 minutes"),
    ("waiting", "Waiting on customer"),
    ("to_assess", "To assess"),
    ("all_open", "All open"),
)


class ViewButton(RingedFocus, QPushButton):
    """One view: its name and how many tickets it has."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._count: int | None = None
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def set_count(self, count: int) -> None:
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self.text()}, {count}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, theme().px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.isChecked()
        if current or self.underMouse():
            line = look.color("line.control") if look.high_contrast else None
            rounded(
                painter, QRectF(self.rect()), 5, fill=look.color("bg.selected" if current else "bg.pressed"), line=line
            )
        font = look.font("bodyStrong" if current else "body", tabular=True)
        count = "" if self._count is None else f"{self._count:,}"
        metrics = QFontMetrics(font)
        role = "text.primary" if current else "text.secondary"
        painter.setFont(font)
        painter.setPen(look.color(role))
        inner = QRectF(self.rect()).adjusted(look.px(8), 0, -look.px(8), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, count)
        room = int(inner.width()) - metrics.horizontalAdvance(count) - look.px(6)
        title = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, title)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), 5)
        painter.end()


class _SearchSlot(QWidget):
    """The picture of the search field, until the field is there."""

    def sizeHint(self) -> QSize:
        return QSize(100, theme().px(theme().size("input")))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line.control"), 1))
        painter.setBrush(look.color("bg.input"))
        radius = look.radius("control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class ViewsPanel(SidePanel):
    """Signals: `view_chosen(str)` the key of a view; `search_asked(str)`; `left()` when the search is to end;
    `entered()` when the keyboard is to go into the list.
    """

    view_chosen = Signal(str)
    search_asked = Signal(str)
    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg.window", "views", parent)
        self.setAccessibleName("Views")
        self.search: SearchField | None = None
        self._slot = _SearchSlot(self)
        self._column.setContentsMargins(8, 10, 9, 12)
        self._column.setSpacing(0)
        self._column.addWidget(self._slot)
        self._column.addSpacing(10)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, ViewButton] = {}
        for key, title in BUILT_IN:
            button = ViewButton(title, self)
            button.clicked.connect(lambda _=False, chosen=key: self.view_chosen.emit(chosen))
            self._group.addButton(button)
            self._column.addWidget(button)
            self._buttons[key] = button
        self._column.addStretch(1)

    def add_search(self) -> SearchField:
        """Put the real field in place of its picture; a line edit costs the first paint 8 ms."""
        from ui.shell.search_field import SearchField

        search = self.search = SearchField(self)
        search.asked.connect(self.search_asked)
        search.left.connect(self.left)
        search.entered.connect(self.entered)
        self._column.replaceWidget(self._slot, search)
        self._slot.deleteLater()
        return search

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order; of the views it is the current one."""
        return [*([] if self.search is None else [self.search]), *self._buttons.values()]

    def show_current(self, key: str | None) -> None:
        """Mark a view as current; none is while a search is shown."""
        self._group.setExclusive(key is not None)
        for name, button in self._buttons.items():
            button.setChecked(name == key)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for key, button in self._buttons.items():
            if key in counts:
                button.set_count(counts[key])

    def focus_current(self) -> None:
        checked = self._group.checkedButton()
        (checked or self._buttons[BUILT_IN[0][0]]).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def button(self, key: str) -> ViewButton:
        return self._buttons[key]
