"""Paints the rows of the queue (design language 4.2) and their headers.

Fonts, metrics and elided lines are kept until the theme or the width changes, so that a page paints well within a
frame. Called by the view, which also paints its sticky header through `paint_header`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.queue import QueueRow
from ui import icons
from ui.queue import wording
from ui.queue.arrangement import Header
from ui.queue.model import DraftedRole, ItemRole
from ui.theme import theme
from ui.widgets.avatar import Kind, paint_avatar
from ui.widgets.chip import chip_size, paint_chip
from ui.widgets.focus import paint_focus_ring
from ui.widgets.glyphs import paint_impact
from ui.widgets.placeholder import paint_placeholder

KEPT_LINES: Final = 600

_VCENTER = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_SELECTED = QStyle.StateFlag.State_Selected
_HOVERED = QStyle.StateFlag.State_MouseOver


@dataclass(slots=True)
class _Look:
    """Everything of a row that depends on the theme alone."""

    subject: QFont
    meta: QFont
    caption: QFont
    subject_metrics: QFontMetricsF
    meta_metrics: QFontMetricsF
    caption_metrics: QFontMetricsF
    colors: dict[str, QColor]
    left: int
    right: int
    icon: int
    text: int
    gap: int
    avatar: int
    pencil: int
    line_one: int
    line_two: int
    chip_top: int

    def color(self, role: str) -> QColor:
        found = self.colors.get(role)
        if found is None:
            found = self.colors[role] = theme().color(role)
        return found


def row_height() -> int:
    look = theme()
    return look.px(look.size("row", "default"))


def header_height() -> int:
    look = theme()
    return look.px(look.size("groupHeader"))


class RowDelegate(QStyledItemDelegate):
    """Paints one row. `me` is who acts; `now` gives epoch ms; `active` tells whether the list has the focus, and
    `ringed_row` which row the keyboard is on."""

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = now
        self.me = ""
        self.active = False
        self.ringed_row: int | None = None
        self._look: _Look | None = None
        self._lines: OrderedDict[tuple[str, str, str, int, int], tuple[str, str]] = OrderedDict()
        theme().changed.connect(self.forget)

    def forget(self) -> None:
        """Drop what was kept for the old theme, scale or width."""
        self._look = None
        self._lines.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        header = isinstance(index.data(ItemRole), Header)
        return QSize(theme().size("queueList", "min"), header_height() if header else row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item = index.data(ItemRole)
        rect: QRect = option.rect
        ringed = self.ringed_row == index.row()
        if isinstance(item, Header):
            paint_header(painter, rect, item, ringed=ringed)
            return
        state = option.state
        painter.save()
        self._paint_ground(painter, rect, selected=bool(state & _SELECTED), hovered=bool(state & _HOVERED))
        if item is None:
            paint_placeholder(painter, rect, self._looks().color("bg.pressed"))
        else:
            self._paint_row(painter, rect, item, drafted=index.data(DraftedRole))
        painter.restore()
        if ringed:
            paint_focus_ring(painter, QRectF(rect).adjusted(2, 2, -2, -3), 4)

    def chip_rect(self, rect: QRect, row: QueueRow) -> QRect:
        """Where the chip of a row is painted, with room for a label that grows."""
        look = self._looks()
        face = wording.chip_face(row, self.now())
        width, height = chip_size(face.level, face.text)
        right = rect.right() + 1 - look.right
        left = right - width - theme().px(24)
        return QRect(int(left), rect.top() + look.chip_top, int(right - left) + 1, int(height) + 1)

    def _looks(self) -> _Look:
        if self._look is None:
            self._look = _make_look()
        return self._look

    def _paint_ground(self, painter: QPainter, rect: QRect, *, selected: bool, hovered: bool) -> None:
        look = self._looks()
        role = "bg.hover" if hovered else "bg.surface"
        if selected:
            role = "bg.selected" if self.active else "bg.selectedInactive"
        painter.fillRect(rect, look.color(role))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), look.color("line.hairline"))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), look.color("accent.mark"))
            if theme().high_contrast:
                painter.setPen(QPen(look.color("accent.mark"), 1))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_row(self, painter: QPainter, rect: QRect, row: QueueRow, *, drafted: bool) -> None:
        look = self._looks()
        face = wording.chip_face(row, self.now())
        right = rect.right() + 1 - look.right
        chip_left = float(right)
        if face.text:
            chip_left = paint_chip(
                painter, right, rect.top() + look.chip_top, face.level, face.text, face.fraction
            ).left()
        side = QRectF(right - look.avatar, rect.top() + look.line_two - look.avatar / 2, look.avatar, look.avatar)
        kind: Kind = "nobody" if row.assignee is None else "me" if row.assignee == self.me else "ours"
        paint_avatar(painter, side, row.assignee, kind)
        clock = wording.clock_name(row)
        clock_right = side.left() - theme().px(6)
        clock_left = clock_right - look.caption_metrics.horizontalAdvance(clock)
        painter.setFont(look.caption)
        painter.setPen(look.color("text.tertiary"))
        half = look.meta_metrics.height() / 2 + 1
        painter.drawText(
            QRectF(clock_left - 2, rect.top() + look.line_two - half, clock_right - clock_left + 2, 2 * half),
            _RIGHT,
            clock,
        )
        if drafted:
            clock_left -= look.pencil + theme().px(5)
            pencil = QRectF(clock_left, rect.top() + look.line_two - look.pencil / 2, look.pencil, look.pencil)
            icons.paint(painter, pencil, "pencil", "accent.text")
        self._paint_icons(painter, rect, row)
        self._paint_words(painter, rect, row, chip_left - look.gap, clock_left - look.gap)

    def _paint_icons(self, painter: QPainter, rect: QRect, row: QueueRow) -> None:
        look = self._looks()
        x = rect.left() + look.left
        impact = QRectF(x, rect.top() + look.line_one - look.icon / 2, look.icon, look.icon)
        paint_impact(painter, impact, row.impact, look.color("text.secondary"), look.color("line.divider"))
        channel = QRectF(x, rect.top() + look.line_two - look.icon / 2, look.icon, look.icon)
        icons.paint(painter, channel, wording.channel_icon(row), "text.tertiary")

    def _paint_words(self, painter: QPainter, rect: QRect, row: QueueRow, end_one: float, end_two: float) -> None:
        look = self._looks()
        x = float(rect.left() + look.text)
        half = look.subject_metrics.height() / 2 + 1
        meta_x = x
        if wording.is_new(row):
            meta_x += self._paint_tag(painter, meta_x, rect, "new", dashed=True)
        if wording.is_business_critical(row):
            meta_x += self._paint_tag(painter, meta_x, rect, "BC")
        subject, meta = self._elided(row, int(end_one - x), int(end_two - meta_x))
        painter.setFont(look.subject)
        painter.setPen(look.color("text.primary"))
        painter.drawText(QRectF(x, rect.top() + look.line_one - half, end_one - x, 2 * half), _VCENTER, subject)
        painter.setFont(look.meta)
        painter.setPen(look.color("text.tertiary"))
        painter.drawText(QRectF(meta_x, rect.top() + look.line_two - half, end_two - meta_x, 2 * half), _VCENTER, meta)

    def _paint_tag(self, painter: QPainter, x: float, rect: QRect, word: str, *, dashed: bool = False) -> float:
        """The `BC` of a Business-Critical plan, or the `new` of a ticket without a number, which is unsent and so
        dashed; returns the width that it takes."""
        look = self._looks()
        width = look.caption_metrics.horizontalAdvance(word) + theme().px(10)
        height = theme().px(15)
        frame = QRectF(x + 0.5, rect.top() + look.line_two - height / 2 + 0.5, width, height - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line.control"), 1, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, 3, 3)
        font = QFont(look.caption)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, word)
        return width + theme().px(7)

    def _elided(self, row: QueueRow, subject_width: int, meta_width: int) -> tuple[str, str]:
        """Both lines cut to their widths: the product goes before the customer is cut, the subject is cut last."""
        look = self._looks()
        key = (row.subject, wording.customer(row), row.product or "", subject_width, meta_width)
        found = self._lines.get(key)
        if found is None:
            subject = look.subject_metrics.elidedText(key[0], Qt.TextElideMode.ElideRight, subject_width)
            who, product = key[1], key[2]
            meta = " \u00b7 ".join(part for part in (who, product) if part)
            if who and look.meta_metrics.horizontalAdvance(meta) > meta_width:
                meta = look.meta_metrics.elidedText(who, Qt.TextElideMode.ElideRight, meta_width)
            found = self._lines[key] = (subject, meta)
            if len(self._lines) > KEPT_LINES:
                self._lines.popitem(last=False)
        return found


def paint_header(painter: QPainter, rect: QRect, header: Header, *, ringed: bool = False) -> None:
    """A group header: chevron, name, count unless it is not known yet; `Breached` in the ink of a breach."""
    look = theme()
    painter.save()
    painter.fillRect(rect, look.color("bg.sunken"))
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), look.color("line.hairline"))
    role = "urgency.breach.ink" if header.section.key == "breached" else "text.secondary"
    side, left = look.px(14), look.px(16)
    chevron = "chevron-right" if header.collapsed else "chevron-down"
    icons.paint(painter, QRectF(left - 1, rect.center().y() - side / 2 + 0.5, side, side), chevron, role)
    font = look.font("section", tabular=True)
    metrics = QFontMetricsF(font)
    x = float(left + side + look.px(5))
    painter.setFont(font)
    painter.setPen(look.color(role))
    painter.drawText(QRectF(x, rect.top(), rect.width() - x, rect.height()), _VCENTER, header.section.title)
    x += metrics.horizontalAdvance(header.section.title) + look.px(8)
    painter.setFont(look.font("meta", weight=500, tabular=True))
    count = f"{header.section.count:,}" if header.section.count else ""
    painter.drawText(QRectF(x, rect.top(), rect.width() - x, rect.height()), _VCENTER, count)
    painter.restore()
    if ringed:
        paint_focus_ring(painter, QRectF(rect).adjusted(2, 2, -2, -3), 4)


def _make_look() -> _Look:
    look = theme()
    subject, meta, caption = look.font("body", weight=500), look.font("meta"), look.font("caption", weight=400)
    return _Look(
        subject=subject,
        meta=meta,
        caption=caption,
        subject_metrics=QFontMetricsF(subject),
        meta_metrics=QFontMetricsF(meta),
        caption_metrics=QFontMetricsF(caption),
        colors={},
        left=look.px(16),
        right=look.px(14),
        icon=look.px(16),
        text=look.px(42),
        gap=look.px(10),
        avatar=look.px(look.size("avatar", "small")),
        pencil=look.px(13),
        line_one=look.px(18),
        line_two=look.px(39),
        chip_top=look.px(7),
    )
