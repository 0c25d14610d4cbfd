"""Kinds of work with their quantities, and how long each is likely to take by the reference durations (T13).

Source: spec pro_services.md 49. A time that is typed beside a kind is the agreed one and overrides the reference (T4).
Called by the offer of Pro hours and by the dialog of the scope. Lengths are seconds in estimates, ms in fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from console.domain.pro_estimates import Applications, Estimate, Migration, Office365, Vpn, Work, estimate
from console.domain.words import exact
from ui.pro.dialogs.fields import LengthField, NumberField, Typed, when_typed
from ui.theme import theme
from ui.widgets.controls import Words
from ui.widgets.marks import Tick

_MS: Final = 1000
OWN: Final = "Something else"


class _Line:
    """One kind of work: its tick, its quantities, and the time that it takes."""

    def __init__(self, words: str, quantities: Sequence[Typed[int]], make: Callable[[], Estimate | None]) -> None:
        self.tick = Tick(words)
        self.quantities = quantities
        self.make = make
        self.time = LengthField()
        self.time.setAccessibleName(f"Time for {words}")


class EstimateForm(QWidget):
    """Signal: `changed()`, whenever the work or its time is another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.applications, self.servers = NumberField(5, 999), NumberField(1, 999)
        self.gigabytes = NumberField(500, 999_999)
        self.installations = NumberField(1, 999)
        self.own = QLineEdit()
        self.own.setPlaceholderText("What is to be done")
        self._servers_word, self._times_word = Words("", "text.secondary"), Words("", "text.secondary")
        for field, spoken in (
            (self.applications, "Number of applications"),
            (self.servers, "Number of servers"),
            (self.gigabytes, "Gigabytes of data"),
            (self.installations, "Number of installations"),
            (self.own, "Title of other work"),
        ):
            field.setAccessibleName(spoken)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(12))
        self._grid.setVerticalSpacing(theme().px(8))
        self._grid.setColumnStretch(1, 1)
        self.lines: dict[str, _Line] = {}
        self._build()
        self._show()

    def _build(self) -> None:
        a, s, g, n = self.applications, self.servers, self.gigabytes, self.installations
        self._grid.addWidget(Words("Estimate", "text.secondary", "meta"), 0, 2)
        self._add(
            "applications", "Common applications", (a, "on", s, self._servers_word), (a, s), self._of_applications
        )
        self._add("migration", "Data migration", (g, "GB"), (g,), self._of_migration)
        self._add("office365", "Office 365 installation", (n, self._times_word), (n,), self._of_office)
        self._add("vpn", "VPN to a Google site", (), (), lambda: estimate(Vpn(google_site=True)))
        self._add("vpn_elsewhere", "VPN elsewhere", (), (), lambda: estimate(Vpn(google_site=False)))
        self._add("own", OWN, (self.own,), (), self._of_own)
        self.own.textEdited.connect(lambda text: self.lines["own"].tick.setChecked(bool(text.strip())))
        when_typed([self.own], self._show)

    def _add(
        self,
        key: str,
        words: str,
        parts: Sequence[QWidget | str],
        quantities: Sequence[Typed[int]],
        make: Callable[[], Estimate | None],
    ) -> None:
        line, at = _Line(words, quantities, make), self._grid.rowCount()
        beside = QHBoxLayout()
        beside.setSpacing(theme().px(6))
        for part in parts:
            beside.addWidget(Words(part, "text.secondary") if isinstance(part, str) else part)
        if not (len(parts) == 1 and isinstance(parts[0], QLineEdit) and not quantities):
            beside.addStretch(1)
        self._grid.addWidget(line.tick, at, 0)
        self._grid.addLayout(beside, at, 1)
        self._grid.addWidget(line.time, at, 2, Qt.AlignmentFlag.AlignRight)
        for field in (*quantities, line.time):
            field.textEdited.connect(lambda _: line.tick.setChecked(True))
        when_typed([line.tick, *quantities, line.time], self._show)
        self.lines[key] = line

    def estimates(self) -> tuple[Estimate, ...]:
        """The work that is ticked; a typed time is the agreed one. What cannot be read is left out, see `problem`."""
        return tuple(made for line in self.lines.values() if (made := _estimated(line)) is not None)

    def problem(self) -> str | None:
        """What is ticked and cannot be read, a sentence; or that nothing is ticked."""
        for line in self.lines.values():
            if not line.tick.isChecked():
                continue
            if line.make() is None:
                what = "its title" if line is self.lines["own"] else "how much of it there is"
                return f"{line.tick.text()}: write {what}."
            if line.time.text().strip() and line.time.value() is None:
                return f"{line.tick.text()}: write a time such as 1h 30m."
        return None if self.estimates() else "Tick the work that is to be done."

    def _show(self) -> None:
        """The reference stands in the field of the time until another one is typed."""
        for line in self.lines.values():
            made = line.make()
            seconds = None if made is None else made.seconds
            line.time.setPlaceholderText("needed" if seconds is None else exact(seconds * _MS))
            line.time.setToolTip(made.basis if made is not None and made.basis else line.time.accessibleDescription())
        self._servers_word.setText("server" if self.servers.value() == 1 else "servers")
        self._times_word.setText("time" if self.installations.value() == 1 else "times")
        self.changed.emit()

    def _of_applications(self) -> Estimate | None:
        count, servers = self.applications.value(), self.servers.value()
        return None if count is None or servers is None else estimate(Applications(count, servers))

    def _of_migration(self) -> Estimate | None:
        return _by(self.gigabytes.value(), Migration)

    def _of_office(self) -> Estimate | None:
        return _by(self.installations.value(), Office365)

    def _of_own(self) -> Estimate | None:
        title = " ".join(self.own.text().split())
        return Estimate(kind="other", title=title, seconds=None, basis="") if title else None


def _by(quantity: int | None, kind: Callable[[int], Work]) -> Estimate | None:
    return None if quantity is None else estimate(kind(quantity))


def _estimated(line: _Line) -> Estimate | None:
    made = line.make() if line.tick.isChecked() else None
    typed = line.time.value()
    return made.agreed(typed // _MS) if made is not None and typed is not None else made
