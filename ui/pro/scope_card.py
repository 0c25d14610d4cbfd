"""The agreed scope: its items with what was used of each estimate, what was asked besides, and whether the rest fits.

Called by the session page. Items are ticked and chosen here, by keyboard and mouse; the estimate itself is changed by
agreeing a new version (spec pro_services.md T4 and 55).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage, ScopeView
from ui.pro import amounts, live
from ui.pro.notices import Mark
from ui.pro.scope_rows import AskRow, HeadRow, ItemRow
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.card import PAD, Card, Heading
from ui.widgets.controls import Rule, Words

if TYPE_CHECKING:
    from ui.pro.acts import ProActs


class ScopeCard(Card):
    """`Agreed scope`, a row for each item and each ask, and a footer that says whether the rest fits."""

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Agreed scope", parent, bleeds=True)
        self._acts, self._now = acts, now
        self._page: EngagementPage | None = None
        self.rows: list[ItemRow] = []
        self.asks: list[AskRow] = []
        self.heading = Heading("Agreed scope", padded=True)
        self.edit = _quiet("Edit…", "Edit the scope")
        self.ask = _quiet("Out of scope request…", "Note an ask that is out of scope", icon="flag")
        self.edit.clicked.connect(lambda: self._on_page(acts.edit_scope))
        self.ask.clicked.connect(lambda: self._on_page(acts.request))
        self.heading.add(self.ask)
        self.heading.add(self.edit)
        self._head = HeadRow()
        self._items, self._requests = _column(), _column()
        self.empty = _Empty()
        self.write = self.empty.write
        self.write.clicked.connect(lambda: self._on_page(acts.edit_scope))
        self.footer = _Footer()
        for part in (self.heading, self._head, self._items, self._requests, self.empty, self.footer):
            if isinstance(part, QWidget):
                self.column.addWidget(part)
            else:
                self.column.addLayout(part)
        self.column.addStretch(1)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [self.ask, self.edit, *self.rows, self.write]

    def show_page(self, page: EngagementPage) -> None:
        self._page = page
        scope, now = page.scope, self._now()
        written, may_act = bool(scope.lines), page.row.state != "closed" and not page.needs_newer_app
        self.heading.aside.setText(_agreed(scope, page.zone))
        self.heading.aside.set_tip(_agreed_by(scope))
        self.edit.setVisible(may_act and written)
        self.ask.setVisible(may_act and written)
        self.empty.setVisible(not written)
        self.write.setVisible(may_act)
        self._head.setVisible(written)
        self._show_items(page, now, may_act)
        self._show_asks(page)
        self.footer.setVisible(written)
        self.tick(now)

    def tick(self, now: int) -> None:
        """Show what was used by an instant, epoch ms."""
        page = self._page
        if page is None:
            return
        scale = _scale(page, now)
        for row, line in zip(self.rows, page.scope.lines, strict=True):
            row.tick(live.used_at(page, line, now), scale)
        fits, lead, rest = fit(page, now)
        self.footer.show_words(fits, lead, rest)

    def _show_items(self, page: EngagementPage, now: int, may_act: bool) -> None:
        lines = page.scope.lines
        while len(self.rows) > len(lines):
            self._drop(self.rows.pop(), self._items)
        while len(self.rows) < len(lines):
            row = ItemRow(self)
            row.tick_asked.connect(lambda done, row=row: self._tick_item(row, done))
            row.work_asked.connect(lambda row=row: self._work_on(row))
            self._items.addWidget(row)
            self.rows.append(row)
        scale = _scale(page, now)
        for row, line in zip(self.rows, lines, strict=True):
            row.show_line(line, live.used_at(page, line, now), scale)
            row.setEnabled(may_act)

    def _show_asks(self, page: EngagementPage) -> None:
        for ask in self.asks:
            self._drop(ask, self._requests)
        told = (f"{title}, asked for on {amounts.short_day(at, page.zone)}" for at, title in page.scope.requested)
        self.asks = [AskRow(text, self) for text in told]
        for ask in self.asks:
            self._requests.addWidget(ask)

    def _drop(self, row: QWidget, layout: QVBoxLayout) -> None:
        if row is QApplication.focusWidget():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        layout.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _tick_item(self, row: ItemRow, done: bool) -> None:
        if self._page is not None and row.line is not None:
            self._acts.set_item_done(self._page.row.ticket, row.line.id, done)

    def _work_on(self, row: ItemRow) -> None:
        """Only while a session runs there is anything to work on, and only on what is not done."""
        page, line = self._page, row.line
        if page is not None and page.running is not None and line is not None and not line.done and not line.is_current:
            self._acts.work_on(page.row.ticket, line.id)

    def _on_page(self, act: Callable[[EngagementPage], object]) -> None:
        if self._page is not None:
            act(self._page)


class _Empty(QWidget):
    """No scope: why it is needed, and the way to one. Attributes: `write`, the button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why = Words(
            "No scope is agreed yet. The terms ask for a written scope that both sides agreed before work starts.",
            "text.secondary",
        )
        self._why.setWordWrap(True)
        self.write = Button("Write the scope…", self, kind="primary")
        self.write.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._why)
        self._column.addWidget(self.write, 0, Qt.AlignmentFlag.AlignLeft)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(PAD) - 1, look.px(8), look.px(PAD) - 1, look.px(6))
        self._column.setSpacing(look.px(12))


