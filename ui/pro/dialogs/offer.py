"""Offer Pro hours on any ticket: what is to be done, what it is likely to take, and the reply that says so.

Source: spec pro_services.md 1 (T13), 49. The text goes into the ticket's reply composer behind what is written there,
and is never sent by itself. Called by the ticket pane and by `ui.pro.acts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from console.domain.pro_estimates import AVERAGES, Estimate, scope_items, total, total_sentence
from console.domain.pro_settings import ProSettings
from ui.pro.dialogs.estimate_form import EstimateForm
from ui.ticket.acts import sentence_of
from ui.ticket.header import ticket_in_words
from ui.widgets.question import Question

if TYPE_CHECKING:
    from console.desk import Desk
    from ui.desk_thread import DeskThread


class OfferDialog(Question):
    """Answers with the estimates of what was ticked."""

    def __init__(self, about: str, settings: ProSettings, parent: QWidget) -> None:
        super().__init__(f"Offer Pro hours for {about}?", "Put into the reply", parent, width=560)
        self._settings = settings
        self.say("The text goes into the reply of this ticket. You read it, change it and send it.", "quiet")
        self.form = EstimateForm()
        self.add(self.form)
        self.total = self.say("")
        self.say(AVERAGES, "quiet")
        self.form.changed.connect(self._say)
        self._say()
        self.form.lines["applications"].tick.setFocus()

    def answer(self) -> object | None:
        problem = self.form.problem()
        if problem is not None:
            self.refuse(problem)
            return None
        return self.form.estimates()

    def _say(self) -> None:
        estimates = self.form.estimates()
        said = total_sentence(total(estimates, self._settings)) if estimates else "Nothing is ticked yet."
        self.total.say(said)


class ReferenceDialog(Question):
    """Answers with estimates that the scope gets as items."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Which work does the scope hold?", "Add to the scope", parent, width=560)
        self.say(AVERAGES, "quiet")
        self.form = EstimateForm()
        self.add(self.form)
        self.form.changed.connect(self._say)
        self._say()
        self.form.lines["applications"].tick.setFocus()

    def answer(self) -> object | None:
        problem = self.form.problem()
        if problem is not None:
            self.refuse(problem)
            return None
        return self.form.estimates()

    def _say(self) -> None:
        count = len(self.form.estimates())
        self.set_act(f"Add {count} item{'' if count == 1 else 's'}" if count else "Add to the scope")


def ask_offer(
    thread: DeskThread,
    ticket_id: str,
    parent: QWidget,
    put: Callable[[str], object],
    say: Callable[[str, bool], object],
) -> None:
    """Ask what is to be done on a ticket, and give the text of the reply to `put`.

    A refusal stays in the dialog, and nothing is written anywhere; `say(sentence, is_error)` tells where there is none.
    """

    def read(desk: Desk) -> tuple[str, ProSettings]:
        return ticket_in_words(desk.tickets.view(ticket_id).ticket), desk.pro.settings

    def show(found: tuple[str, ProSettings]) -> None:
        dialog = OfferDialog(*found, parent)
        dialog.asked.connect(lambda estimates: prepare(dialog, estimates))
        dialog.open()

    def prepare(dialog: OfferDialog, estimates: tuple[Estimate, ...]) -> None:
        def text(desk: Desk) -> str:
            to_buy = total(estimates, desk.pro.settings).seconds
            return desk.pro.offer_text(ticket_id, scope_items(estimates), to_buy)

        def done(prepared: str) -> None:
            dialog.recorded()
            put(prepared)

        thread.submit(text, done, failed=lambda error: dialog.refuse(sentence_of(error)))

    thread.submit(read, show, failed=lambda error: say(sentence_of(error), True), key="pro.offer")
