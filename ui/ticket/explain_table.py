"""The table of an explanation: a model over its rows, and a view that the arrow keys walk (design language 4.7).

Called by the explain popover.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui import icons
from ui.theme import theme
from ui.ticket.story import Story
from ui.widgets.glyphs import LEVEL_ROLES
from ui.widgets.table_text import copy_rows

_ICONS: Final = {
    "start": "flag",
    "ran": "play",
    "closed": "lock",
    "paused": "pause",
    "change": "arrow",
    "joined": "plus",
    "due": "warn",
    "end": "check",
    "now": "clock",
}
_TINTED: Final = frozenset({"due_soon", "at_risk", "breached", "met"})
_PAD: Final = 10
_Index = QModelIndex | QPersistentModelIndex


class StoryModel(QAbstractTableModel):
    """When, what happened, counted, left: one row per line of the story."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, str, str, str], ...] = ()
        self._columns: tuple[str, ...] = ("", "", "", "")
        self.kinds: tuple[str, ...] = ()
        self.level = "none"

    def show_story(self, story: Story, zone: str) -> None:
        """Show a story with its times in a zone."""
        rows = story.rows(zone)
        if len(rows) == len(self._rows):
            self._rows, self._columns = rows, story.columns(zone)
            self.kinds, self.level = tuple(line.kind for line in story.lines), story.level
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 3))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 3)
            return
        self.beginResetModel()
        self._rows, self._columns = rows, story.columns(zone)
        self.kinds, self.level = tuple(line.kind for line in story.lines), story.level
        self.endResetModel()

    def row(self, row: int) -> tuple[str, str, str, str]:
        return self._rows[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - the signature of Qt
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - the signature of Qt
        return 0 if parent.isValid() else 4

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = self._rows[index.row()][index.column()]
            return f"{self._columns[index.column()]}: {words.replace(chr(0x2212), 'minus ') or 'nothing'}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= 2:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        return None


class _Cells(QStyledItemDelegate):
    """Paints a row: an icon for its kind, quiet time, plain words, aligned figures; the last row in its level's ink."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, StoryModel):
            return
        look = theme()
        last = index.row() == model.rowCount() - 1
        tinted = last and model.level in _TINTED
        role = LEVEL_ROLES[model.level]
        rect = QRectF(option.rect)
        painter.save()
        ground = f"urgency.{role}.bg" if tinted else "bg.raised"
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected and not tinted:
            focused = bool(option.state & QStyle.StateFlag.State_Active)
            ground = "bg.selected" if focused else "bg.selectedInactive"
        painter.fillRect(rect, look.color(ground))
        if selected and index.column() == 0:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), look.color("accent.mark"))
        ink = f"urgency.{role}.text" if tinted else None
        self._paint_cell(painter, rect, index, model, ink)
        if not last:
            painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), look.color("line.divider"))
        painter.restore()

    def _paint_cell(self, painter: QPainter, rect: QRectF, index: _Index, model: StoryModel, ink: str | None) -> None:
        look, column = theme(), index.column()
        words = model.row(index.row())[column]
        inner = rect.adjusted(look.px(_PAD), 0, -look.px(_PAD), 0)
        flags = Qt.AlignmentFlag.AlignVCenter | (
            Qt.AlignmentFlag.AlignRight if column >= 2 else Qt.AlignmentFlag.AlignLeft
        )
        if column == 0:
            side = look.px(14)
            square = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
            icons.paint(painter, square, _ICONS.get(model.kinds[index.row()], "clock"), ink or "text.secondary")
            inner.setLeft(inner.left() + look.px(22))
        role = ink or ("text.primary" if column in (1, 3) else "text.secondary")
        if words == "not counted":
            role = ink or "text.tertiary"
        painter.setPen(look.color(role))
        painter.setFont(cell_font(column))
        if column == 1:
            painter.drawText(inner, int(flags | Qt.TextFlag.TextWordWrap), words)
            return
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(inner.width()) + 1)
        painter.drawText(inner, flags, shown)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, theme().px(theme().size("tableRow")))


def cell_font(column: int) -> QFont:
    return theme().font("body", weight=600 if column == 3 else 400, tabular=column != 1)


class StoryTable(QTableView):
    """The table of a story. Arrow keys move by rows, Ctrl+C copies the chosen ones as TSV and HTML."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = StoryModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Cells(self))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(10)
        self.setHorizontalHeader(_Head(self))

    def show_story(self, story: Story, zone: str) -> None:
        """Show a story with its times in a zone; the chosen row stays where the rows are the same."""
        self._model.show_story(story, zone)
        self.setAccessibleName(f"{story.title(zone)}: when, what happened, counted, left")
        if not self.currentIndex().isValid() and self._model.rowCount():
            self.setCurrentIndex(self._model.index(self._model.rowCount() - 1, 0))
        self.measure()

    def full_height(self) -> int:
        """The height in px of all rows and the head."""
        rows = sum(self.rowHeight(row) for row in range(self._model.rowCount()))
        return self.horizontalHeader().sizeHint().height() + rows

    def measure(self) -> None:
        """Give columns and rows their sizes at the present width and text scale."""
        look = theme()
        metrics = [QFontMetrics(cell_font(column)) for column in range(4)]
        rows = [self._model.row(row) for row in range(self._model.rowCount())]
        pads = (look.px(2 * _PAD + 24), 0, look.px(2 * _PAD + 2), look.px(2 * _PAD + 2))
        least = (look.px(150), 0, look.px(96), look.px(76))
        widths = [
            max(least[column], *(metrics[column].horizontalAdvance(row[column]) + pads[column] for row in rows), 0)
            for column in (0, 2, 3)
        ]
        widths[0] = min(widths[0], look.px(300))
        words = self.viewport().width() - sum(widths)
        for column, width in zip((0, 1, 2, 3), (widths[0], words, widths[1], widths[2]), strict=True):
            self.setColumnWidth(column, width)
        single, line = look.px(look.size("tableRow")), metrics[1].lineSpacing()
        room = QRect(0, 0, max(words - look.px(2 * _PAD), 40), 4000)
        for index, row in enumerate(rows):
            wrapped = metrics[1].boundingRect(room, int(Qt.TextFlag.TextWordWrap), row[1]).height()
            lines = max(round(wrapped / line), 1)
            self.setRowHeight(index, single + (lines - 1) * line)

    def copy(self) -> None:
        """Copy the chosen rows."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = [self._model.row(row) for row in chosen]
        if rows:
            copy_rows(rows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Head(QHeaderView):
    """The names of the columns, quiet, over a hairline."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)

    def sizeHint(self) -> QSize:
        return QSize(100, theme().px(28))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        look = theme()
        painter.save()
        painter.fillRect(rect, look.color("bg.raised"))
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.tertiary"))
        words = self.model().headerData(section, Qt.Orientation.Horizontal)
        left = look.px(_PAD + (22 if section == 0 else 0))
        side = Qt.AlignmentFlag.AlignRight if section >= 2 else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect.adjusted(left, 0, -look.px(_PAD), 0), side | Qt.AlignmentFlag.AlignVCenter, str(words))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), look.color("line.divider"))
        painter.restore()
