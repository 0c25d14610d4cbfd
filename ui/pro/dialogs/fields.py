"""The fields of the questions: days, times and lengths that are typed, long text, people.

A field that reads what is typed writes it anew when the focus leaves it, so that the person sees how it was
understood; Up and Down step it. Painted from the theme's roles; grows with the text scale. Called by the dialogs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QCompleter, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.words import exact, local, zone_short
from ui.pro.dialogs.wall_text import day_text, instants_of, offset_name, read_day, read_length, read_time, time_text
from ui.theme import theme
from ui.widgets.controls import Words
from ui.widgets.labelled import Labelled
from ui.widgets.marks import Choice

STEP_MIN: Final = 15
"""The step of a time or a length, minutes."""
_MINUTE: Final = 60_000
_LONGEST: Final = 200 * 60 * _MINUTE

T = TypeVar("T")


class Typed(QLineEdit, Generic[T]):
    """One line that stands for a value. Signal: `changed()`, with every key that changes what it may stand for."""

    changed = Signal()

    def __init__(self, wide: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wide = wide
        self.editingFinished.connect(self.settle)
        self.textEdited.connect(lambda _: self.changed.emit())
        theme().changed.connect(self._measure)
        self._measure()

    def read(self, text: str) -> T | None:
        raise NotImplementedError

    def write(self, value: T) -> str:
        raise NotImplementedError

    def stepped(self, value: T | None, by: int) -> T:
        """The value so many steps on."""
        raise NotImplementedError

    def value(self) -> T | None:
        """What it stands for, or None while nobody can tell."""
        return self.read(self.text())

    def set_value(self, value: T) -> None:
        self.setText(self.write(value))
        self.changed.emit()

    def settle(self) -> None:
        """Write what was typed as it was understood."""
        value = self.value()
        if value is not None and self.write(value) != self.text():
            self.setText(self.write(value))
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.set_value(self.stepped(self.value(), by))
            self.selectAll()

    def _measure(self) -> None:
        look = theme()
        self.setFont(look.font("body", tabular=True))
        self.setFixedWidth(QFontMetrics(self.font()).horizontalAdvance(self._wide) + look.px(30))


class DayField(Typed[date]):
    """A date: `Tue 14 Oct 2025`; reads `wed`, `tomorrow`, `14 oct`. `ahead`: the name of a day means the next one."""

    def __init__(self, today: date, *, ahead: bool, parent: QWidget | None = None) -> None:
        super().__init__("Wed 88 May 8888", parent)
        self._today, self._ahead = today, ahead
        self.setAccessibleName("Day")
        self.setAccessibleDescription("Such as Wed, tomorrow or 14 Oct. Up and Down go by a day.")
        self.setToolTip(self.accessibleDescription())

    def read(self, text: str) -> date | None:
        return read_day(text, self._today, ahead=self._ahead)

    def write(self, value: date) -> str:
        return day_text(value)

    def stepped(self, value: date | None, by: int) -> date:
        return self._today if value is None else value + timedelta(days=by)


class TimeField(Typed[time]):
    """A wall time: `10:30 AM`; reads `1030`, `5 pm`, `17:00`. Steps by a quarter of an hour, within the day."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("12:88 AM", parent)
        self.setAccessibleDescription("Such as 10:30 AM or 17:00. Up and Down go by 15 minutes.")
        self.setToolTip(self.accessibleDescription())

    def read(self, text: str) -> time | None:
        return read_time(text)

    def write(self, value: time) -> str:
        return time_text(value)

    def stepped(self, value: time | None, by: int) -> time:
        if value is None:
            return time(9)
        minutes = value.hour * 60 + value.minute
        step = (minutes // STEP_MIN + 1 if by > 0 else -(-minutes // STEP_MIN) - 1) * STEP_MIN
        step = min(max(step, 0), 24 * 60 - STEP_MIN)
        return time(step // 60, step % 60)


class NumberField(Typed[int]):
    """A count, at least 1."""

    def __init__(self, value: int, most: int, parent: QWidget | None = None) -> None:
        self._most = most
        super().__init__("8" * len(str(most)), parent)
        self.set_value(value)

    def read(self, text: str) -> int | None:
        digits = text.replace(",", "").strip()
        return int(digits) if digits.isdecimal() and 1 <= int(digits) <= self._most else None

    def write(self, value: int) -> str:
        return f"{value:,}"

    def stepped(self, value: int | None, by: int) -> int:
        return min(max((value or 0) + by, 1), self._most)


class LengthField(Typed[int]):
    """A length in ms: `1h 30m`; reads `90m`, `1:30`, `1.5h`, and `2` as hours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("88h 88m", parent)
        self.setAccessibleDescription("Such as 1h 30m, 45m or 1:30. Up and Down go by 15 minutes.")
        self.setToolTip(self.accessibleDescription())
        self.setPlaceholderText("1h 30m")

    def read(self, text: str) -> int | None:
        return read_length(text)

    def write(self, value: int) -> str:
        return exact(value)

    def stepped(self, value: int | None, by: int) -> int:
        step = STEP_MIN * _MINUTE
        now = value or 0
        return min(max((now // step + 1 if by > 0 else -(-now // step) - 1) * step, step), _LONGEST)


class MomentFields(QWidget):
    """Day and time of the clocks of a zone, which together are an instant (epoch ms).

    Where the clocks show that time twice it asks which one is meant, and a time that they never show is refused
    (scenario 15). Signal: `changed()`.
    """

    changed = Signal()

    def __init__(self, label: str, zone: str, now: int, *, ahead: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self._zone = zone
        self.day = DayField(local(now, zone).date(), ahead=ahead)
        self.time = TimeField()
        self.day.setAccessibleName(f"{label}, day")
        self.time.setAccessibleName(f"{label}, time")
        self._which: Choice | None = None
        self._offered: tuple[int, ...] = ()
        self._picked: int | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().px(8))
        self._row.addWidget(self.day)
        self._row.addWidget(self.time)
        self._told = Words(zone_short(zone, now), "text.tertiary", "meta")
        self._row.addWidget(self._told)
        self._row.addStretch(1)
        for field in (self.day, self.time):
            field.changed.connect(self._look)
        self.setFocusProxy(self.day)

    def set_instant(self, at: int) -> None:
        """Show an instant; of a time that comes twice the one that is meant."""
        wall = local(at, self._zone)
        self.day.set_value(wall.date())
        self.time.set_value(time(wall.hour, wall.minute))
        minute = at // _MINUTE * _MINUTE
        if self._which is not None and minute in self._offered:
            self._picked = self._offered.index(minute)
            self._which.pick(str(self._picked))

    def instant(self) -> int | None:
        """The instant, or None while `problem` says what is missing."""
        instants = self._instants()
        if len(instants) > 1:
            return None if self._picked is None else instants[self._picked]
        return instants[0] if instants else None

    def problem(self) -> str | None:
        """What is missing, a sentence; None where it is an instant."""
        day, at = self.day.value(), self.time.value()
        if day is None:
            return f"{self.label}: write a day such as Wed, tomorrow or 14 Oct."
        if at is None:
            return f"{self.label}: write a time such as 10:30 AM."
        instants = self._instants()
        if not instants:
            return f"{self.label}: {time_text(at)} does not exist on {day_text(day)}, the clocks go forward over it."
        if len(instants) > 1 and self._picked is None:
            names = " or ".join(offset_name(at, self._zone) for at in instants)
            return f"{self.label}: {time_text(at)} comes twice on {day_text(day)}. Say {names}."
        return None

    @property
    def choice(self) -> Choice | None:
        """The question which of two equal times is meant, where there is one."""
        return self._which

    def _instants(self) -> tuple[int, ...]:
        day, at = self.day.value(), self.time.value()
        return () if day is None or at is None else instants_of(datetime.combine(day, at), self._zone)

    def _look(self) -> None:
        """Ask EDT or EST where the clocks show the time twice."""
        offered = self._instants()
        if len(offered) > 1 and offered != self._offered:
            self._ask(offered)
        elif len(offered) <= 1:
            self._ask(())
        self.changed.emit()

    def _ask(self, offered: tuple[int, ...]) -> None:
        if self._which is not None:
            self._row.removeWidget(self._which)
            self._which.hide()
            self._which.deleteLater()
            self._which = None
        self._offered, self._picked = offered, None
        self._told.setVisible(not offered)
        if offered:
            names = [offset_name(at, self._zone) for at in offered]
            named = f"{self.label}: {' or '.join(names)}"
            which = self._which = Choice(named, [(str(n), name) for n, name in enumerate(names)])
            which.chosen.connect(self._pick)
            self._row.insertWidget(self._row.count() - 1, which)

    def _pick(self, key: str) -> None:
        self._picked = int(key)
        self.changed.emit()


class SpanFields(QWidget):
    """From one moment until another. The later day follows the earlier one. Signal: `changed()`."""

    changed = Signal()

    def __init__(self, zone: str, now: int, *, ahead: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.begins = MomentFields("From", zone, now, ahead=ahead)
        self.ends = MomentFields("Until", zone, now, ahead=ahead)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().px(10))
        column.addWidget(Labelled("From", self.begins))
        column.addWidget(Labelled("Until", self.ends))
        self._day: date | None = None
        self.begins.changed.connect(self._follow)
        self.ends.changed.connect(self.changed)
        self.setFocusProxy(self.begins)

    def set_span(self, begins_at: int, ends_at: int) -> None:
        self.begins.set_instant(begins_at)
        self.ends.set_instant(ends_at)

    def span(self) -> tuple[int, int] | None:
        """The instants, or None while `problem` says what is missing."""
        begins, ends = self.begins.instant(), self.ends.instant()
        return None if begins is None or ends is None or ends <= begins else (begins, ends)

    def problem(self) -> str | None:
        missing = self.begins.problem() or self.ends.problem()
        if missing is None and self.span() is None:
            return "The time ends after it begins."
        return missing

    def _follow(self) -> None:
        day = self.begins.day.value()
        if day is not None and day != self._day:
            follows = self.ends.day.value() in (None, self._day)
            self._day = day
            if follows:
                self.ends.day.set_value(day)
        self.changed.emit()


class LongText(QPlainTextEdit):
    """A few lines of plain text in a frame. Tab leaves it, Ctrl+Enter is the dialog's."""

    def __init__(self, hint: str = "", *, lines: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setProperty("framed", True)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        self.setFont(look.font("body"))
        self.setFixedHeight(self._lines * look.line("body") + look.px(16))
        if look.high_contrast:
            self.setStyleSheet("")
            return
        side, ring = look.px(4), look.color("focus.ring").name()
        self.setStyleSheet(
            f"QPlainTextEdit {{ padding: {side}px }} "
            f"QPlainTextEdit:focus {{ border: 2px solid {ring}; padding: {side - 1}px }}"
        )


class PersonField(QLineEdit):
    """A name, completed from those who are known."""

    def __init__(self, people: Sequence[str], hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        completer = QCompleter(list(people), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def name(self) -> str:
        return " ".join(self.text().split())


def row(*parts: QWidget, spacing: int = 12) -> QHBoxLayout:
    """Fields side by side, to the left."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme().px(spacing))
    for part in parts:
        line.addWidget(part)
    line.addStretch(1)
    return line


def when_typed(fields: Sequence[QWidget], do: Callable[[], object]) -> None:
    """Call `do` whenever one of the fields becomes another."""
    for field in fields:
        if isinstance(field, (Typed, MomentFields, SpanFields)):
            field.changed.connect(lambda: do())
        elif isinstance(field, QLineEdit):
            field.textChanged.connect(lambda _: do())
        elif isinstance(field, QPlainTextEdit):
            field.textChanged.connect(lambda: do())
        elif isinstance(field, QCheckBox):
            field.toggled.connect(lambda _: do())
        else:
            raise TypeError(f"{type(field).__name__} is no field")
