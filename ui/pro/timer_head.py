"""The head of the timer card: a running session with its timer, figures and buttons, or what a session waits for.

The timer ticks by repainting its own digits; figures repaint when one of them says something else. Called by the timer
card.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage
from console.domain import words
from console.domain.pro_running import elapsed_ms
from ui.pro import session_words
from ui.pro.notices import Mark
from ui.pro.session_words import Figure
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.controls import Words
from ui.widgets.live_dot import paint_live_dot

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

_BETWEEN: Final = 18
"""Between the timer, the figures and the buttons."""
_NEEDED_RANK: Final = 1
"""The nearest limit and the end of the slot stand beside the timer, or the buttons make room for them."""
_CENTRE: Final = Qt.AlignmentFlag.AlignVCenter


def that_fit(figures: Sequence[Figure], widths: Sequence[int], room: float, gap: int) -> list[Figure]:
    """The figures that stand whole in a room of px, in their order; the highest ranks give way first."""
    shown = dict(zip(figures, widths, strict=True))
    while shown and sum(shown.values()) + gap * (len(shown) - 1) > room:
        del shown[max(shown, key=lambda figure: figure.rank)]
    return list(shown)


class RunningHead(QWidget):
    """A running session. Attributes: `interrupt`, which goes on in a pause; `stop`, which starts a session of one's own
    where the one that runs is a colleague's."""

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: EngagementPage | None = None
        self._title = self._timer = ""
        self._figures: tuple[Figure, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.interrupt = Button("Interruption", self, icon="pause", key="I")
        self.stop = Button("Stop and save…", self, kind="primary", icon="stop")
        for button in (self.interrupt, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.interrupt.clicked.connect(lambda: self._interrupt(acts))
        self.stop.clicked.connect(lambda: self._stop_or_start(acts))
        theme().changed.connect(self._restyle)

    @property
    def title(self) -> str:
        return self._title

    @property
    def timer(self) -> str:
        return self._timer

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures; `shown_figures` are those that there is room for."""
        return self._figures

    @property
    def shown_figures(self) -> list[Figure]:
        return that_fit(self._figures, [self._width(f) for f in self._figures], self._room(), theme().px(_BETWEEN))

    def stops(self) -> list[QWidget]:
        return [self.interrupt, self.stop]

    def show_page(self, page: EngagementPage, now: int) -> None:
        self._page = page
        paused = page.running is not None and page.running.paused is not None
        self.interrupt.setText("Go on" if paused else "Interruption")
        self.interrupt.setAccessibleName("Go on with the session" if paused else "Log an interruption")
        self.interrupt.set_icon("play" if paused else "pause")
        self.interrupt.set_kind("primary" if paused else "plain")
        mine = page.running_is_mine
        self.stop.setText("Stop and save…" if mine else "Start mine")
        self.stop.setAccessibleName("Stop the session and save it" if mine else "Start a session of your own")
        self.stop.set_icon("stop" if mine else "play")
        self.stop.setToolTip("" if mine else page.may_start or "")
        self.stop.set_kind("plain" if paused else "primary")
        self.interrupt.setEnabled(mine)
        self.stop.setEnabled(mine or page.may_start is None)
        self.stop.updateGeometry()
        self.tick(now)
        self._restyle()

    def tick(self, now: int) -> None:
        page = self._page
        if page is None or page.running is None:
            return
        title, figures = session_words.title(page), session_words.figures(page, now)
        timer = session_words.timer(elapsed_ms(page.running, now))
        if (title, figures, len(timer)) != (self._title, self._figures, len(self._timer)):
            self._title, self._figures, self._timer = title, figures, timer
            zone = words.zone_short(page.zone, now)
            self.setToolTip("\n".join(f"{f.name}: {f.value}" for f in figures) + f"\nTimes are {zone}")
            if self.height() != self.heightForWidth(self.width()):
                self.updateGeometry()
            self._place()
            self.update()
        elif timer != self._timer:
            self._timer = timer
            self.update(self._timer_rect().toAlignedRect())

    def _interrupt(self, acts: ProActs) -> None:
        page = self._page
        if page is not None and page.running is not None:
            (acts.pause if page.running.paused is None else acts.resume)(page)

    def _stop_or_start(self, acts: ProActs) -> None:
        page = self._page
        if page is not None:
            (acts.stop if page.running_is_mine else acts.start)(page)

    # Measures

    def _timer_rect(self) -> QRectF:
        look = theme()
        zeros = "".join("0" if letter.isdigit() else letter for letter in self._timer)
        wide = QFontMetrics(look.font("timer", tabular=True)).horizontalAdvance(zeros)
        return QRectF(0, look.px(22), wide + 2, look.line("timer"))

    def _width(self, figure: Figure) -> int:
        look = theme()
        name = QFontMetrics(look.font("caption")).horizontalAdvance(figure.name)
        return max(name, QFontMetrics(self._value_font()).horizontalAdvance(figure.value)) + 1

    def _value_font(self) -> QFont:
        return theme().font("body", weight=500, tabular=True)

    def _buttons_width(self) -> int:
        return self.interrupt.sizeHint().width() + theme().px(10) + self.stop.sizeHint().width()

    def _beside(self, width: int) -> bool:
        """Whether the buttons stand beside the timer and the figures that are needed."""
        between = theme().px(_BETWEEN)
        needed = [self._width(figure) + between for figure in self._figures if figure.rank <= _NEEDED_RANK]
        return self._timer_rect().width() + sum(needed) + between + self._buttons_width() <= width

    def _room(self) -> float:
        """The px that the figures have."""
        between = theme().px(_BETWEEN)
        room = self.width() - self._timer_rect().width() - between
        return room - (self._buttons_width() + between if self._beside(self.width()) else 0)

    def heightForWidth(self, width: int) -> int:
        look = theme()
        own = look.px(22) + look.line("timer")
        return own if self._beside(width) else own + look.px(8) + self.stop.sizeHint().height()

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        width = max(self.width(), theme().px(520))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._buttons_width(), theme().px(22) + theme().line("timer"))

    def _place(self) -> None:
        look = theme()
        beside, stop, interrupt = self._beside(self.width()), self.stop.sizeHint(), self.interrupt.sizeHint()
        left = self.width() - self._buttons_width() if beside else 0
        own = look.px(22) + look.line("timer")
        top = (own - stop.height()) // 2 if beside else own + look.px(8)
        self.interrupt.setGeometry(left, top, interrupt.width(), interrupt.height())
        self.stop.setGeometry(left + interrupt.width() + look.px(10), top, stop.width(), stop.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.height() != self.heightForWidth(self.width()):
            self.updateGeometry()  # a fixed height is that of the hint, which depends on the width
        self._place()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        page = self._page
        if page is None or page.running is None:
            return
        look, painter, running = theme(), QPainter(self), page.running
        line = look.px(18)
        paused = running.paused is not None
        paint_live_dot(painter, look.px(7), line / 2, is_metered=running.metering, is_paused=paused)
        font = look.font("section")
        end = self.interrupt.x() - look.px(10) if self._beside(self.width()) else self.width()
        room = QRectF(look.px(20), 0, end - look.px(20), line)
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(
            room, _CENTRE, QFontMetrics(font).elidedText(self._title, Qt.TextElideMode.ElideRight, int(room.width()))
        )
        timer = self._timer_rect()
        painter.setFont(look.font("timer", tabular=True))
        painter.setPen(look.color("text.primary" if running.metering else "text.secondary"))
        painter.drawText(timer, _CENTRE, self._timer)
        self._paint_figures(painter, timer.right() + look.px(_BETWEEN))

    def _paint_figures(self, painter: QPainter, x: float) -> None:
        look = theme()
        name_top, value_top = look.px(26), look.px(42)
        for figure in self.shown_figures:
            wide = self._width(figure)
            painter.setFont(look.font("caption"))
            painter.setPen(look.color("text.tertiary"))
            painter.drawText(QRectF(x, name_top, wide + 1, look.px(15)), _CENTRE, figure.name)
            painter.setFont(self._value_font())
            painter.setPen(look.color("text.primary"))
            painter.drawText(QRectF(x, value_top, wide + 1, look.px(20)), _CENTRE, figure.value)
            x += wide + look.px(_BETWEEN)

    def _restyle(self) -> None:
        self.updateGeometry()
        self._place()
        self.update()


class WaitingHead(QWidget):
    """A session that does not run: what it waits for, or how it ended. Attributes: `start`, `headline`, `detail`,
    `refusal`, which says what keeps the timer from being started."""

    def __init__(self, acts: ProActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: EngagementPage | None = None
        self.headline = Words("", "text.primary", "title")
        self.detail = Words("", "text.secondary", "body", tabular=True)
        self.refusal = Words("", "text.secondary", "meta")
        self._lock = Mark("lock", "text.secondary", px=14)
        self.start = Button("Start", self, kind="primary", icon="play")
        self.start.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.start.clicked.connect(lambda: self._page and acts.start(self._page))
        for label in (self.headline, self.refusal):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._why = QHBoxLayout()
        self._why.addWidget(self._lock, 0, Qt.AlignmentFlag.AlignTop)
        self._why.addWidget(self.refusal, 1)
        self._told = QVBoxLayout()
        self._told.addWidget(self.headline)
        self._told.addWidget(self.detail)
        self._told.addLayout(self._why)
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._told, 1)
        self._row.addWidget(self.start, 0, Qt.AlignmentFlag.AlignTop)
        theme().changed.connect(self._restyle)
        self._restyle()

    def stops(self) -> list[QWidget]:
        return [self.start]

    def show_page(self, page: EngagementPage, now: int) -> None:
        """Start is enabled where nothing holds it back; else the sentence stands beside it."""
        self._page = page
        is_over = page.row.state == "closed" and page.may_start is not None
        why = "" if is_over or page.may_start is None else page.may_start
        self.start.setVisible(not is_over)
        self.start.setEnabled(page.may_start is None)
        self.start.setAccessibleName(f"Start session {page.session}" if not why else f"Start. {why}")
        self.refusal.setText(why)
        self.refusal.setVisible(bool(why))
        self._lock.setVisible(bool(why))
        self.tick(now)

    def tick(self, now: int) -> None:
        page = self._page
        if page is None:
            return
        headline, detail = session_words.waiting(page, now)
        undo = session_words.undo(page, now)
        if undo is not None:
            headline, detail = undo.removesuffix("."), session_words.waiting(page, now)[1]
        if headline != self.headline.text():
            self.headline.setText(headline)
        if detail != self.detail.text():
            self.detail.setText(detail)
        self.detail.setVisible(bool(detail))

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(0, look.px(4), 0, 0)
        self._row.setSpacing(look.px(16))
        self._told.setSpacing(look.px(3))
        self._why.setSpacing(look.px(6))
        self._why.setContentsMargins(0, look.px(4), 0, 0)
        self.headline.setMinimumHeight(ceil(look.line("title")))
