"""The written scope (T3, T4): its items with their estimates, and who agreed it on both sides.

Each agreement is the next version; the items that stay keep their names for the machine, so what was worked on them
stays theirs (spec pro_services.md 55). Called by `ui.pro.acts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.desk.pro.views import EngagementPage, ScopeLine
from console.domain.pro_estimates import Estimate
from console.domain.pro_events import ScopeItem
from ui.pro.dialogs.fields import LengthField, PersonField, when_typed
from ui.pro.dialogs.offer import ReferenceDialog
from ui.pro.dialogs.wording import kept, name
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.controls import Words
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question

_MS: Final = 1000
_MINUTE_MS: Final = 60_000


class AgreedScope(NamedTuple):
    items: tuple[ScopeItem, ...]
    agreed_by: tuple[str, ...]


class _ItemRow(QWidget):
    """One item. Signals: `changed()`, `gone()`, `left()` when Enter goes on to the next one."""

    changed = Signal()
    gone = Signal()
    left = Signal()

    def __init__(self, id: str, title: str, estimate_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.id = id
        self.title = QLineEdit(title)
        self.title.setPlaceholderText("What is to be done")
        self.estimate = LengthField()
        if estimate_ms:
            self.estimate.set_value(estimate_ms)
        self.remove = IconButton("close", "Take out")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().px(8))
        line.addWidget(self.title, 1)
        line.addWidget(self.estimate)
        line.addWidget(self.remove)
        self.remove.clicked.connect(self.gone)
        when_typed([self.title, self.estimate], self.changed.emit)
        for field in (self.title, self.estimate):
            field.installEventFilter(self)

    def number(self, n: int) -> None:
        self.title.setAccessibleName(f"Item {n}")
        self.estimate.setAccessibleName(f"Estimate of item {n}")
        self.remove.setAccessibleName(f"Take item {n} out")

    @property
    def is_empty(self) -> bool:
        return not self.title.text().strip() and not self.estimate.text().strip()

    def item(self) -> ScopeItem:
        return ScopeItem(self.id, " ".join(self.title.text().split()), (self.estimate.value() or 0) // _MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes on to the next item instead of agreeing the scope."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.left.emit()
                return True
        return super().eventFilter(watched, event)


class ScopeDialog(Question):
    """Answers with an `AgreedScope`. `new_id` names items that are added."""

    def __init__(
        self, page: EngagementPage, people: Sequence[str], me: str, new_id: Callable[[], str], parent: QWidget
    ) -> None:
        super().__init__(f"What did you agree with {name(page)}?", "Agree", parent, width=620)
        self._page, self._new_id = page, new_id
        self.rows: list[_ItemRow] = []
        above = QHBoxLayout()
        above.addWidget(Words("Item", "text.secondary", "meta"), 1)
        above.addWidget(Words("Estimate", "text.secondary", "meta"))
        above.addSpacing(theme().px(88))
        self.facts.addLayout(above)
        self._items = QVBoxLayout()
        self._items.setSpacing(theme().px(6))
        self.facts.addLayout(self._items)
        self.more = Button("Add item", self, kind="plain", icon="plus", small=True)
        self.reference = Button("From the reference durations\u2026", self, kind="plain", small=True)
        for button in (self.more, self.reference):
            button.setAutoDefault(False)
        self.more.clicked.connect(lambda: self._append().title.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.reference.clicked.connect(self._ask_reference)
        below = QHBoxLayout()
        below.setSpacing(theme().px(8))
        below.addWidget(self.more)
        below.addWidget(self.reference)
        below.addStretch(1)
        self.facts.addLayout(below)
        self.sum = self.say("")
        self._warning = self.say("", "warn")
        owner, partner = page.row.owner or me, page.contact or page.row.contact or ""
        self.engineer = PersonField(people, "Name of the engineer")
        self.engineer.setText(owner)
        self.partner = PersonField([partner] if partner else [], "Name at the partner")
        self.partner.setText(partner)
        sides = QHBoxLayout()
        sides.setSpacing(theme().px(12))
        sides.addWidget(Labelled("Agreed by the engineer", self.engineer))
        sides.addWidget(Labelled("Agreed by the partner", self.partner))
        self.facts.addLayout(sides)
        for line in page.scope.lines:
            self._append(line.id, line.title, line.estimate_ms)
        self._append()
        self.keep(self.engineer, self.partner)
        self._begun = self._rows_written()
        when_typed([self.engineer, self.partner], self._say)
        self._say()
        self.rows[-1].title.setFocus()

    @property
    def warning(self) -> str:
        """That the hours do not suffice; empty where they do."""
        return self._warning.text()

    def items(self) -> tuple[ScopeItem, ...]:
        return tuple(row.item() for row in self.rows if not row.is_empty)

    def answer(self) -> object | None:
        for row in self.rows:
            if row.is_empty:
                continue
            if not row.title.text().strip():
                self.refuse(f"{row.title.accessibleName()}: write what is to be done.")
                return None
            if row.estimate.text().strip() and row.estimate.value() is None:
                self.refuse(f'"{row.item().title}": write an estimate such as 1h 30m.')
                return None
        if not self.items():
            self.refuse("Write at least one item: the terms ask for a written scope (T3).")
            return None
        missing = self._missing()
        if missing:
            self.refuse(missing)
            return None
        return AgreedScope(self.items(), (self.engineer.name(), self.partner.name()))

    def draft(self) -> object | None:
        names, rows = super().draft(), self._rows_written()
        if names is None and rows == self._begun:
            return None
        return rows, names or (self.engineer.text(), self.partner.text())

    def restore(self, draft: object) -> None:
        assert isinstance(draft, tuple)
        rows, names = draft
        for row in tuple(self.rows):
            self._drop(row)
        for id, title, estimate in rows:
            self._append(id, title).estimate.setText(estimate)
        super().restore(names)
        self._say()
        self.rows[-1].title.setFocus()

    def _rows_written(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((row.id, row.title.text(), row.estimate.text()) for row in self.rows)

    def _missing(self) -> str:
        if not self.engineer.name() or not self.partner.name():
            return "Name both sides: engineer and customer agree the scope (T4)."
        if self.engineer.name().casefold() == self.partner.name().casefold():
            return "The engineer and the partner are two people: both agree the scope (T4)."
        return ""

    def _append(self, id: str | None = None, title: str = "", estimate_ms: int = 0) -> _ItemRow:
        row = _ItemRow(id or self._new_id(), title, estimate_ms)
        row.changed.connect(self._say)
        row.gone.connect(lambda: self._take_out(row))
        row.left.connect(lambda: self._go_on(row))
        self._items.addWidget(row)
        row.show()  # at once: the focus goes into it next
        self.rows.append(row)
        self._number()
        return row

    def _take_out(self, row: _ItemRow) -> None:
        at = self.rows.index(row)
        self._drop(row)
        if not self.rows:
            self._append()
        self.rows[min(at, len(self.rows) - 1)].title.setFocus(Qt.FocusReason.OtherFocusReason)
        self._number()
        self._say()

    def _drop(self, row: _ItemRow) -> None:
        self.rows.remove(row)
        self._items.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _go_on(self, row: _ItemRow) -> None:
        at = self.rows.index(row) + 1
        following = self.rows[at] if at < len(self.rows) else row if row.is_empty else self._append()
        following.title.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _number(self) -> None:
        """Names and the Tab key go by the order of the rows."""
        before: QWidget | None = None
        for n, row in enumerate(self.rows, 1):
            row.number(n)
            for field in (row.title, row.estimate, row.remove):
                if before is not None:
                    QWidget.setTabOrder(before, field)
                before = field
        if before is not None:
            QWidget.setTabOrder(before, self.more)
        self._fit()

    def _say(self) -> None:
        items, left = self.items(), self._page.hours.left_ms
        known = {line.id: line for line in self._page.scope.lines}
        ahead = sum(_ahead_ms(item, known.get(item.id)) for item in items)
        unknown = sum(1 for item in items if not item.estimate_s)
        without = f", {unknown} without an estimate" if unknown else ""
        self.sum.say(f"{kept(ahead)} still estimated{without}, {kept(left)} of the hours left.")
        over = ahead - left
        self._warning.say(
            f"That is {kept(over + _MINUTE_MS - 1)} more than the hours that are left." if over >= _MINUTE_MS else ""
        )
        self.set_act(f"Agree version {self._page.scope.version + 1}", enabled=bool(items))

    def _ask_reference(self) -> None:
        dialog = ReferenceDialog(self)

        def add(estimates: tuple[Estimate, ...]) -> None:
            if isValid(self):
                for row in [row for row in self.rows if row.is_empty]:
                    self._drop(row)
                for made in estimates:
                    self._append(title=made.title, estimate_ms=(made.time_s or 0) * _MS)
                self._say()
            dialog.recorded()

        dialog.asked.connect(add)
        dialog.open()


def _ahead_ms(item: ScopeItem, line: ScopeLine | None) -> int:
    """What an item is likely to take yet: its estimate without what was worked on it; nothing once it is done."""
    used, done = (0, False) if line is None else (line.used_ms, line.done)
    return 0 if done else max(item.estimate_s * _MS - used, 0)
