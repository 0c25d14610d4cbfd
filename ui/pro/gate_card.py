"""The gate of an engagement: what has to be in hand before work starts, what is missing, and the act that gets it.

Purchase, access, scope, slot and partner contact hold the start back; after-hours consent does not (design language
4.8, spec pro_services.md T3 to T5, T12). Called by the session page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.desk.pro.views import ConsentLine, EngagementPage, GateLine, GateSubject, SlotLine
from console.domain import words
from ui import icons
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.card import LINK_OVERHANG, PAD, Card, Heading, link
from ui.widgets.controls import Rule, Words

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

_NAMES: Final[dict[GateSubject, str]] = {
    "purchase": "Purchase",
    "access": "Access",
    "scope": "Scope",
    "slot": "Slot",
    "contact": "Partner contact",
    "after_hours": "After hours",
}
_LINE: Final = 26
Act = tuple[str, str, Callable[[], object]]
"""What a link says, what it is called by assistive technology, and what it does."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the card. `key` tells it from the others; `name` is empty for what belongs to the line above."""

    key: str
    name: str
    mark: str
    text: str
    acts: tuple[Act, ...]

    @property
    def spoken(self) -> str:
        state = {"met": "in hand", "missing": "missing", "lock": "no consent", "warn": "warning"}[self.mark]
        return f"{self.name or self.text}: {state}" + (f", {self.text}" if self.name and self.text else "")