class _Footer(QWidget):
    """`The rest fits.` or not, and the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = Mark("check", "state.ok.mark")
        self._lead = Words("", "text.primary", "bodyStrong")
        self._rest = Words("", "text.secondary", tabular=True)
        self._rest.setWordWrap(True)
        self._row = QHBoxLayout()
        top = Qt.AlignmentFlag.AlignTop
        self._row.addWidget(self._mark, 0, top)
        self._row.addWidget(self._lead, 0, top)
        self._row.addWidget(self._rest, 1, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Rule("line.divider"))
        column.addLayout(self._row)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        return f"{self._lead.text()} {self._rest.text()}".strip()

    def show_words(self, fits: bool, lead: str, rest: str) -> None:
        self._mark.show_icon("check" if fits else "warn", "state.ok.mark" if fits else "state.warn.text")
        for label, text in ((self._lead, lead), (self._rest, rest)):
            if label.text() != text:
                label.setText(text)

    def _restyle(self) -> None:
        look = theme()
        side = look.px(PAD) - 1
        self._row.setContentsMargins(side, look.px(11), side, look.px(3))
        self._row.setSpacing(look.px(8))


def fit(page: EngagementPage, now: int) -> tuple[bool, str, str]:
    """Whether what is left to do fits into what is left to use at an instant: the answer, the sentence, the figures."""
    left = amounts.floored(live.hours_at(page, now).left_ms)
    if page.scope.lines and all(line.done for line in page.scope.lines):
        return True, "Everything is done.", f"{amounts.amount(left)} left."
    still = -amounts.floored(-live.still_estimated_at(page, now))
    told = f"{amounts.amount(still)} still estimated, {amounts.amount(left)} left"
    if still > left:
        return False, "The rest does not fit.", f"{told}, {amounts.amount(still - left)} short."
    spare = f", {amounts.amount(left - still)} spare" if left > still else ""
    return True, "The rest fits.", f"{told}{spare}."


def _agreed(scope: ScopeView, zone: str) -> str:
    if not scope.version or scope.agreed_at is None:
        return "not agreed"
    version = f"version {scope.version}, " if scope.version > 1 else ""
    done = sum(line.done for line in scope.lines)
    return f"{version}agreed {amounts.short_day(scope.agreed_at, zone)}, {done} of {len(scope.lines)} done"


def _agreed_by(scope: ScopeView) -> str:
    return f"Agreed by {' and '.join(scope.agreed_by)}" if scope.agreed_by else ""


def _scale(page: EngagementPage, now: int) -> int:
    """The length of a full bar: the longest of all estimates and of all that was used."""
    return max((max(line.estimate_ms, live.used_at(page, line, now)) for line in page.scope.lines), default=1)


def _quiet(text: str, spoken: str, icon: str | None = None) -> Button:
    made = Button(text, kind="quiet", small=True, icon=icon)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(spoken)
    return made


def _column() -> QVBoxLayout:
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(0)
    return made
