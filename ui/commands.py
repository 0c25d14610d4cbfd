"""The one registry of commands: the spine of keys, buttons, menus and the list of shortcuts (design language 5).

A section adds its commands with `Commands.add` and binds the context of its own widget with `Commands.bind`. Nothing
else in the window makes a shortcut. Each command has one id, and no two commands of overlapping contexts share keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

Context = Literal["window", "queue", "list", "ticket", "composer", "pro", "page", "sync"]
"""Where the keys of a command work: anywhere in the window, or inside the queue section, the list of any section, the
ticket pane, the composer, the Pro section, its session page, the sync drawer.

Single letters reach a command only outside text fields: a text field takes them first (Qt's ShortcutOverride).
"""

_NESTED: dict[str, tuple[str, ...]] = {
    "composer": ("ticket", "queue"),
    "ticket": ("queue",),
    "list": ("queue", "pro"),
    "page": ("pro",),
}
"""In which other contexts each one lies."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """One act. `keys` are portable key sequences, the first is the one that is shown; `enabled` is asked at each use.
    Keys that are pressed one after the other are divided by a comma: `G, Q`.

    `title` is what the button, the menu and the list of shortcuts say; an ellipsis means that a question follows.
    """

    id: str
    title: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    context: Context = "window"
    enabled: Callable[[], bool] = _always
    group: str = "General"


class Commands:
    """All commands of one window, in the order in which they were added."""

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}
        self._bound: dict[str, list[QWidget]] = {}
        self._shortcuts: list[QShortcut] = []

    def add(self, command: Command) -> Command:
        """Register a command. A second one of the same id, or with keys taken in its context, is a ValueError."""
        if command.id in self._commands:
            raise ValueError(f"there is a command {command.id} already")
        for other in self._commands.values():
            taken = shared_keys(command, other)
            if taken:
                raise ValueError(f"{command.id} and {other.id} both answer to {taken[0]}")
        self._commands[command.id] = command
        for widget in self._bound.get(command.context, ()):
            self._install(command, widget)
        return command

    def bind(self, widget: QWidget, context: Context) -> None:
        """Let the keys of a context work inside a widget, for the commands of now and of later. A context may be that
        of several widgets, none of which lies inside another."""
        self._bound.setdefault(context, []).append(widget)
        for command in self._commands.values():
            if command.context == context:
                self._install(command, widget)

    def run(self, command_id: str) -> bool:
        """Run a command if it is enabled; says whether it ran. An unknown id is a KeyError."""
        command = self._commands[command_id]
        if not command.enabled():
            return False
        command.run()
        return True

    def enabled(self, command_id: str) -> bool:
        return self._commands[command_id].enabled()

    def __getitem__(self, command_id: str) -> Command:
        return self._commands[command_id]

    def __contains__(self, command_id: object) -> bool:
        return command_id in self._commands

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def shown_keys(self, command_id: str) -> str:
        """The first keys of a command as this system writes them, e.g. `Ctrl+B`; empty without keys."""
        keys = self._commands[command_id].keys
        return shown(keys[0]) if keys else ""

    def hint(self, command_id: str) -> str:
        """Title and keys for a tooltip: `Previous ticket ([)`."""
        title, keys = self._commands[command_id].title, self.shown_keys(command_id)
        return f"{title} ({keys})" if keys else title

    def _install(self, command: Command, widget: QWidget) -> None:
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        where = Qt.ShortcutContext.WindowShortcut if command.context == "window" else inside
        for keys in command.keys:
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.setContext(where)
            shortcut.setAutoRepeat(command.group == "Move")
            shortcut.activated.connect(lambda bound=command.id: self.run(bound))
            self._shortcuts.append(shortcut)


def shown(keys: str) -> str:
    """Portable keys as this system writes them; the large Enter key is called by what is printed on it, and keys that
    follow each other are told as `G then Q`."""
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return native.replace("Return", "Enter").replace(", ", " then ")


def overlapping(one: Context, other: Context) -> bool:
    """Whether one key press can reach commands of both contexts."""
    if "window" in (one, other) or one == other:
        return True
    return other in _NESTED.get(one, ()) or one in _NESTED.get(other, ())


def shared_keys(one: Command, other: Command) -> list[str]:
    """The keys of `one` that reach the other command too; empty where their contexts never meet.

    A key that starts a longer sequence counts: Qt would wait for the rest, or never come to it.
    """
    if not overlapping(one.context, other.context):
        return []
    theirs = [QKeySequence(keys) for keys in other.keys]
    return [keys for keys in one.keys if any(_collide(QKeySequence(keys), taken) for taken in theirs)]


def _collide(one: QKeySequence, other: QKeySequence) -> bool:
    none = QKeySequence.SequenceMatch.NoMatch
    return one.matches(other) != none or other.matches(one) != none