class _State(QWidget):
    """A tick, an empty ring, a lock or a warning: how a line stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = "missing"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    def show_mark(self, mark: str) -> None:
        self._mark = mark
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(16), theme().px(18))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        side = look.px(16)
        square = QRectF(0, (self.height() - side) / 2, side, side)
        if self._mark == "missing":
            pen = QPen(look.color("line.control"), 1.4)
            pen.setDashPattern([2.2, 1.8])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            painter.drawEllipse(square.adjusted(2.5, 2.5, -2.5, -2.5))
            return
        name, role = {
            "met": ("check", "state.ok.mark"),
            "lock": ("lock", "text.tertiary"),
            "warn": ("warn", "state.warn.text"),
        }[self._mark]
        icons.paint(painter, square, name, role)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class _Row(QWidget):
    """One line: how it stands, its name, what is known of it, and its acts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = _State()
        self._name = Words("", "text.primary", "body", weight=500)
        self._text = Words("", "text.secondary", "meta", tabular=True)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._rule = Rule()
        self._row = QHBoxLayout()
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._name, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)
        self._above = QHBoxLayout()
        self._above.addWidget(self._rule)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._above)
        column.addLayout(self._row, 1)
        self.links: list[Button] = []
        self.line: Line | None = None
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_line(self, line: Line) -> None:
        self.line = line
        self._mark.show_mark(line.mark)
        self._name.setText(line.name)
        self._text.setText(line.text)
        self._text.setAccessibleName(line.spoken)
        self.setAccessibleName(line.spoken)
        self._rule.setVisible(bool(line.name))
        if [button.text() for button in self.links] != [text for text, _, _ in line.acts]:
            self._replace_links(line)
        for button, (_, spoken, _) in zip(self.links, line.acts, strict=True):
            button.setAccessibleName(spoken)
        self._restyle()

    def _replace_links(self, line: Line) -> None:
        for button in self.links:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.links = [link(text, spoken, self) for text, spoken, _ in line.acts]
        for at, button in enumerate(self.links):
            button.clicked.connect(lambda _=False, at=at: self._act(at))
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def _act(self, at: int) -> None:
        """Do what the line offers now: the page may have been read anew since the link was made."""
        if self.line is not None:
            self.line.acts[at][2]()

    def _restyle(self) -> None:
        look = theme()
        named = self.line is None or bool(self.line.name)
        height, line = look.px(_LINE), look.line("meta")
        metrics = QFontMetrics(look.font("body", weight=500))
        names = max(metrics.horizontalAdvance(name) for name in _NAMES.values()) + look.px(10)
        side = look.px(PAD) - 1
        indent = 0 if named else look.px(16) + look.px(8)
        self._above.setContentsMargins(side, 0, side, 0)
        self._row.setContentsMargins(
            side + indent, look.px(3) if named else 0, side - look.px(LINK_OVERHANG), look.px(3)
        )
        self._row.setSpacing(look.px(8))
        self._name.setVisible(named)
        self._name.setFixedWidth(names)
        self._name.setFixedHeight(height)
        self._mark.setFixedHeight(height)
        self._text.setContentsMargins(0, (height - line) // 2, 0, (height - line) // 2)


class GateCard(Card):
    """`Ready to work`, `3 of 4`, and a line for each part of the gate."""

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Ready to work", parent, bleeds=True)
        self._acts = acts
        self._now = now
        self._rows: dict[str, _Row] = {}
        self.heading = Heading("Ready to work", padded=True, aside_style="section")
        self.column.addWidget(self.heading)
        self.column.addSpacing(theme().px(6))
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.column.addLayout(self._lines)
        self.column.addStretch(1)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as they are shown."""
        return tuple(row.line for row in self._rows.values() if row.line is not None)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [button for row in self._rows.values() for button in row.links]

    def act(self, key: str, text: str) -> Button:
        """The link of a line; KeyError and StopIteration where there is none."""
        return next(button for button in self._rows[key].links if button.text() == text)

    def show_page(self, page: EngagementPage) -> None:
        met, of = page.row.gate_met, page.row.gate_of
        self.heading.aside.setText(f"{met} of {of}")
        self.heading.aside.set_role("state.ok.text" if met == of else "text.secondary")
        self.setAccessibleName(f"Ready to work, {met} of {of}")
        lines = gate_lines(page, self._acts, self._now())
        if [line.key for line in lines] != list(self._rows):
            self._replace_rows(lines)
        for line in lines:
            self._rows[line.key].show_line(line)

    def tick(self, now: int) -> None:
        """Nothing here counts time."""

    def _replace_rows(self, lines: tuple[Line, ...]) -> None:
        kept, self._rows = self._rows, {}
        for line in lines:
            row = kept.pop(line.key, None) or _Row(self)
            self._lines.removeWidget(row)
            self._lines.addWidget(row)
            row.show()
            self._rows[line.key] = row
        for row in kept.values():
            focused = QApplication.focusWidget()
            if focused is not None and row.isAncestorOf(focused):
                self.setFocus()
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()


def gate_lines(page: EngagementPage, acts: ProActs, now: int) -> tuple[Line, ...]:
    """The lines of the card, those that belong to another right below it. `now` (epoch ms) says which day is today."""
    found: list[Line] = []
    may_act = page.row.state != "closed" and not page.needs_newer_app
    for gate in page.gate:
        found.append(_line(gate, page, acts, may_act))
        match gate.subject:
            case "access" if len(page.access) > 1:
                found += _access_lines(page, acts, may_act)
            case "slot":
                found += _slot_lines(page, acts, now, may_act)
            case "after_hours":
                found += [_consent_line(consent, page, now) for consent in page.consents if _is_told(consent, page)]
    return tuple(found)


def _line(gate: GateLine, page: EngagementPage, acts: ProActs, may_act: bool) -> Line:
    mark = "met" if gate.met else "lock" if gate.subject == "after_hours" else "missing"
    offered = _acts_of(gate, page, acts) if may_act else ()
    text = gate.text
    if gate.subject == "access" and len(page.access) > 1:
        text = f"{sum(access.received for access in page.access)} of {len(page.access)} in hand"
    return Line(gate.subject, _NAMES[gate.subject], mark, text, offered)


def _acts_of(gate: GateLine, page: EngagementPage, acts: ProActs) -> tuple[Act, ...]:
    match gate.subject:
        case "access":
            single = _access_acts(page, acts, 0) if len(page.access) == 1 else ()
            return (*single, ("Edit…", "Edit the access list", lambda: acts.edit_access(page)))
        case "scope":
            return (("Edit…" if page.scope.version else "Write…", "Edit the scope", lambda: acts.edit_scope(page)),)
        case "slot":
            return (("Book…", "Book a slot", lambda: acts.book_slot(page)),)
        case "contact":
            said = "Change…" if page.contact else "Set…"
            return ((said, "Set the partner contact", lambda: acts.set_contact(page)),)
        case "after_hours" if not gate.met:
            return (("Ask…", "Ask for after-hours consent", lambda: acts.ask_consent(page)),)
        case _:
            return ()


def _access_acts(page: EngagementPage, acts: ProActs, at: int) -> tuple[Act, ...]:
    ticket, access = page.row.ticket, page.access[at]
    if access.received:
        return (("Lost", f"{access.item}: the access is lost", lambda: acts.lose_access(ticket, access.item)),)
    return (("Receive", f"{access.item}: the access is received", lambda: acts.receive_access(ticket, access.item)),)


def _access_lines(page: EngagementPage, acts: ProActs, may_act: bool) -> list[Line]:
    return [
        Line(
            f"access:{access.item}",
            "",
            "met" if access.received else "missing",
            f"{access.item}, {access.text}" if access.text else access.item,
            _access_acts(page, acts, at) if may_act else (),
        )
        for at, access in enumerate(page.access)
    ]


def _slot_lines(page: EngagementPage, acts: ProActs, now: int, may_act: bool) -> list[Line]:
    """Each agreed slot where there are several, and each that cannot be kept, with why."""
    told = [slot for slot in page.slots if slot.warning or len(page.slots) > 1]
    again: Act = ("Book…", "Book another slot", lambda: acts.book_slot(page))
    return [
        Line(
            f"slot:{slot.id}",
            "",
            "warn" if slot.warning else "met",
            _slot_text(slot, page, now),
            (again,) if slot.warning and may_act else (),
        )
        for slot in told
    ]


def _slot_text(slot: SlotLine, page: EngagementPage, now: int) -> str:
    told = words.span(slot.begins_at, slot.ends_at, now, page.zone)
    if slot.engineer != page.row.owner:
        told += f", {slot.engineer}"
    return f"{told}. {slot.warning}" if slot.warning else told


def _is_told(consent: ConsentLine, page: EngagementPage) -> bool:
    return consent.flaw is not None or consent.withdrawn or len(page.consents) > 1


def _consent_line(consent: ConsentLine, page: EngagementPage, now: int) -> Line:
    told = words.span(consent.begins_at, consent.ends_at, now, page.zone)
    if consent.withdrawn:
        told += ": withdrawn"
    elif consent.flaw is not None:
        told += f": does not count, it {consent.flaw}"
    counts = consent.flaw is None and not consent.withdrawn
    return Line(f"consent:{consent.id}", "", "met" if counts else "warn", told, ())
