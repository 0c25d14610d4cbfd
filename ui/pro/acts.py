"""What a person does with Pro sessions: start, interrupt, stop, carry over, complete, and the answers about gaps.

Every act runs on the desk's thread and is told by a toast, with Undo where it can be undone; a question is asked where
facts are needed or something would be lost. Gate and paper are in `gate_acts` and `paper_acts`. Called by the session
page, the strip, the follower and the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from console.domain.words import clock_time
from ui.pro.asking import Say, Told, entry_of, page_of
from ui.pro.dialogs.wording import kept, name, span
from ui.pro.gate_acts import GateActs
from ui.pro.paper_acts import PaperActs

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage, GapQuestion
    from console.desk.tickets import Receipt
    from console.domain.calendar import Period
    from console.domain.pro_events import GapAnswer, Purpose
    from ui.desk_thread import DeskThread
    from ui.pro.dialogs.complete import CompleteDialog
    from ui.pro.dialogs.gap_dialog import GapDialog
    from ui.pro.dialogs.log_past import Past
    from ui.widgets.question import Question

_MS: Final = 1000
_STARTED: Final[dict[str, str]] = {
    "work": "Session for {} started.",
    "rework": "Rework for {} started. It is not counted.",
    "wrapup": "Wrap-up for {} started. It is not counted.",
}


class ProActs(GateActs, PaperActs):
    """All acts on engagements. `page` is one that was read; questions read it anew before they name a figure.

    Signals: `done(ticket)` after a recorded act; `refused(ticket, sentence)` after one that was not;
    `reply_prepared(ticket, text)`, with a text for that ticket's reply composer.
    """

    reply_prepared = Signal(str, str)

    def __init__(self, thread: DeskThread, say: Say, window: QWidget, now: Callable[[], int] | None = None) -> None:
        super().__init__(thread, say, window, now)
        self._gap_dialog: GapDialog | None = None
        thread.changed.connect(lambda _: self._look_at_gaps())

    # The timer

    def start(self, page: EngagementPage, *, purpose: Purpose = "work") -> None:
        ticket, told = page.row.ticket, _STARTED[purpose].format(name(page))
        self._do(ticket, lambda desk: desk.pro.work.start(ticket, purpose=purpose), Told(told))

    def pause(self, page: EngagementPage) -> None:
        """Ask for the kind of interruption; each says whether its time counts."""
        from ui.pro.dialogs.pause_menu import open_below, pause_menu

        ticket = page.row.ticket

        def chosen(kind: str, metered: bool) -> None:
            told = f"Session interrupted, {kind}. The time is {'counted' if metered else 'not counted'}."
            resume = Told(told, "Go on", lambda: self._resume(ticket))
            self._do(ticket, lambda desk: desk.pro.work.pause(ticket, kind), resume)

        open_below(pause_menu(self._window, page.pause_kinds, chosen), self._window)

    def resume(self, page: EngagementPage) -> None:
        self._resume(page.row.ticket)

    def _resume(self, ticket: str) -> None:
        self._do(ticket, lambda desk: desk.pro.work.resume(ticket), Told("The session goes on."))

    def log_interruption(self, ticket: str, other_ticket: str) -> None:
        """Interrupt the session for another customer's ticket."""
        said = "Session interrupted by another ticket. The time is not counted."
        told = Told(said, "Go on", lambda: self._resume(ticket))
        self._do(ticket, lambda desk: desk.pro.work.log_interruption(ticket, other_ticket), told)

    def stop(self, page: EngagementPage) -> None:
        """Ask for a last note, and stop; nothing is lost by it."""
        from ui.pro.dialogs.stop import StopDialog

        ticket = page.row.ticket

        def show(page: EngagementPage) -> None:
            now = self._clock_of(page)
            dialog = StopDialog(page, now, self._window)
            dialog.carry_asked.connect(lambda note: self._carry(ticket, note))
            self._ask(ticket, dialog, lambda question, note: self._stop(page, now, str(note), question))

        self._read(page_of(ticket), show)

    def _stop(self, page: EngagementPage, now: Callable[[], int], note: str, question: Question) -> None:
        from console.domain.pro_running import left_ms

        ticket = page.row.ticket
        left = page.hours.left_ms if page.running is None else left_ms(page.running, now())

        def act(desk: Desk) -> Receipt:
            return with_note(desk, ticket, note, desk.pro.work.stop(ticket, note=note))

        def told(receipt: Receipt) -> Told:
            if entry_of(receipt, "segment.stopped") is None:
                return Told(f"The session for {name(page)} had ended at its limit already.")
            return Told(f"Session for {name(page)} stopped, {kept(left)} kept.")

        self._do(ticket, act, told, asked_by=question)

    def carry_over(self, page: EngagementPage) -> None:
        """Ask, then stop and move the slot to where the rest goes on. Without a slot to move, one is booked."""
        begun = any(slot.begins_at <= page.as_of for slot in page.slots)
        if page.running is None and not begun:
            self.book_slot(page)
        else:
            self._carry(page.row.ticket, "")

    def _carry(self, ticket: str, note: str) -> None:
        from ui.pro.dialogs.stop import CarryOverDialog

        def show(page: EngagementPage) -> None:
            dialog = CarryOverDialog(page, self._clock_of(page), self._window, note=note)
            self._ask(ticket, dialog, lambda question, words: self._carry_on(page, str(words), question))

        self._read(page_of(ticket), show)

    def _carry_on(self, page: EngagementPage, note: str, question: Question) -> None:
        from ui.pro.dialogs.stop import slot_ahead

        ticket = page.row.ticket
        slots: list[Period | None] = []

        def act(desk: Desk) -> Receipt:
            carried = desk.pro.work.carry_over(ticket, note=note)
            slots.append(carried.slot)
            return with_note(desk, ticket, note, carried.receipt)

        def told(_: Receipt) -> Told:
            slot = slots[-1] or slot_ahead(page)
            if slot is None:
                return Told(f"Session for {name(page)} stopped. No slot was moved.")
            return Told(f"{name(page)} goes on {span(*slot, page.zone)}.")

        self._do(ticket, act, told, asked_by=question)

    # The end

    def complete(self, page: EngagementPage) -> None:
        """Complete the scope. What would be lost is named and confirmed; where nothing is, it is done at once."""
        from ui.pro.dialogs.complete import CompleteDialog

        ticket = page.row.ticket

        def show(page: EngagementPage) -> None:
            if not page.completing_loses_ms:
                self._complete(page, 0, None)
                return
            dialog = CompleteDialog(page, self._clock_of(page), self._window)
            dialog.carry_asked.connect(lambda: self.carry_over(page))
            self._ask(ticket, dialog, lambda _, lost: self._complete(page, int(str(lost)), dialog))

        self._read(page_of(ticket), show)

    def _complete(self, page: EngagementPage, loses_ms: int, dialog: CompleteDialog | None) -> None:
        ticket = page.row.ticket
        undo_s: list[int] = []

        def act(desk: Desk) -> Receipt:
            undo_s.append(desk.pro.settings.forfeit_undo_s)
            return desk.pro.work.complete(ticket, forfeits_ms=loses_ms)

        def told(receipt: Receipt) -> Told:
            lost = f", {kept(loses_ms)} lost" if loses_ms >= _MS else ""
            said, completion = f"{name(page)} completed{lost}.", entry_of(receipt, "engagement.completed")
            if completion is None or not undo_s[0]:
                return Told(said)
            return Told(said, "Undo", lambda: self._undo(ticket, completion), undo_s[0])

        def show_anew(fresh: EngagementPage) -> None:
            """The loss may be another by now: the person confirms the figure of now."""
            if dialog is not None and isValid(dialog):
                dialog.show_page(fresh, self._clock_of(fresh))

        self._do(
            ticket, act, told, asked_by=dialog, on_refusal=lambda: dialog and self._read(page_of(ticket), show_anew)
        )

    def undo(self, page: EngagementPage) -> None:
        """Take a completion back."""
        if page.undo is None:
            self._say("Not undone: the time to undo is over. Only lead and billing reverse it now (T11).", True)
        else:
            self._undo(page.row.ticket, page.undo.completion)

    def _undo(self, ticket: str, completion: str) -> None:
        told = Told("Completion undone. The hours are back.")
        self._do(ticket, lambda desk: desk.pro.work.undo_completion(completion), told)

    # What was done

    def note(self, ticket: str, text: str) -> None:
        """Write down what was done, with the time."""
        self._do(ticket, lambda desk: desk.pro.work.note(ticket, text), Told("Note saved."))

    def ask_note(self, page: EngagementPage) -> None:
        """Ask for a note, where no field for it is seen."""
        from ui.pro.dialogs.naming import NoteDialog

        ticket = page.row.ticket

        def answered(question: Question, text: object) -> None:
            act = Told("Note saved.")
            self._do(ticket, lambda desk: desk.pro.work.note(ticket, str(text)), act, asked_by=question)

        self._ask(ticket, NoteDialog(name(page), self._window), answered)

    def work_on(self, ticket: str, item: str | None) -> None:
        """Say which item of the scope is worked on; None for none of them."""
        said = "Now on another item." if item else "Now on no item of the scope."
        self._do(ticket, lambda desk: desk.pro.work.work_on(ticket, item or ""), Told(said))

    def log_past(self, page: EngagementPage) -> None:
        """Ask for work that is entered afterwards, with its reason and the lead who approves it."""
        from ui.pro.dialogs.log_past import LogPastDialog

        ticket = page.row.ticket

        def answered(question: Question, past: Past) -> None:
            def act(desk: Desk) -> Receipt:
                return desk.pro.work.log_past(
                    ticket,
                    past.begins_at,
                    past.ends_at,
                    reason=past.reason,
                    approved_by=past.approved_by,
                    note=past.note,
                )

            told = Told(f"{kept(past.ends_at - past.begins_at)} logged for {name(page)}.")
            self._do(ticket, act, told, asked_by=question)

        def show(read: tuple[int, tuple[str, ...], str]) -> None:
            now, people, me = read
            self._ask(ticket, LogPastDialog(page, now, people, me, self._window), answered)

        self._read(lambda desk: (desk.pro.now(), desk.tickets.people(), desk.me), show)

    # Gaps

    def answer_gaps(self, gaps: Sequence[GapQuestion]) -> None:
        """Ask what happened in gaps. A dialog that is open takes the new ones behind those it asks about."""
        if not gaps:
            return
        if self._open_gap_dialog is not None:
            known = {gap.id: gap for gap in self._open_gap_dialog.gaps}
            self._open_gap_dialog.show_gaps([*(known | {gap.id: gap for gap in gaps}).values()])
            return

        def show(read: tuple[str, int]) -> None:
            if self._open_gap_dialog is not None:
                self.answer_gaps(gaps)
                return
            from ui.pro.dialogs.gap_dialog import GapDialog

            dialog = self._gap_dialog = GapDialog(*read, self._window)
            dialog.answered.connect(self._answer_gap)
            dialog.quit_asked.connect(lambda: self._quit_from(dialog))
            dialog.show_gaps(gaps)
            dialog.open()
            QApplication.alert(dialog)

        self._read(lambda desk: (desk.pro.zone, desk.pro.now()), show, key=None)

    def _quit_from(self, dialog: GapDialog) -> None:
        """The program may end with the question open: it is asked again after the start."""
        dialog.hide()
        self._window.window().close()

    @property
    def _open_gap_dialog(self) -> GapDialog | None:
        dialog = self._gap_dialog
        return dialog if dialog is not None and isValid(dialog) and dialog.gaps else None

    def _answer_gap(self, gap_id: str, answer: GapAnswer) -> None:
        dialog = self._open_gap_dialog
        gap = next((gap for gap in dialog.gaps if gap.id == gap_id), None) if dialog is not None else None
        if dialog is None or gap is None:
            return
        length = kept(gap.ends_at - gap.begins_at)
        said = {
            "worked": f"{length} counted: the work went on by itself.",
            "not_worked": f"{length} not counted: nobody worked.",
            "ended": f"Session ended at {clock_time(gap.begins_at, dialog.zone)}.",
        }[answer]
        self._do(
            gap.ticket,
            lambda desk: desk.pro.work.answer_gap(gap_id, answer),
            Told(said),
            asked_by=dialog,
            on_refusal=self._look_at_gaps,
        )

    def _look_at_gaps(self) -> None:
        """Answers may come from the command line: the open dialog goes on to what still waits."""
        dialog = self._open_gap_dialog
        if dialog is None:
            return
        tickets = {gap.ticket for gap in dialog.gaps}

        def read(desk: Desk) -> tuple[GapQuestion, ...]:
            return tuple(gap for ticket in tickets for gap in desk.pro.page(ticket).gaps)

        def show(waiting: tuple[GapQuestion, ...]) -> None:
            if isValid(dialog):
                left = {gap.id for gap in waiting}
                dialog.show_gaps([gap for gap in dialog.gaps if gap.id in left])

        self._read(read, show, key="pro.gaps")

    # Offers

    def offer_hours(self, ticket_id: str) -> None:
        """Ask what Pro work a ticket needs, and prepare the reply that offers the hours; it is not sent."""
        from ui.pro.dialogs.offer import ask_offer

        ask_offer(
            self._thread, ticket_id, self._window, lambda text: self.reply_prepared.emit(ticket_id, text), self._say
        )


def with_note(desk: Desk, ticket: str, note: str, receipt: Receipt) -> Receipt:
    """What came of stopping, with its note: a session that had ended already takes the note afterwards. Runs on the
    desk's thread."""
    if not note or receipt.refused is not None or entry_of(receipt, "segment.noted") is not None:
        return receipt
    noted = desk.pro.work.note(ticket, note)
    return type(receipt)(entries=(*receipt.entries, *noted.entries), refused=noted.refused)
