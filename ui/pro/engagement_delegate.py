"""Paints the rows of the engagements: what each is, what it waits for, its state, its hours, and whose it is.

A wide list shows these side by side; a narrow one, or large text, in two lines as in the queue. Neutral ink throughout:
urgency belongs to clocks (design language 1). Called by the view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.desk.pro.views import EngagementRow
from ui import icons
from ui.pro import engagement_words as wording
from ui.pro.engagement_model import EngagementModel, ItemRole
from ui.queue.arrangement import Header
from ui.queue.delegate import header_height, paint_header, row_height
from ui.theme import theme
from ui.widgets.avatar import Kind, paint_avatar
from ui.widgets.focus import paint_focus_ring

WIDE_FROM: Final = 860
"""From so many px at 100 % text the parts of a row stand side by side."""

WIDEST_STATE: Final = 196
"""What the state and its detail take of a wide row, px at 100 % text: `waiting for the partner` is whole."""

_VCENTER = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SELECTED = QStyle.StateFlag.State_Selected
_HOVERED = QStyle.StateFlag.State_MouseOver


@dataclass(frozen=True, slots=True)
class _Look:
    """The fonts of a row, made once per theme and text scale."""

    subject: QFont
    body: QFont
    strong: QFont
    meta: QFont
    tabular: QFont


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the parts of a row stand, from left to right, in px. Without `need` there is no room for it."""

    text: tuple[float, float]
    need: tuple[float, float] | None
    state: tuple[float, float]
    hours: tuple[float, float]
    avatar: float


class EngagementDelegate(QStyledItemDelegate):
    """Paints one row. `active` tells whether the list has the keyboard, `ringed_row` which row shows the ring."""

    def __init__(self, model: EngagementModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.active = False
        self.ringed_row: int | None = None
        self._look: _Look | None = None

    def forget(self) -> None:
        """Drop what was kept for the old theme or scale."""
        self._look = None

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        header = isinstance(index.data(ItemRole), Header)
        return QSize(theme().size("queueList", "min"), header_height() if header else row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item, rect, state = index.data(ItemRole), option.rect, option.state
        ringed = self.ringed_row == index.row()
        if isinstance(item, Header):
            paint_header(painter, rect, item, ringed=ringed)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, selected=bool(state & _SELECTED), hovered=bool(state & _HOVERED))
        if isinstance(item, EngagementRow):
            self._paint_row(painter, rect, item)
        painter.restore()
        if ringed:
            paint_focus_ring(painter, QRectF(rect).adjusted(2, 2, -2, -3), 4)

    # Parts -----------------------------------------------------------------------------------------------------------

    def _looks(self) -> _Look:
        if self._look is None:
            look = theme()
            self._look = _Look(
                subject=look.font("body", weight=500),
                body=look.font("body", tabular=True),
                strong=look.font("bodyStrong", tabular=True),
                meta=look.font("meta", tabular=True),
                tabular=look.font("body", tabular=True),
            )
        return self._look

    def _paint_ground(self, painter: QPainter, rect: QRect, *, selected: bool, hovered: bool) -> None:
        look = theme()
        role = "bg.hover" if hovered else "bg.surface"
        if selected:
            role = "bg.selected" if self.active else "bg.selectedInactive"
        painter.fillRect(rect, look.color(role))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), look.color("line.hairline"))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), look.color("accent.mark"))
            if look.high_contrast:
                painter.setPen(QPen(look.color("accent.mark"), 1))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_row(self, painter: QPainter, rect: QRect, row: EngagementRow) -> None:
        look, fonts, now, zone = theme(), self._looks(), self._model.now(), self._model.zone
        columns = _columns(rect)
        top, bottom = _lines(rect)
        side = float(look.px(28))
        who = QRectF(rect.left() + look.px(16), rect.top() + (rect.height() - side) / 2, side, side)
        paint_avatar(painter, who, row.account, "customer")
        _write(painter, columns.text, top, row.subject or "No subject", fonts.subject, "text.primary")
        named = " \u00b7 ".join(part for part in (row.account, wording.reference(row)) if part)
        if columns.need is None:
            _write(painter, columns.text, bottom, f"{row.account} \u00b7 {row.need_text}", fonts.meta, "text.secondary")
        else:
            _write(painter, columns.text, bottom, named, fonts.meta, "text.tertiary")
            _write(painter, columns.need, top, row.need_text, fonts.body, "text.primary")
            slot = wording.slot_besides(row, now, zone)
            _write(painter, columns.need, bottom, slot, fonts.meta, "text.tertiary")
        self._paint_state(painter, rect, columns, row)
        self._paint_hours(painter, rect, columns.hours, row)
        side = float(look.px(look.size("avatar", "default")))
        kind: Kind = "nobody" if row.owner is None else "me" if row.is_mine else "ours"
        whose = QRectF(columns.avatar, rect.top() + (rect.height() - side) / 2, side, side)
        paint_avatar(painter, whose, row.owner, kind)

    def _paint_state(self, painter: QPainter, rect: QRect, columns: _Columns, row: EngagementRow) -> None:
        look, fonts = theme(), self._looks()
        top, bottom = _lines(rect)
        word, icon = wording.state(row)
        running = row.state == "running"
        left, end = columns.state
        glyph, gap = look.px(14), look.px(7)
        detail = wording.state_detail(row)
        font = fonts.strong if running else fonts.body
        if columns.need is None:  # below the hours, and as they at the right end
            top, detail = bottom, ""
            left = max(end - QFontMetricsF(font).horizontalAdvance(word) - gap - glyph, left)
        icons.paint(
            painter,
            QRectF(left, top - glyph / 2, glyph, glyph),
            icon,
            "accent.mark" if running else "text.secondary",
        )
        _write(painter, (left + glyph + gap, end), top, word, font, "accent.text" if running else "text.secondary")
        if detail:
            _write(painter, (left + glyph + gap, end), bottom, detail, fonts.meta, "text.tertiary")

    def _paint_hours(self, painter: QPainter, rect: QRect, across: tuple[float, float], row: EngagementRow) -> None:
        fonts, now, zone = self._looks(), self._model.now(), self._model.zone
        top, bottom = _lines(rect)
        left, bought = wording.hours(row)
        start, end = across
        of = f" {bought}"
        width = QFontMetricsF(fonts.tabular).horizontalAdvance(of)
        _write(painter, (start, end), top, of, fonts.tabular, "text.tertiary", right=True)
        _write(painter, (start, end - width), top, left, fonts.strong, "text.primary", right=True)
        if _is_wide(rect):
            _write(
                painter, (start, end), bottom, wording.expiry(row, now, zone), fonts.meta, "text.tertiary", right=True
            )


