"""The menus of the shell, built when they are opened, from the one registry of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from ui.commands import Commands
from ui.shell.views_panel import BUILT_IN
from ui.theme import theme

_PERSON: tuple[str | None, ...] = (
    "go.settings",
    None,
    "theme.system",
    "theme.light",
    "theme.dark",
    None,
    "view.larger",
    "view.smaller",
    "view.normal",
    None,
    "sync.show",
    "sync.now",
    "sync.connect",
    None,
    "help.shortcuts",
)


def command_menu(parent: QWidget, commands: Commands, ids: Sequence[str | None]) -> QMenu:
    """A menu of commands with their keys; None is a separator, an unknown id is left out."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for name in ids:
        if name is None:
            menu.addSeparator()
        elif name in commands:
            keys = commands.shown_keys(name)
            action = QAction(f"{commands[name].title}\t{keys}" if keys else commands[name].title, menu)
            action.setObjectName(name)
            action.setEnabled(commands.enabled(name))
            action.triggered.connect(lambda _=False, chosen=name: commands.run(chosen))
            menu.addAction(action)
    return menu


def person_menu(parent: QWidget, commands: Commands) -> QMenu:
    """Settings, theme, text size, the sync and help, with the theme in force ticked."""
    menu = command_menu(parent, commands, _PERSON)
    modes = QActionGroup(menu)
    for action in menu.actions():
        if action.objectName().startswith("theme."):
            action.setCheckable(True)
            action.setChecked(action.objectName() == f"theme.{theme().mode}")
            modes.addAction(action)
    return menu


def views_menu(parent: QWidget, counts: Mapping[str, int], current: str, choose: Callable[[str], None]) -> QMenu:
    """The built-in views with their counts, for windows that are too narrow for the panel."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for key, title in BUILT_IN:
        action = QAction(f"{title}\t{counts[key]:,}" if key in counts else title, menu)
        action.setCheckable(True)
        action.setChecked(key == current)
        action.triggered.connect(lambda _=False, chosen=key: choose(chosen))
        menu.addAction(action)
    return menu
