"""Stop the session, or stop it and carry the rest over: what is kept, where it goes on, and a last note.

Source: spec pro_services.md 2 and 7 to 9 (T9), 31, 32. Stopping loses nothing and is never refused for the terms.
Instants are epoch ms. Called by `ui.pro.acts`.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.desk.pro.views import EngagementPage
from console.domain.calendar import Period
from console.domain.pro_running import elapsed_ms, left_ms
from console.domain.words import clock_time, day, zone_short
from ui.pro.amounts import expiry
from ui.pro.dialogs.fields import LongText
from ui.pro.dialogs.wording import kept, name, slot, span
from ui.widgets.buttons import Button
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question, Tone

NOTE_HINT = "What you did. It is saved with the time."


class StopDialog(Question):
    """Answers with the note, which may be empty. Signal: `carry_asked(note)`, to book where it goes on as well."""

    carry_asked = Signal(str)

    def __init__(self, page: EngagementPage, now: Callable[[], int], parent: QWidget) -> None:
        super().__init__(f"Stop the session for {name(page)}?", "Stop", parent, back="Keep running")
        self._page, self._now = page, now
        self._kept = self.say("")
        if page.hours.left_ms > 0:
            self.say(*_goes_on(page))
        self.note = LongText(NOTE_HINT)
        self.keep(self.note)
        self.add(Labelled("Note", self.note))
        carry = Button("Carry over\u2026", self, kind="quiet")
        carry.clicked.connect(self._carry)
        self.add_choice(carry)
        self._seconds = QTimer(self)
        self._seconds.timeout.connect(self._say)
        self._seconds.start(1000)
        self._say()
        self.note.setFocus()

    def answer(self) -> object | None:
        return self.note.toPlainText().strip()

    def _say(self) -> None:
        running, now = self._page.running, self._now()
        if running is None:
            self.set_act("Stop")
            return
        left = kept(left_ms(running, now))
        worked = kept(elapsed_ms(running, now))
        self._kept.say(f"{worked} worked in this session. Stopping keeps the {left} that are left of it.")
        self.set_act(f"Stop and keep {left}")

    def _carry(self) -> None:
        note = self.note.toPlainText().strip()
        self.note.clear()  # it goes along
        self.reject()
        self.carry_asked.emit(note)


class CarryOverDialog(Question):
    """Answers with the note. It names the slot that the work goes on in, or says that there is none."""

    def __init__(self, page: EngagementPage, now: Callable[[], int], parent: QWidget, *, note: str = "") -> None:
        runs = page.running is not None
        left_now = page.hours.left_ms if page.running is None else left_ms(page.running, now())
        agreed, moved = slot_ahead(page), moved_slot(page, left_now)
        act = f"Stop and keep {kept(left_now)}"
        if moved is not None and agreed is None:
            act = f"{'Stop and book' if runs else 'Book'} {slot(*moved, page.zone)}"
        title = f"Carry the rest over for {name(page)}?"
        super().__init__(title, act, parent, back="Keep running" if runs else "Cancel", width=560)
        goes_on = agreed or moved
        if goes_on is None:
            self.say(*_goes_on(page))
        else:
            when = f"{span(*goes_on, page.zone)} {zone_short(page.zone, goes_on[1])}"
            already = ", as agreed" if agreed is not None else ""
            self.say(f"{kept(left_now)} are kept. {page.row.owner or 'The same engineer'} goes on {when}{already}.")
        for warning in page.warnings:
            self.say(warning, "warn")
        self.note = LongText(NOTE_HINT)
        self.keep(self.note)
        self.note.setPlainText(note)
        self.add(Labelled("Note", self.note))
        self.note.setFocus()

    def answer(self) -> object | None:
        return self.note.toPlainText().strip()


def slot_ahead(page: EngagementPage) -> Period | None:
    """The next agreed slot that has not begun: the work goes on in it, and nothing is moved."""
    ahead = [(slot.begins_at, slot.ends_at) for slot in page.slots if slot.begins_at > page.as_of]
    return min(ahead, default=None)


def moved_slot(page: EngagementPage, left: int) -> Period | None:
    """Where the present slot is moved to by carrying over so many ms; None where nothing fits before the expiry."""
    return None if page.carries_to is None or not left else (page.carries_to, page.carries_to + left)


def _goes_on(page: EngagementPage) -> tuple[str, Tone]:
    """Where the rest would go on, or that it would expire: a sentence and its tone."""
    zone, at = page.zone, page.carries_to
    agreed = slot_ahead(page)
    if agreed is not None:
        return f"It goes on {span(*agreed, zone)} {zone_short(zone, agreed[1])}, as agreed.", "quiet"
    if at is None:
        left, ends = kept(page.hours.left_ms), page.hours.expires_at
        when = "" if ends is None else f" ({expiry(ends, page.as_of, zone)})"
        return f"No open time is left before the hours expire{when}: {left} would be lost.", "warn"
    on = f"{day(at, zone)}, {clock_time(at, zone)} {zone_short(zone, at)}"
    return f"It can go on {on}. Stopping books nothing; carrying over does.", "quiet"
