"""The clocks of a ticket as cards in the right column (design language 4.6).

Painted from a `Face`; a card ticks without being laid out again and without a word to assistive technology. Called by
the pane, which owns the timer. `ui.ticket.header_chips` is the same for windows without that column.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from ui.theme import theme
from ui.ticket.clock_face import Face
from ui.widgets.buttons import Button
from ui.widgets.chip import chip_size, paint_chip
from ui.widgets.controls import Elided, Words
from ui.widgets.glyphs import mark_role
from ui.widgets.ground import rounded
from ui.widgets.spoken import SpokenNow


class ClockCard(SpokenNow, QWidget):
    """One clock: its name and chip, the share of time that is used, when it is due, and the way to its explanation.

    Signals: `explain_asked(metric)`.
    """

    explain_asked = Signal(str)

    def __init__(self, metric: str, face: Face, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clock_metric = metric
        self._face = face
        self._urgent = False
        self._explain = Button("Explain", self, kind="link")
        self._explain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._explain.setAccessibleName(f"Explain {face.name}")
        self._explain.clicked.connect(lambda: self.explain_asked.emit(self.clock_metric))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(face.spoken)
        theme().changed.connect(self._restyle)

    @property
    def face(self) -> Face:
        return self._face

    def spoken_now(self) -> str:
        return self._face.spoken

    @property
    def explain_button(self) -> Button:
        return self._explain

    def set_urgent(self, urgent: bool) -> None:
        """Whether this is the clock to look at: its border takes the mark colour of its level."""
        if urgent != self._urgent:
            self._urgent = urgent
            self.update()

    def show_face(self, face: Face) -> None:
        """Show what the clock says now; repaints only, unless the card folds."""
        if face == self._face:
            return
        before, told = self.sizeHint(), self._face
        self._face = face
        if face.states_other_than(told):
            self.setAccessibleName(face.spoken)
        if before != self.sizeHint():
            self.updateGeometry()
            self._place()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(256), look.px(62 if self._face.folds else 77) + self._note_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        look, hint = theme(), self._explain.sizeHint()
        right = self.width() - look.px(10) + look.px(4)
        centre = self._caption_line().center().y()
        self._explain.setGeometry(
            right - hint.width() - look.px(2), round(centre - hint.height() / 2) + 1, hint.width(), hint.height()
        )

    def _note_height(self) -> int:
        return theme().px(17) if self._face.note else 0

    def _caption_line(self) -> QRectF:
        look = theme()
        top = self.height() - look.px(27) - self._note_height()
        return QRectF(look.px(11), top, self.width() - 2 * look.px(11), look.px(18))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._face.tooltip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, face = theme(), self._face
        painter = QPainter(self)
        line = look.color(mark_role(face.level)) if self._urgent else look.color("line.divider")
        rounded(painter, QRectF(self.rect()), look.radius("card"), fill=look.color("bg.surface"), line=line)
        pad = look.px(11)
        chip_right = self.width() - pad
        chip_width, chip_height = chip_size(face.level, face.chip)
        top = look.px(8)
        paint_chip(painter, chip_right, top, face.level, face.chip, face.left)
        painter.setFont(look.font("body", weight=500))
        painter.setPen(look.color("text.primary"))
        room = QRectF(pad, top, chip_right - chip_width - 2 * pad, chip_height)
        name = QFontMetrics(painter.font()).elidedText(face.name, Qt.TextElideMode.ElideRight, int(room.width()) + 2)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        if not self._face.folds:
            self._paint_bar(painter, QRectF(pad, look.px(38), self.width() - 2 * pad, look.px(5)))
        painter.setFont(look.font("meta", tabular=True))
        painter.setPen(look.color("text.tertiary"))
        caption = self._caption_line()
        caption.setRight(self._explain.x() - look.px(4))
        shown = QFontMetrics(painter.font()).elidedText(face.caption, Qt.TextElideMode.ElideRight, int(caption.width()))
        painter.drawText(caption, Qt.AlignmentFlag.AlignVCenter, shown)
        if face.note:
            painter.drawText(caption.translated(0, look.px(17)), Qt.AlignmentFlag.AlignVCenter, face.note)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        look, face = theme(), self._face
        radius = bar.height() / 2
        if face.level == "paused":
            pen = QPen(look.color(mark_role("paused")), bar.height() - 2)
            pen.setDashPattern([2.0, 1.4])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            rounded(painter, bar, radius, fill=look.color("bg.pressed"))
            painter.setPen(pen)
            middle = bar.center().y()
            end = bar.left() + max(bar.width() * face.used, radius)
            painter.drawLine(QPointF(bar.left() + radius, middle), QPointF(end, middle))
            return
        rounded(painter, bar, radius, fill=look.color("bg.pressed"))
        if face.used > 0:
            used = QRectF(bar.left(), bar.top(), max(bar.width() * face.used, bar.height()), bar.height())
            rounded(painter, used, radius, fill=look.color(mark_role(face.level)))

    def _restyle(self) -> None:
        self.updateGeometry()
        self._place()
        self.update()


class ClockPanel(QWidget):
    """The cards, most urgent first, under a heading that names the promise.

    Signals: `explain_asked(metric)`; `rearranged`, when cards came, went or changed places.
    """

    explain_asked = Signal(str)
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Clocks")
        self._cards: list[ClockCard] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        heading = QHBoxLayout()
        heading.setContentsMargins(0, 0, 0, 2)
        heading.addWidget(Words("Clocks", "text.secondary", "section"))
        heading.addStretch(1)
        self._promise = Elided("", "text.tertiary", "meta")
        self._promise.setAlignment(Qt.AlignmentFlag.AlignRight)
        heading.addWidget(self._promise, 4)
        column.addLayout(heading)
        self._none = Words("", "text.tertiary", "meta")
        self._none.setWordWrap(True)
        column.addWidget(self._none)
        self._column = column

    @property
    def cards(self) -> tuple[ClockCard, ...]:
        return tuple(self._cards)

    def card(self, metric: str) -> ClockCard | None:
        return next((card for card in self._cards if card.clock_metric == metric), None)

    def show_clocks(self, faces: Sequence[tuple[str, Face]], promise: str, none: str) -> None:
        """Show the clocks, each a (metric, face), in this order; `none` is said where there are none."""
        self._promise.setText(promise)
        self._none.setText(none)
        self._none.setVisible(not faces)
        if [card.clock_metric for card in self._cards] != [metric for metric, _ in faces]:
            self._replace_cards(faces)
        self.tick(faces)

    def tick(self, faces: Sequence[tuple[str, Face]]) -> None:
        """Show what the same clocks say now, without laying anything out."""
        for index, (card, (_, face)) in enumerate(zip(self._cards, faces, strict=True)):
            card.show_face(face)
            card.set_urgent(index == 0 and face.level in ("due_soon", "at_risk", "breached") and not face.folds)

    def _replace_cards(self, faces: Sequence[tuple[str, Face]]) -> None:
        kept = {card.clock_metric: card for card in self._cards}
        cards = []
        for metric, face in faces:
            card = kept.pop(metric, None)
            if card is None:
                card = ClockCard(metric, face, self)
                card.explain_asked.connect(self.explain_asked)
            self._column.removeWidget(card)
            self._column.addWidget(card)
            card.show()
            cards.append(card)
        for card in kept.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = cards
        self.rearranged.emit()
