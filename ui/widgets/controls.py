"""The small controls of all sections: words, menu buttons, the segmented switch, hairlines, key caps.

They paint themselves from the theme's roles and grow with the text scale. They take the focus from the keyboard only:
a click must not take the caret out of the composer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import rounded
from ui.widgets.keycap import keycap_width, paint_keycap

if TYPE_CHECKING:
    _Mixed = QAbstractButton
else:
    _Mixed = object

Mark = Callable[[QPainter, QRectF], None]
"""Draws what stands before a value (a glyph, bars, an avatar) into a square."""


class Words(QLabel):
    """A label in one role and one type style, which follows the theme. Always plain text: data is never markup."""

    def __init__(
        self,
        text: str = "",
        role: str = "text.primary",
        style: str = "body",
        *,
        weight: int | None = None,
        tabular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._role, self._style, self._weight, self._tabular = role, style, weight, tabular
        self.setText(text)
        self._dress()
        theme().changed.connect(self._dress)

    def set_role(self, role: str) -> None:
        if role != self._role:
            self._role = role
            self._dress()

    def _dress(self) -> None:
        self.setFont(theme().font(self._style, weight=self._weight, tabular=self._tabular))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().color(self._role))
        self.setPalette(palette)


class Wrapped(Words):
    """A sentence over as many lines as it needs. Its least height is a line: as high as it needs follows its width."""

    def __init__(self, text: str = "", role: str = "text.primary", style: str = "body") -> None:
        super().__init__(text, role, style)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(100), self.fontMetrics().height())


class Elided(Words):
    """One line that ends in an ellipsis where it does not fit; the tooltip then holds it whole."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._tip = ""

    def set_tip(self, tip: str) -> None:
        """What the tooltip says besides the whole text."""
        self._tip = tip
        self._fit()

    def setText(self, text: str) -> None:
        super().setText(text)
        if hasattr(self, "_tip"):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("\u2026") * 2, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(self._tip or (self.text() if cut else ""))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)


class _PressedByEnter(_Mixed):
    """Mixed into a button before its Qt class: Enter presses it, as Space does."""

    pressing: tuple[Qt.Key, ...] = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in self.pressing:
            self.click()
        else:
            super().keyPressEvent(event)


class MenuButton(_PressedByEnter, RingedFocus, QPushButton):
    """A button that opens a menu under itself.

    With a frame it stands in the header; without one it is the value of a property, framed on hover only. A click
    leaves the caret where it is; Space, Enter and Down open the menu from the keyboard.
    """

    pressing = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)

    def __init__(self, text: str = "", *, framed: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._framed = framed
        self._muted = False
        self._mark: Mark | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        horizontal = QSizePolicy.Policy.Fixed if framed else QSizePolicy.Policy.Maximum
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_value(self, text: str, mark: Mark | None = None, *, muted: bool = False) -> None:
        """The words, what is drawn before them, and whether they stand for none."""
        self.setText(text)
        self._mark, self._muted = mark, muted
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(theme().font("meta" if self._framed else "body", weight=500 if self._framed else 400))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        height = look.px(look.size("button", "small") if self._framed else 26)
        width = self._padding() * 2 + self.fontMetrics().horizontalAdvance(self.text()) + look.px(16)
        return QSize(width + (look.px(22) if self._mark else 0), height)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        if not self._framed:
            hint.setWidth(min(hint.width(), theme().px(72)))
        return hint

    def _padding(self) -> int:
        return theme().px(9 if self._framed else 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        body, radius = QRectF(self.rect()), float(look.radius("control"))
        over, down = self.underMouse() and self.isEnabled(), self.isDown()
        ground = look.color("bg.pressed" if down else "bg.hover")
        if self._framed:
            fill = ground if over or down else look.color("bg.surface")
            rounded(painter, body, radius, fill=fill, line=look.color("line.divider"))
        elif over or down:
            rounded(painter, body, radius, fill=ground)
        self._paint_content(painter, body, over)
        if self.ringed:
            paint_focus_ring(painter, body, radius)

    def _paint_content(self, painter: QPainter, body: QRectF, over: bool) -> None:
        look = theme()
        ink = "text.disabled" if not self.isEnabled() else "text.tertiary" if self._muted else "text.primary"
        x, middle = body.left() + self._padding(), body.center().y()
        if self._mark is not None:
            side = look.px(16)
            self._mark(painter, QRectF(x, middle - side / 2, side, side))
            x += look.px(22)
        right = body.right() - self._padding() - look.px(16)
        painter.setFont(self.font())
        painter.setPen(look.color(ink))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(right - x) + 2)
        painter.drawText(QRectF(x, 0, right - x + 2, body.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if self._framed or over or self.hasFocus():
            arrow = look.px(12)
            icons.paint(painter, QRectF(right + look.px(4), middle - arrow / 2, arrow, arrow), "chevron-down")


class _Segment(_PressedByEnter, RingedFocus, QAbstractButton):
    """One choice of a segmented switch."""

    def __init__(self, text: str, icon: str, parent: Segmented) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.toggled.connect(self._dress)
        theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFont(theme().font("meta", weight=600 if self.isChecked() else 500))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        width = QFontMetrics(look.font("meta", weight=600)).horizontalAdvance(self.text()) + look.px(22)
        return QSize(width + (look.px(21) if self._icon else 0), look.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        body = QRectF(self.rect())
        radius = look.radius("control") - 1.0
        if self.isChecked():
            raised = look.color("bg.input" if look.dark else "bg.surface")
            rounded(painter, body, radius, fill=raised, line=look.color("line.divider"))
        ink = "text.primary" if self.isChecked() or self.underMouse() else "text.secondary"
        painter.setFont(self.font())
        content = self.fontMetrics().horizontalAdvance(self.text()) + (look.px(21) if self._icon else 0)
        x = body.left() + (body.width() - content) // 2
        if self._icon:
            side = look.px(14)
            icons.paint(painter, QRectF(x, body.center().y() - side / 2, side, side), self._icon, ink)
            x += look.px(21)
        painter.setPen(look.color(ink))
        space = QRectF(x, body.top(), body.right() - x, body.height())
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.ringed:
            paint_focus_ring(painter, body, radius)


class Segmented(QWidget):
    """A switch between two or three choices, each a (key, words, icon).

    Signals: `chosen(key)`, when a person picked another one.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(1)
        self._segments: dict[str, _Segment] = {}
        self._shown = choices[0][0]
        for key, words, icon in choices:
            segment = _Segment(words, icon, self)
            segment.clicked.connect(lambda _=False, key=key: self._pick(key))
            row.addWidget(segment)
            self._segments[key] = segment
        self._segments[self._shown].setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_choice(self, key: str) -> None:
        """Show a choice without telling anyone."""
        self._shown = key
        self._segments[key].setChecked(True)

    def segment(self, key: str) -> QAbstractButton:
        return self._segments[key]

    def _pick(self, key: str) -> None:
        if key != self._shown:
            self._shown = key
            self.chosen.emit(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), theme().radius("control") + 1, fill=theme().color("bg.pressed"))


class Rule(QWidget):
    """A hairline, one px high, across."""

    def __init__(self, role: str = "line.hairline", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.setFixedHeight(1)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color(self._role))


class KeyCap(QWidget):
    """A key as it is drawn beside an act: `Ctrl`, `K`."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(ceil(keycap_width(self._key)) + 1, theme().px(19))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_keycap(QPainter(self), 0, self.height() / 2, self._key)
