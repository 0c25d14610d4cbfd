"""The banner: one sentence across the window for a state of the whole program (design language 4.12).

One at a time: what keeps the program from working stands before the state of the connection, and that before what was
said once and can be put away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.focus import RingedFocus, paint_focus_ring

Tone = Literal["info", "warn", "error"]
_GAP: Final = 10


@dataclass(frozen=True, slots=True)
class BannerFace:
    """What a banner says: `lead` in bold, `rest` behind it, and `acts` as pairs of a name and the words of a button.

    `progress` is the share that is done, from 0 to 1, where something is under way.
    """

    lead: str
    rest: str = ""
    tone: Tone = "info"
    icon: str = "flag"
    acts: tuple[tuple[str, str], ...] = ()
    progress: float | None = None

    @property
    def sentence(self) -> str:
        return f"{self.lead} {self.rest}".rstrip()


class _ToneButton(RingedFocus, QPushButton):
    """A button on the ground of a state, in its ink."""

    def __init__(self, text: str, tone: Tone, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = theme()
        width = QFontMetrics(look.font("meta", weight=600)).horizontalAdvance(self.text())
        return QSize(width + 2 * look.px(10), look.px(look.size("button", "small")))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, radius = look.color(f"state.{self._tone}.text"), look.radius("control")
        ground = look.color(f"state.{self._tone}.text")
        ground.setAlphaF(0.16 if self.isDown() else 0.08 if self.underMouse() else 0.0)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setFont(look.font("meta", weight=600))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), radius)
        painter.end()


class Banner(QWidget):
    """Hidden while there is nothing to say. Signals: `acted(str)`, the name of the button that was pressed;
    `rearranged()`, when its height or its buttons are others."""

    acted = Signal(str)
    rearranged = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._said: BannerFace | None = None
        self._closable = True
        self._standing: BannerFace | None = None
        self._face: BannerFace | None = None
        self._aside = ""
        self._buttons: list[_ToneButton] = []
        self._close = IconButton("close", "Close", self)
        self._close.clicked.connect(self._put_away)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._row.addWidget(self._close)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return self._face.sentence if self._face is not None else ""

    @property
    def aside(self) -> str:
        """What stands before the buttons."""
        return self._aside

    def announce(self, sentence: str, *, error: bool = False, closable: bool = True) -> None:
        """Say a sentence once: what is the matter, and what still works. The cross puts it away."""
        self._said = BannerFace(sentence, tone="error", icon="warn") if error else BannerFace(sentence)
        self._closable = closable
        self._choose()

    def stand(self, face: BannerFace | None) -> None:
        """Show a state for as long as it lasts, or none any more."""
        if face != self._standing:
            self._standing = face
            self._choose()

    def set_aside(self, words: str) -> None:
        """What is said before the buttons of a standing state, such as `Next try in 20s`."""
        if words != self._aside:
            self._aside = words
            self.update()

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [] if self.isHidden() else [*self._buttons, *([] if self._close.isHidden() else [self._close])]

    def button(self, name: str) -> QPushButton:
        """The button of an act; a KeyError where there is none."""
        return next(button for button in self._buttons if button.objectName() == name)

    def _put_away(self) -> None:
        self._said = None
        self._choose()

    def _choose(self) -> None:
        """What can be shown at once is one thing: what never goes away first, then a state, then what was said."""
        fatal = self._said if not self._closable else None
        face = fatal or self._standing or self._said
        before, self._face = self._face, face
        if face is None:
            self._rebuild(())
            self.hide()
            self.rearranged.emit()
            return
        other_acts = before is None or (face.acts, face.tone) != (before.acts, before.tone)
        if other_acts:
            self._rebuild(face.acts)
        self._close.setVisible(face is self._said and self._closable)
        self.setAccessibleName(face.sentence)
        self.setToolTip(face.sentence)
        self.show()
        self.update()
        if other_acts:
            self.rearranged.emit()

    def _rebuild(self, acts: tuple[tuple[str, str], ...]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        tone: Tone = self._face.tone if self._face is not None else "info"
        self._buttons = []
        for index, (name, words) in enumerate(acts):
            button = _ToneButton(words, tone, self)
            button.setObjectName(name)
            button.clicked.connect(lambda _=False, chosen=name: self.acted.emit(chosen))
            self._row.insertWidget(1 + index, button)
            button.show()
            self._buttons.append(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        face = self._face
        if face is None:
            return
        look = theme()
        painter = QPainter(self)
        ink = look.color(f"state.{face.tone}.text")
        painter.fillRect(self.rect(), look.color(f"state.{face.tone}.bg"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line.hairline"))
        if face.progress is not None:
            high = look.px(3)
            painter.fillRect(0, self.height() - high, round(self.width() * face.progress), high, ink)
        side, left = look.px(16), look.px(18)
        icons.paint(painter, QRectF(left, (self.height() - side) / 2, side, side), face.icon, f"state.{face.tone}.text")
        painter.setPen(ink)
        self._paint_words(painter, face, left + side + look.px(_GAP))
        painter.end()

    def _paint_words(self, painter: QPainter, face: BannerFace, left: int) -> None:
        """Lead, rest and aside on one line. Where there is no room the aside goes, then the rest stands below the
        lead, and is cut last."""
        look = theme()
        shown = [widget for widget in (*self._buttons, self._close) if widget.isVisible()]
        right = min((widget.x() for widget in shown), default=self.width() - look.px(16)) - look.px(_GAP)
        lead_font, font = look.font("body", weight=600 if face.rest else 500), look.font("body")
        aside_font, gap = look.font("meta", tabular=True), look.px(8)
        lead, rest = (
            QFontMetrics(lead_font).horizontalAdvance(face.lead),
            QFontMetrics(font).horizontalAdvance(face.rest),
        )
        aside = QFontMetrics(aside_font).horizontalAdvance(self._aside) if face is self._standing else 0
        if aside and min(left + lead + gap + rest, left + max(lead, rest)) + aside + 2 * look.px(_GAP) <= right:
            painter.setFont(aside_font)
            self._write(painter, QRectF(right - aside - 1, 0, aside + 1, self.height()), self._aside)
            right -= aside + 2 * look.px(_GAP)
        room = float(right - left)
        if lead + gap + rest <= room or not face.rest:
            boxes = QRectF(left, 0, room, self.height()), QRectF(left + lead + gap, 0, room, self.height())
        else:
            line, top = look.line("body"), (self.height() - 2 * look.line("body")) / 2
            boxes = QRectF(left, top, room, line), QRectF(left, top + line, room, line)
        painter.setFont(lead_font)
        self._write(painter, boxes[0], face.lead)
        painter.setFont(font)
        self._write(painter, boxes[1], face.rest)

    def _write(self, painter: QPainter, box: QRectF, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)

    def _restyle(self) -> None:
        look = theme()
        self.setFixedHeight(look.px(40))
        self._row.setContentsMargins(0, 0, look.px(14), 0)
        self._row.setSpacing(look.px(_GAP))
        self.update()