def _is_wide(rect: QRect) -> bool:
    return rect.width() >= theme().px(WIDE_FROM)


def _lines(rect: QRect) -> tuple[float, float]:
    """The middles of the two lines of a row."""
    look = theme()
    return rect.top() + look.px(19), rect.top() + look.px(38)


def _columns(rect: QRect) -> _Columns:
    look = theme()
    left, right, gap = rect.left() + look.px(56), rect.right() + 1 - look.px(16), look.px(20)
    avatar = float(right - look.px(look.size("avatar", "default")))
    hours_end = avatar - gap
    hours = (hours_end - look.px(130), hours_end)
    if not _is_wide(rect):
        state = (hours_end - look.px(130), hours_end)
        return _Columns((left, hours[0] - gap), None, state, hours, avatar)
    state = (hours[0] - look.px(WIDEST_STATE), hours[0] - gap)
    room = state[0] - gap - left
    need = (left + room * 0.5, state[0] - gap)
    return _Columns((left, need[0] - gap), need, state, hours, avatar)


def _write(
    painter: QPainter,
    across: tuple[float, float],
    middle: float,
    text: str,
    font: QFont,
    role: str,
    *,
    right: bool = False,
) -> None:
    """One line of text around its middle, cut where its column ends."""
    metrics = QFontMetricsF(font)
    half = metrics.height() / 2 + 1
    start, end = across
    painter.setFont(font)
    painter.setPen(theme().color(role))
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, end - start + 0.5)
    painter.drawText(QRectF(start, middle - half, end - start, 2 * half), _RIGHT if right else _VCENTER, cut)
