"""The ledger of an engagement's hours: newest first, each change with its sign and the balance after it.

Written in minutes whose changes add up to the balances; the exact amounts, to the second, are in the tooltip, in what
is copied and in the export. Nothing is edited here: a correction is a new line (spec pro_services.md 2, consequence 9).
Called by the session page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from console.desk.pro.views import EngagementPage, LedgerRow
from console.domain import words
from ui.pro import amounts, live
from ui.theme import theme
from ui.widgets.card import PAD, Card, Heading, link
from ui.widgets.controls import Words
from ui.widgets.table_text import copy_rows

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

COLUMNS: Final = ("Date", "Entry", "Change", "Balance")
SHOWN: Final = 10
"""So many lines are shown before the rest is asked for."""
_ROW: Final = 29
_Index = QModelIndex | QPersistentModelIndex


class LedgerModel(QAbstractTableModel):
    """Date, entry, change, balance: one row per line, newest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[LedgerRow, ...] = ()
        self._cells: list[tuple[str, str, str, str]] = []
        self._zone = "UTC"

    @property
    def cells(self) -> list[tuple[str, str, str, str]]:
        """What is written, row by row."""
        return self._cells

    def row(self, row: int) -> LedgerRow:
        return self._rows[row]

    def show_rows(self, rows: tuple[LedgerRow, ...], zone: str, unit: int) -> None:
        """Show lines, newest first; `unit` is the ms to which amounts are rounded."""
        before, self._rows, self._zone = self._cells, rows, zone
        cells = written(rows, zone, unit)
        if len(cells) != len(before):
            self.beginResetModel()
            self._cells = cells
            self.endResetModel()
            return
        self._cells = cells
        for at, (one, other) in enumerate(zip(before, cells, strict=True)):
            if one != other:
                self.dataChanged.emit(self.index(at, 0), self.index(at, 3))

    def exact_cells(self, row: int) -> tuple[str, ...]:
        """A line to the second, for other programs."""
        line = self._rows[row]
        return (
            words.full(line.at, self._zone),
            line.text,
            amounts.change(line.change_ms),
            amounts.column(line.balance_ms),
        )

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - the signature of Qt
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - the signature of Qt
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cells[row][column]
            case Qt.ItemDataRole.ToolTipRole:
                at, text, change, balance = self.exact_cells(row)
                return f"{at}\n{text}\n{change}, then {balance}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, column)
            case Qt.ItemDataRole.TextAlignmentRole if column >= 2:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _spoken(self, row: int, column: int) -> str:
        line = self._rows[row]
        if column == 2:
            gained = "plus " if line.change_ms > 0 else ""
            return f"Change: {gained}{amounts.spoken(line.change_ms)}"
        if column == 3:
            return f"Balance: {amounts.spoken(line.balance_ms)}"
        return f"{COLUMNS[column]}: {self._cells[row][column]}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None


def written(rows: Sequence[LedgerRow], zone: str, unit: int) -> list[tuple[str, str, str, str]]:
    """The cells of lines that are newest first. A change is what lies between two written balances, so a column of
    rounded figures adds up."""
    found: list[tuple[str, str, str, str]] = []
    before = 0
    for at, row in enumerate(reversed(rows)):
        if at == 0:
            before = amounts.floored(row.balance_ms - row.change_ms, unit)
        balance = amounts.floored(row.balance_ms, unit)
        change = balance - before
        before = balance
        day = amounts.short_day(row.at, zone)
        found.append((day, row.text, amounts.change(change), amounts.column(balance)))
    return found[::-1]


class _Cells(QStyledItemDelegate):
    """Quiet date, plain words, signed change, bold balance; planned lines in `text.tertiary` throughout."""

    def __init__(self, parent: LedgerTable) -> None:
        super().__init__(parent)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model, look = index.model(), theme()
        if not isinstance(model, LedgerModel):
            return
        column, rect = index.column(), QRectF(option.rect)
        planned = model.row(index.row()).kind == "planned"
        painter.save()
        table = self.parent()
        if option.state & QStyle.StateFlag.State_Selected and isinstance(table, LedgerTable) and table.hasFocus():
            painter.fillRect(rect, look.color("bg.selected"))
            if column == 0:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), look.color("accent.mark"))
        painter.fillRect(_ruled(rect, column), look.color("line.hairline"))
        painter.setFont(cell_font(column, planned=planned))
        painter.setPen(look.color("text.tertiary" if planned or column == 0 else "text.primary"))
        inner, text = _inner(rect, column), model.cells[index.row()][column]
        side = Qt.AlignmentFlag.AlignRight if column >= 2 else Qt.AlignmentFlag.AlignLeft
        if column == 1:
            painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), text)
        else:
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(40, theme().px(_ROW))


def cell_font(column: int, *, planned: bool = False) -> QFont:
    if column == 0:
        return theme().font("meta", tabular=True)
    weight = 600 if column == 3 and not planned else 400
    return theme().font("body", weight=weight, tabular=column >= 2)


def _inner(rect: QRectF, column: int) -> QRectF:
    """Where the words of a cell stand: the outer columns keep the card's padding, the others a gap."""
    pad, gap = theme().px(PAD) - 1, theme().px(10)
    return rect.adjusted(pad if column == 0 else gap if column == 1 else 0, 0, -pad if column == 3 else 0, 0)


