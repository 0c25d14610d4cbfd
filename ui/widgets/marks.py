"""A box to tick, and a choice of one among few of which none may be picked yet. Painted from the theme's roles.

They are ordinary check boxes and radio buttons to the keyboard (Space ticks, arrows choose) and to assistive
technology. Called by the dialogs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import rounded

if TYPE_CHECKING:
    _Mixed = QAbstractButton
else:
    _Mixed = object


class _Marked(RingedFocus, _Mixed):
    """Mixed into a button that can be checked, before its Qt class: the mark, then the words."""

    is_round = False

    def dress(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        look = theme()
        width = QFontMetrics(self.font()).horizontalAdvance(self.text()) + look.px(16 + 8 + 12)
        return QSize(width, look.px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """A click on the words counts as well."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        side, edge = look.px(16), look.px(4)
        box = QRectF(edge, (self.height() - side) / 2, side, side)
        radius = side / 2 if self.is_round else 4
        if self.isChecked():
            rounded(painter, box, radius, fill=look.color("accent.fill"))
            self._paint_check(painter, box)
        else:
            ground = "bg.hover" if self.underMouse() and self.isEnabled() else "bg.input"
            rounded(painter, box, radius, fill=look.color(ground), line=look.color("line.control"))
        painter.setFont(self.font())
        painter.setPen(look.color("text.primary" if self.isEnabled() else "text.disabled"))
        words = QRectF(box.right() + look.px(8), 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), look.radius("control"))

    def _paint_check(self, painter: QPainter, box: QRectF) -> None:
        if self.is_round:
            inset = box.width() * 0.31
            rounded(painter, box.adjusted(inset, inset, -inset, -inset), box.width(), fill=theme().color("accent.on"))
        else:
            icons.paint(painter, box.adjusted(1, 1, -1, -1), "check", "accent.on")

    def _restyle(self) -> None:
        self.setFont(theme().font("body"))
        self.updateGeometry()
        self.update()


class Tick(_Marked, QCheckBox):
    """A box to tick."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.dress()


class _Option(_Marked, QRadioButton):
    is_round = True

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.dress()


class Choice(QWidget):
    """One of a few, each a (key, words). Signal: `chosen(key)`.

    Without `picked` nothing is chosen at first: where a default would be a guess.
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, str]],
        *,
        picked: str | None = None,
        upright: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._line = QVBoxLayout(self) if upright else QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme().px(0 if upright else 10))
        self._options: dict[str, _Option] = {}
        self._line.addStretch(1)
        self.set_choices(choices, picked)

    def set_choices(self, choices: Sequence[tuple[str, str]], picked: str | None) -> None:
        """Other choices; nobody is told. A choice that had the focus gives it to the one that is picked."""
        had_focus = any(option.hasFocus() for option in self._options.values())
        for option in self._options.values():
            self._line.removeWidget(option)
            option.hide()
            option.deleteLater()
        self._options = {}
        for at, (key, words) in enumerate(choices):
            option = self._options[key] = _Option(words, self)
            option.setChecked(key == picked)
            option.toggled.connect(lambda on, key=key: self.chosen.emit(key) if on else None)
            self._line.insertWidget(at, option, 0, Qt.AlignmentFlag.AlignLeft)
        first = self._options[picked or choices[0][0]]
        self.setFocusProxy(first)
        if had_focus:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def picked(self) -> str | None:
        return next((key for key, option in self._options.items() if option.isChecked()), None)

    def pick(self, key: str) -> None:
        self._options[key].setChecked(True)

    def option(self, key: str) -> QRadioButton:
        return self._options[key]
