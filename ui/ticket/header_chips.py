"""The most urgent clocks as chips in the ticket's header, where there is no room for the right column (design
language 2 and 8).

As many stand there as fit whole; how many are left out is said by a button that opens the drawer, which has them all.
Called by the header.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import theme
from ui.ticket.clock_face import Face
from ui.widgets.buttons import Button
from ui.widgets.chip import chip_size, paint_chip
from ui.widgets.focus import RingedFocus, paint_focus_ring

MOST: Final = 3
_GAP: Final = 10
_INSIDE: Final = 6


class HeaderChip(RingedFocus, QAbstractButton):
    """A clock in the header: its name and its chip. Opens the explanation. Too narrow, it cuts the name, never the
    chip."""

    def __init__(self, metric: str, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clock_metric = metric
        self._face = face
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(face.spoken)
        self.setToolTip(_tip(face))

    def show_face(self, face: Face) -> bool:
        """Show what the clock says now; True when it needs another width."""
        if face == self._face:
            return False
        before, told = self.sizeHint(), self._face
        self._face = face
        self.setToolTip(_tip(face))
        if face.states_other_than(told):
            self.setAccessibleName(face.spoken)
        self.update()
        return self.sizeHint() != before

    def sizeHint(self) -> QSize:
        look = theme()
        width, height = chip_size(self._face.level, self._face.chip)
        name = QFontMetrics(look.font("meta")).horizontalAdvance(self._face.name)
        return QSize(name + look.px(_INSIDE) + int(width + 0.999) + look.px(4), int(height) + look.px(4))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The time left is said as it is when the chip is reached, and does not interrupt who stays on it."""
        self.setAccessibleName(self._face.spoken)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, face = theme(), self._face
        painter = QPainter(self)
        inner = QRectF(self.rect()).adjusted(0, 0, -look.px(4), 0)
        width, height = chip_size(face.level, face.chip)
        font = look.font("meta")
        room = int(inner.width() - width) - look.px(_INSIDE)
        painter.setFont(font)
        painter.setPen(look.color("text.primary" if self.underMouse() else "text.secondary"))
        name = QFontMetrics(font).elidedText(face.name, Qt.TextElideMode.ElideRight, room + 1)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)
        paint_chip(painter, inner.right(), (self.height() - height) / 2, face.level, face.chip, face.left)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), look.radius("chip"))


def _tip(face: Face) -> str:
    return f"{face.name}. {face.tooltip}"


class HeaderChips(QWidget):
    """The row of chips.

    Signals: `explain_asked(metric)`; `rest_asked`, when the clocks that are left out are to be seen; `rearranged`,
    when chips came, went or changed places.
    """

    explain_asked = Signal(str)
    rest_asked = Signal()
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._chips: list[HeaderChip] = []
        self._clocks = 0
        self._rest = Button("", self, kind="quiet", small=True)
        self._rest.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._rest.clicked.connect(self.rest_asked)
        self._rest.hide()
        theme().changed.connect(self._restyle)

    @property
    def chips(self) -> tuple[HeaderChip, ...]:
        return tuple(self._chips)

    @property
    def left_out(self) -> int:
        """How many clocks are not shown here."""
        return self._clocks - sum(not chip.isHidden() for chip in self._chips)

    def stops(self) -> tuple[QWidget, ...]:
        """What the Tab key visits, in order."""
        return (*self._chips, self._rest)

    def show_clocks(self, faces: Sequence[tuple[str, Face]]) -> None:
        """Show the first clocks of the panel's order."""
        moved = self._clocks != len(faces)
        self._clocks = len(faces)
        faces = faces[:MOST]
        if [chip.clock_metric for chip in self._chips] != [metric for metric, _ in faces]:
            self._replace(faces)
            moved = True
        for chip, (_, face) in zip(self._chips, faces, strict=True):
            moved = chip.show_face(face) or moved
        if moved:
            self._place()

    def _replace(self, faces: Sequence[tuple[str, Face]]) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [HeaderChip(metric, face, self) for metric, face in faces]
        for chip in self._chips:
            chip.clicked.connect(lambda _=False, metric=chip.clock_metric: self.explain_asked.emit(metric))
        self.rearranged.emit()

    def sizeHint(self) -> QSize:
        _, height = chip_size("none", "")
        return QSize(theme().px(200), int(height) + theme().px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        """Give a place to as many chips as fit whole; a lone one that is too wide cuts its name."""
        gap, widths = theme().px(_GAP), [chip.sizeHint().width() for chip in self._chips]
        self._say_rest(self._clocks - 1)
        reserved = self._rest.sizeHint().width()
        count = how_many_fit(widths, self.width(), gap, reserved, more=self._clocks > len(widths))
        x, room = 0, self.width() - (reserved + gap if count < self._clocks else 0)
        for index, chip in enumerate(self._chips):
            width = min(widths[index], room - x)
            chip.setGeometry(QRect(x, 0, width, self.height()))
            chip.setVisible(index < count)
            x += width + gap if index < count else 0
        self._say_rest(self._clocks - count)
        hint = self._rest.sizeHint()
        self._rest.setGeometry(QRect(x, (self.height() - hint.height()) // 2, hint.width(), hint.height()))
        self._rest.setVisible(count < self._clocks)

    def _say_rest(self, count: int) -> None:
        clocks = "1 more clock" if count == 1 else f"{count} more clocks"
        self._rest.setText(f"+{count}")
        self._rest.setToolTip(f"{clocks} (Ctrl+.)")
        if self._rest.accessibleName() != clocks:
            self._rest.setAccessibleName(clocks)

    def _restyle(self) -> None:
        self.updateGeometry()
        self._place()


def how_many_fit(widths: Sequence[int], room: int, gap: int, rest: int, *, more: bool = False) -> int:
    """How many chips of these widths stand in `room` px, at least one. Where some are left out, or there are `more`
    than these, `rest` px are kept for saying so."""
    for count in range(len(widths), 1, -1):
        left_out = more or count < len(widths)
        if sum(widths[:count]) + gap * (count - 1) + (gap + rest if left_out else 0) <= room:
            return count
    return min(len(widths), 1)
