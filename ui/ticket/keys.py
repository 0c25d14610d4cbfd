"""The keys of the ticket pane, as commands of the window's one registry (design language 5). Called by the shell."""

from __future__ import annotations

from collections.abc import Callable

from ui.commands import Command, Commands
from ui.ticket.pane import TicketPane


def add_commands(commands: Commands, pane: TicketPane) -> None:
    """Register the acts of the pane. Single letters work anywhere in the window, outside text fields."""

    def shown() -> bool:
        return pane.view is not None and pane.isVisible()

    def add(id: str, title: str, run: Callable[[], object], *keys: str) -> None:
        commands.add(Command(f"ticket.{id}", title, run, keys, enabled=shown, group="Ticket"))

    def redact() -> None:
        chosen = pane.body.timeline.chosen
        pane.questions.redact(chosen.item if chosen is not None else None)

    add("reply", "Public reply", lambda: pane.write("reply"), "R")
    add("note", "Internal note", lambda: pane.write("note"), "N")
    add("assign", "Assign\u2026", pane.questions.assign, "A")
    add("take", "Assign to me", pane.assign_to_me, "M")
    add("status", "Status\u2026", pane.questions.status, "S")
    add("explain", "Explain the most urgent clock", pane.questions.explain, "E")
    add("impact", "Impact\u2026", pane.questions.impact)
    add("solve", "Solve or reopen", pane.solve)
    add("offer_hours", "Offer Pro hours\u2026", pane.questions.offer_hours)
    add("redact", "Redact the chosen message\u2026", redact, "Alt+Del")
    add("message_before", "Choose the message before", lambda: pane.body.timeline.choose_next(-1), "Alt+Up")
    add("message_after", "Choose the message after", lambda: pane.body.timeline.choose_next(1), "Alt+Down")
    add("properties", "Clocks and properties", lambda: pane.body.toggle_sidebar(), "Ctrl+.")
    add("switch", "Switch reply and note", lambda: pane.body.composer.switch(), "Ctrl+Shift+M")

    def writing() -> bool:
        return shown() and pane.body.composer.has_focus()

    send = ("Ctrl+Return", "Ctrl+Enter")
    commands.add(
        Command("ticket.send", "Send or save", lambda: pane.body.composer.send(), send, enabled=writing, group="Ticket")
    )
    commands.add(Command("ticket.back", "Back out", pane.leave, ("Esc",), "ticket", enabled=shown, group="Ticket"))
    commands.bind(pane, "ticket")
