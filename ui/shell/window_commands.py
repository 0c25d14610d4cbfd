"""The commands of the window and the list. The ticket pane adds its own (`ui.ticket.keys`). Called by the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.commands import Command, Commands, Context
from ui.shell.views_panel import BUILT_IN
from ui.theme import theme

if TYPE_CHECKING:
    from ui.shell.window import MainWindow


def add_commands(commands: Commands, window: MainWindow) -> None:
    """Register what the window itself can do, in the order in which the list of shortcuts shows it."""
    section = window.section

    def add(
        id: str, title: str, run: Callable[[], object], *keys: str, group: str, context: Context = "window"
    ) -> None:
        commands.add(Command(id, title, run, keys, context, group=group))

    def has_rows() -> bool:
        return section.queue is not None and section.queue.model.ticket_count > 0

    def listed(id: str, title: str, run: Callable[[], object], *keys: str, context: Context = "window") -> None:
        commands.add(Command(id, title, run, keys, context, enabled=has_rows, group="Move"))

    listed("list.next", "Next in the list", lambda: section.step(1), "J")
    listed("list.previous", "Previous in the list", lambda: section.step(-1), "K")
    listed("list.open", "Open the ticket", section.open_current, "Return", "Enter", context="list")
    listed("list.copy", "Copy the ticket", section.copy_current, "Ctrl+C", context="list")
    add("list.back", "End the search", section.leave_search, "Esc", group="Move", context="list")
    listed("ticket.previous", "Previous ticket", lambda: section.step_ticket(-1), "[")
    listed("ticket.next", "Next ticket", lambda: section.step_ticket(1), "]")
    commands.add(
        Command(
            "list.apply", "Apply the held order", section.apply_held, (".",), enabled=section.has_held, group="Move"
        )
    )
    add("view.search", "Search tickets", section.focus_search, "/", group="Move")
    add("view.next_pane", "Next pane", lambda: window.next_pane(1), "F6", group="Move")
    add("view.previous_pane", "Previous pane", lambda: window.next_pane(-1), "Shift+F6", group="Move")
    add("ticket.take_next", "Take the next unassigned ticket", section.take_next, "Shift+N", group="Ticket")
    add("view.views", "Show or hide the views", section.toggle_views, "Ctrl+B", group="Window")
    add("view.larger", "Larger text", lambda: window.step_text(1), "Ctrl++", "Ctrl+=", group="Window")
    add("view.smaller", "Smaller text", lambda: window.step_text(-1), "Ctrl+-", group="Window")
    add("view.normal", "Normal text", lambda: window.step_text(0), "Ctrl+0", group="Window")
    add("theme.system", "Light or dark as the system", lambda: theme().set_mode("system"), group="Window")
    add("theme.light", "Light", lambda: theme().set_mode("light"), group="Window")
    add("theme.dark", "Dark", lambda: theme().set_mode("dark"), group="Window")
    add("help.shortcuts", "All shortcuts", window.show_shortcuts, "?", group="Window")
    add("window.close", "Close", window.close, "Ctrl+Q", group="Window")
    for key, title in BUILT_IN:
        add(f"view.{key}", title, lambda chosen=key: section.show_view(chosen), group="Views")  # type: ignore[misc]