def _ruled(rect: QRectF, column: int) -> QRectF:
    """The hairline above a cell, from padding to padding."""
    pad = theme().px(PAD) - 1
    left, right = pad if column == 0 else 0, pad if column == 3 else 0
    return QRectF(rect.left() + left, rect.top(), rect.width() - left - right, 1)


class LedgerTable(QTableView):
    """The lines as a table as high as they are: the page scrolls, not the table. Ctrl+C copies the chosen lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ledger = LedgerModel(self)
        self.setModel(self.ledger)
        self.setItemDelegate(_Cells(self))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.setAutoFillBackground(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(10)
        self.setHorizontalHeader(_Head(self))
        self.horizontalHeader().setMinimumSectionSize(10)
        self.setAccessibleName("Ledger: date, entry, change, balance, newest first")

    def show_rows(self, rows: tuple[LedgerRow, ...], zone: str, unit: int) -> None:
        """Show lines, newest first; a tick that changes only figures lays nothing out."""
        texts = [row.text for row in rows]
        before = [line[1] for line in self.ledger.cells]
        self.ledger.show_rows(rows, zone, unit)
        if texts != before:
            self.measure()

    def sizeHint(self) -> QSize:
        rows = sum(self.rowHeight(row) for row in range(self.ledger.rowCount()))
        return QSize(theme().px(300), self.horizontalHeader().sizeHint().height() + rows)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(240), self.sizeHint().height())

    def measure(self) -> None:
        """Give columns and rows their sizes at the present width and text scale; a long entry takes more lines."""
        look = theme()
        pad, gap = look.px(PAD) - 1, look.px(10)
        wide = {}
        for column, extra in ((0, pad), (2, gap), (3, gap + pad)):
            metrics = QFontMetrics(cell_font(column))
            name = QFontMetrics(look.font("meta")).horizontalAdvance(COLUMNS[column])
            texts = (metrics.horizontalAdvance(row[column]) for row in self.ledger.cells)
            wide[column] = max(name, *texts, 0) + extra + 2
        entry = max(self.width() - sum(wide.values()), look.px(60))
        self.setColumnWidth(1, entry)
        for column, width in wide.items():
            self.setColumnWidth(column, width)
        metrics = QFontMetrics(cell_font(1))
        room = QRect(0, 0, int(_inner(QRectF(0, 0, entry, 1), 1).width()), 4000)
        for at, row in enumerate(self.ledger.cells):
            high = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), row[1]).height()
            self.setRowHeight(at, look.px(_ROW) + max(high - metrics.lineSpacing(), 0))
        self.updateGeometry()

    def copy(self) -> None:
        """Copy the chosen lines, to the second."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if chosen:
            copy_rows([COLUMNS, *(self.ledger.exact_cells(row) for row in chosen)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.ledger.rowCount():
            self.setCurrentIndex(self.ledger.index(0, 0))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class _Head(QHeaderView):
    """The names of the columns, quiet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)
        self.viewport().setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        return QSize(100, theme().px(26))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        look = theme()
        painter.save()
        painter.fillRect(rect, look.color("bg.surface"))
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.tertiary"))
        side = Qt.AlignmentFlag.AlignRight if section >= 2 else Qt.AlignmentFlag.AlignLeft
        painter.drawText(_inner(QRectF(rect), section), side | Qt.AlignmentFlag.AlignVCenter, COLUMNS[section])
        painter.restore()


class LedgerCard(Card):
    """`Ledger`, its table, and the way to a file."""

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Ledger", parent, bleeds=True)
        self._acts, self._now = acts, now
        self._page: EngagementPage | None = None
        self._all = False
        self.heading = Heading("Ledger", padded=True)
        self.export = link("Export CSV…", "Export the ledger as CSV")
        self.export.clicked.connect(self._export)
        self.heading.add(self.export)
        self.table = LedgerTable()
        self.more = link("", "Show the earlier lines of the ledger")
        self.more.clicked.connect(self._show_all)
        self._none = Words("No hours were bought yet.", "text.tertiary", "meta")
        self._none.setContentsMargins(theme().px(PAD), 0, theme().px(PAD), 0)
        self.column.addWidget(self.heading)
        self.column.addSpacing(2)
        self.column.addWidget(self.table)
        self.column.addWidget(self._none)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(1)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [self.export, self.table, self.more]

    def show_page(self, page: EngagementPage) -> None:
        if self._page is None or page.row.ticket != self._page.row.ticket:
            self._all = False
        self._page = page
        self.tick(self._now())

    def tick(self, now: int) -> None:
        """Show what the ledger is at an instant, epoch ms."""
        page = self._page
        if page is None:
            return
        rows = live.ledger_at(page, now)
        hidden = 0 if self._all else max(0, len(rows) - SHOWN)
        if hidden == 1:
            hidden = 0
        shown = rows[: len(rows) - hidden]
        self.table.show_rows(shown, page.zone, amounts.unit_of(page.hours.bought_ms))
        self.table.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self.export.setVisible(bool(rows))
        self.more.setText(f"Show {hidden} earlier lines")
        self.more.setVisible(hidden > 0)

    def _show_all(self) -> None:
        self._all = True
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.tick(self._now())

    def _export(self) -> None:
        if self._page is not None:
            self._acts.export_ledger(self._page)
