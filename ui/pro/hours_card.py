"""The card of an engagement's hours: what is left, the bar, its legend, and what completing now would lose.

The heading is the one number that matters (design language 4.8). Ticks by arithmetic. Called by the session page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.desk.pro.views import EngagementPage
from console.domain import words
from ui.pro import amounts, live
from ui.pro.hours_bar import HoursBar, HoursLegend
from ui.pro.hours_parts import parts, summary
from ui.pro.notices import Notice
from ui.theme import theme
from ui.widgets.card import Card
from ui.widgets.spoken import SpokenNow

if TYPE_CHECKING:
    from ui.pro.acts import ProActs


class _Headline(QWidget):
    """`4h 33m left of 12h`, and when they expire: at the right end, or below where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left = self._of = self._expires = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)

    @property
    def text(self) -> str:
        return f"{self._left} {self._of}"

    @property
    def expires(self) -> str:
        return self._expires

    def show_words(self, left: str, of: str, expires: str, tip: str) -> None:
        if (left, of, expires) == (self._left, self._of, self._expires):
            return
        self._left, self._of, self._expires = left, of, expires
        self.setToolTip(tip)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        look = theme()
        return look.line("stat") + (0 if self._fits(width) else look.line("meta") + look.px(2))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().line("stat"))

    def _fits(self, width: float) -> bool:
        return self._widths()[0] + self._widths()[1] + self._widths()[2] + theme().px(8 + 16) <= width

    def _widths(self) -> tuple[float, float, float]:
        look = theme()
        return (
            QFontMetricsF(look.font("stat", tabular=True)).horizontalAdvance(self._left),
            QFontMetricsF(look.font("body")).horizontalAdvance(self._of),
            QFontMetricsF(look.font("meta")).horizontalAdvance(self._expires),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        large = QFontMetricsF(look.font("stat", tabular=True))
        baseline = (look.line("stat") + large.ascent() - large.descent()) / 2
        left, _, expires = self._widths()
        painter.setFont(look.font("stat", tabular=True))
        painter.setPen(look.color("text.primary"))
        painter.drawText(0, round(baseline), self._left)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.secondary"))
        painter.drawText(round(left + look.px(8)), round(baseline), self._of)
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.tertiary"))
        if self._fits(self.width()):
            painter.drawText(round(self.width() - expires), round(baseline), self._expires)
        else:
            top = look.line("stat") + look.px(2)
            painter.drawText(QRectF(0, top, self.width(), look.line("meta")), self._expires)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class HoursCard(SpokenNow, Card):
    """How much is left of what was bought, and where the rest went."""

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Hours", parent)
        self._now = now
        self._page: EngagementPage | None = None
        self.headline = _Headline()
        self.bar = HoursBar()
        self.legend = HoursLegend()
        self.loss = Notice("warn", "warn")
        for part in (self.headline, self.bar, self.legend, self.loss):
            self.column.addWidget(part)
        self.column.addStretch(1)
        theme().changed.connect(self._space)
        self._space()

    def stops(self) -> list[QWidget]:
        """What the Tab key visits: nothing, there is nothing to do here."""
        return []

    def spoken_now(self) -> str:
        return self._summary(self._now())

    def show_page(self, page: EngagementPage) -> None:
        self._page = page
        now = self._now()
        self.tick(now)
        self.setAccessibleName(self._summary(now))
        self.bar.setAccessibleName(self._summary(now))
        self.legend.setAccessibleName(", ".join(f"{label} {text}" for label, text in self.legend.rows))

    def tick(self, now: int) -> None:
        """Show what the hours are at an instant, epoch ms."""
        page = self._page
        if page is None:
            return
        hours = live.hours_at(page, now)
        unit = amounts.unit_of(hours.bought_ms)
        shown = parts(hours, planned_today=_all_today(page, now))
        expires, tip = "", ""
        if hours.expires_at is not None and hours.left_ms > 0:
            expires = f"expires {amounts.expiry(hours.expires_at, now, page.zone)}"
            tip = f"What is left then is lost: {words.full(hours.expires_at, page.zone)}."
        left = amounts.amount(amounts.floored(hours.left_ms, unit))
        self.headline.show_words(left, f"left of {amounts.amount(hours.bought_ms)}", expires, tip)
        self.bar.show_parts(shown, hours.bought_ms)
        self.legend.show_parts(shown)
        sentence = loss_line(page, now)
        self.loss.say(sentence)
        self.loss.setVisible(bool(sentence))

    def _summary(self, now: int) -> str:
        if self._page is None:
            return "Hours"
        hours = live.hours_at(self._page, now)
        return summary(hours, parts(hours, planned_today=_all_today(self._page, now)))

    def _space(self) -> None:
        self.column.setSpacing(theme().px(11))


def loss_line(page: EngagementPage, now: int) -> str:
    """What completing now would lose and what keeps it; empty where nothing would be lost."""
    lost = amounts.floored(live.loss_at(page, now), amounts.unit_of(page.hours.bought_ms))
    if lost <= 0 or page.row.state == "closed":
        return ""
    told = f"Completing now loses {amounts.amount(lost)}."
    return f"{told} Carry over keeps it." if page.carries_to is not None else told


def _all_today(page: EngagementPage, now: int) -> bool:
    """Whether all that is planned is of today, so that the legend may say so."""
    today = words.local(now, page.zone).date()
    ahead = [slot for slot in page.slots if slot.ends_at > now]
    return bool(ahead) and all(words.local(slot.begins_at, page.zone).date() == today for slot in ahead)
