"""The commands of the window, its lists, the Pro sessions and the sync. The ticket pane adds its own
(`ui.ticket.keys`).

Called by the window, before anything of Pro or of the sync is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ui.commands import Command, Commands, Context
from ui.shell.views_panel import BUILT_IN
from ui.theme import theme

if TYPE_CHECKING:
    from ui.shell.pro import WindowPro
    from ui.shell.sync import WindowSync
    from ui.shell.window import MainWindow


PAGE_ACTS: Final = (
    ("carry_over", "Carry over\u2026"),
    ("complete", "Complete\u2026"),
    ("edit_scope", "Scope\u2026"),
    ("request", "Out of scope request\u2026"),
    ("edit_access", "Access\u2026"),
    ("set_contact", "Partner contact\u2026"),
    ("book_slot", "Book a slot\u2026"),
    ("ask_consent", "After-hours consent\u2026"),
    ("log_past", "Log past time\u2026"),
    ("hand_over", "Hand over\u2026"),
    ("export_ledger", "Export the ledger\u2026"),
    ("export_report", "Export the session report\u2026"),
)
"""What can be done with the engagement whose page is seen: methods of `ui.pro.acts.ProActs`, and their titles."""


def add_commands(commands: Commands, window: MainWindow) -> None:
    """Register what the window itself can do, in the order in which the list of shortcuts shows it."""
    _add_list(commands, window)
    _add_pro(commands, window)
    _add_sync(commands, window)
    _add_window(commands, window)


def _add_list(commands: Commands, window: MainWindow) -> None:
    """Moving in the list of the section that is seen, and between sections and panes."""
    section = window.section

    def has_rows() -> bool:
        return window.shown.has_rows

    def in_queue() -> bool:
        return window.shown is section

    def listed(id: str, title: str, run: Callable[[], object], *keys: str, context: Context = "window") -> None:
        commands.add(Command(id, title, run, keys, context, enabled=has_rows, group="Move"))

    def queued(id: str, title: str, run: Callable[[], object], *keys: str, context: Context = "window") -> None:
        commands.add(Command(id, title, run, keys, context, enabled=in_queue, group="Move"))

    listed("list.next", "Next in the list", lambda: window.shown.step(1), "J")
    listed("list.previous", "Previous in the list", lambda: window.shown.step(-1), "K")
    listed("list.open", "Open", lambda: window.shown.open_current(), "Return", "Enter", context="list")
    listed("list.copy", "Copy the row", lambda: window.shown.copy_current(), "Ctrl+C", context="list")
    queued("list.back", "End the search", section.leave_search, "Esc", context="list")
    queued("ticket.previous", "Previous ticket", lambda: section.step_ticket(-1), "[")
    queued("ticket.next", "Next ticket", lambda: section.step_ticket(1), "]")
    commands.add(
        Command(
            "list.apply",
            "Apply the held order",
            lambda: window.shown.apply_held(),
            (".",),
            enabled=lambda: window.shown.has_held(),
            group="Move",
        )
    )
    queued("view.search", "Search tickets", section.focus_search, "/")
    for id, title, run, keys in (
        ("view.next_pane", "Next pane", lambda: window.next_pane(1), "F6"),
        ("view.previous_pane", "Previous pane", lambda: window.next_pane(-1), "Shift+F6"),
        ("go.queue", "Go to the queue", lambda: window.go("queue"), "G, Q"),
        ("go.pro", "Go to Pro", lambda: window.go("pro"), "G, P"),
    ):
        commands.add(Command(id, title, run, (keys,), group="Move"))
    commands.add(Command("go.settings", "Settings", lambda: window.go("settings"), ("Ctrl+,", "G, S"), group="Move"))


def _add_pro(commands: Commands, window: MainWindow) -> None:
    """Sessions: the timer and its interruptions from everywhere, the other acts on the session page that is seen."""

    def add(
        id: str,
        title: str,
        run: Callable[[WindowPro], object],
        *keys: str,
        enabled: Callable[[WindowPro], object] = lambda _: True,
        context: Context = "window",
    ) -> None:
        def run_it() -> None:
            if window.pro is not None:
                run(window.pro)

        commands.add(
            Command(
                f"pro.{id}",
                title,
                run_it,
                keys,
                context,
                enabled=lambda: window.pro is not None and bool(enabled(window.pro)),
                group="Pro session",
            )
        )

    add("start_or_stop", "Start or stop the Pro timer", lambda pro: pro.start_or_stop(), "Ctrl+Shift+P")
    add("interruption", "Log interruption", lambda pro: pro.log_interruption(), "I", enabled=lambda pro: pro.session)
    add(
        "open",
        "Open Pro session",
        lambda pro: pro.open_session_of_ticket(),
        "Ctrl+Shift+O",
        enabled=lambda pro: pro.open_engagement,
        context="queue",
    )
    add(
        "ticket",
        "Open ticket",
        lambda pro: pro.open_ticket_of_session(),
        "Ctrl+Shift+O",
        enabled=lambda pro: pro.can_open_ticket(),
        context="pro",
    )
    add("back", "Back to the list", lambda pro: pro.leave_page(), "Esc", enabled=lambda pro: pro.page, context="page")
    add(
        "pause_or_resume",
        "Interrupt or go on",
        lambda pro: pro.pause_or_resume(),
        enabled=lambda pro: pro.page is not None and pro.page.running is not None,
    )
    add(
        "undo",
        "Undo the completion",
        lambda pro: pro.act("undo"),
        enabled=lambda pro: pro.page is not None and pro.page.undo is not None,
    )
    for name, title in PAGE_ACTS:
        add(name, title, lambda pro, chosen=name: pro.act(chosen), enabled=lambda pro: pro.page)  # type: ignore[misc]


def _add_sync(commands: Commands, window: MainWindow) -> None:
    """The shared backend: what needs a person, a sync at once, joining one and leaving it."""

    def add(
        id: str,
        title: str,
        run: Callable[[WindowSync], object],
        *keys: str,
        enabled: Callable[[], bool] = lambda: True,
        context: Context = "window",
    ) -> None:
        def run_it() -> None:
            if (sync := window.add_sync()) is not None:
                run(sync)

        commands.add(Command(f"sync.{id}", title, run_it, keys, context, enabled=enabled, group="Sync"))

    def connected() -> bool:
        return window.sync is not None and window.sync.connected

    add("show", "Show sync issues", lambda sync: sync.open_drawer(), "G, Y")
    add("now", "Sync now", lambda sync: sync.sync_now(), "F5", enabled=connected)
    add("outbox", "See outbox", lambda sync: sync.open_drawer(at_outbox=True), enabled=connected)
    add("connect", "Connect to a hub\u2026", lambda sync: sync.acts.ask_connect(), enabled=lambda: not connected())
    add("sign_in", "Sign in to the hub again\u2026", lambda sync: sync.acts.ask_sign_in(), enabled=connected)
    add("leave", "Disconnect from the hub\u2026", lambda sync: sync.acts.ask_leave(), enabled=connected)
    add("report", "Copy sync report for IT", lambda sync: sync.acts.copy_report(), enabled=connected)
    add("close", "Close the drawer", lambda sync: sync.close_drawer(), "Esc", context="sync")


def _add_window(commands: Commands, window: MainWindow) -> None:
    """Views, text, light, and the window itself. What belongs to the queue leads there."""
    section = window.section

    def add(id: str, title: str, run: Callable[[], object], *keys: str, group: str = "Window") -> None:
        commands.add(Command(id, title, run, keys, group=group))

    def in_queue() -> bool:
        return window.shown is section

    def show_view(key: str) -> None:
        if not in_queue():
            window.go("queue")
        section.show_view(key)

    take_next = Command(
        "ticket.take_next",
        "Take the next unassigned ticket",
        section.take_next,
        ("Shift+N",),
        enabled=in_queue,
        group="Ticket",
    )
    commands.add(take_next)
    commands.add(Command("window.undo", "Undo", window.undo, ("Ctrl+Z",), enabled=window.can_undo, group="Window"))
    commands.add(
        Command(
            "view.views", "Show or hide the views", section.toggle_views, ("Ctrl+B",), enabled=in_queue, group="Window"
        )
    )
    add("view.larger", "Larger text", lambda: window.step_text(1), "Ctrl++", "Ctrl+=")
    add("view.smaller", "Smaller text", lambda: window.step_text(-1), "Ctrl+-")
    add("view.normal", "Normal text", lambda: window.step_text(0), "Ctrl+0")
    add("theme.system", "Light or dark as the system", lambda: theme().set_mode("system"))
    add("theme.light", "Light", lambda: theme().set_mode("light"))
    add("theme.dark", "Dark", lambda: theme().set_mode("dark"))
    add("help.shortcuts", "All shortcuts", window.show_shortcuts, "?")
    add("window.close", "Close", window.close, "Ctrl+Q")
    for key, title in BUILT_IN:
        add(f"view.{key}", title, lambda chosen=key: show_view(chosen), group="Views")  # type: ignore[misc]
