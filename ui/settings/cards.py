"""The cards of the page of settings: who acts, how the window looks, the hub, where the workspace is.

They show what they are given and ask; `ui.shell.settings` acts. Painted from the theme's roles.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from ui.commands import Commands
from ui.settings.reading import Chosen
from ui.settings.rows import Fact, Line
from ui.settings.wording import HubFacts, key_place
from ui.sync.wording import NOT_CONNECTED
from ui.sync.wrapping_row import WrappingRow
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.card import Card, Heading
from ui.widgets.controls import Segmented, Words, Wrapped

_NAME_TOLD: Final = "You take tickets and write under this name. What you did under another one stays with that name."
_NAME_OF_HUB: Final = "The hub knows you by this name."
_MODES: Final = (("system", "As the system", ""), ("light", "Light", ""), ("dark", "Dark", ""))


def _tabbed(*buttons: Button) -> None:
    for button in buttons:
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class YouCard(Card):
    """The name under which the person acts. Attributes: `name`, `save`. Signal: `name_given(name)`."""

    name_given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("You", parent)
        self.name, self.save = QLineEdit(), Button("Save name", self)
        self.name.setAccessibleName("Name")
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._own = Line("Name", self.name, self.save, told=_NAME_TOLD)
        self._given = Fact("Name")
        self._person = ""
        self._is_given = False
        _tabbed(self.save)
        for part in (Heading("You"), self._own, self._given):
            self.column.addWidget(part)
        self.name.textChanged.connect(lambda _: self._follow())
        self.name.returnPressed.connect(self._give)
        self.save.clicked.connect(self._give)

    def show_chosen(self, chosen: Chosen) -> None:
        """Show the name; what is being typed stays."""
        if self._is_given or not self._is_changed:
            self.name.setText(chosen.person)
        self._is_given = False
        self._person = chosen.person
        self._own.setVisible(not chosen.by_hub)
        self._given.show_value(chosen.person if chosen.by_hub else "", _NAME_OF_HUB)
        self._follow()

    def refuse(self, sentence: str) -> None:
        """The name was not saved: why stands below it."""
        self._is_given = False
        self._own.tell(sentence, error=True)

    def stops(self) -> list[QWidget]:
        return [self.name, self.save]

    @property
    def _is_changed(self) -> bool:
        return " ".join(self.name.text().split()) != self._person

    def _follow(self) -> None:
        self.save.setEnabled(self._is_changed)

    def _give(self) -> None:
        if self._is_changed:
            self._own.tell(_NAME_TOLD)
            self._is_given = True
            self.name_given.emit(self.name.text())


class LookCard(Card):
    """Light or dark, and the size of the text, by the window's commands. Attributes: `mode`, `smaller`, `larger`,
    `normal`."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__("Appearance", parent)
        self.mode = Segmented(_MODES)
        self.mode.setAccessibleName("Light or dark")
        self.smaller = Button("Smaller", self)
        self.larger = Button("Larger", self)
        self.normal = Button("Normal", self, kind="link")
        self.size = Words("", tabular=True)
        _tabbed(self.smaller, self.larger, self.normal)
        for button, command in ((self.smaller, "smaller"), (self.larger, "larger"), (self.normal, "normal")):
            button.setToolTip(commands.hint(f"view.{command}"))
            button.setAccessibleName(commands[f"view.{command}"].title)
            button.clicked.connect(lambda _=False, asked=f"view.{command}": commands.run(asked))
        self.mode.chosen.connect(lambda key: commands.run(f"theme.{key}"))
        self.column.addWidget(Heading("Appearance"))
        self.column.addWidget(Line("Light or dark", self.mode))
        self.column.addWidget(Line("Text size", self.smaller, self.size, self.larger, self.normal))
        theme().changed.connect(self._follow)
        self._follow()

    def stops(self) -> list[QWidget]:
        return [self.mode.segment(theme().mode), self.smaller, self.larger, self.normal]

    def _follow(self) -> None:
        look = theme()
        self.mode.show_choice(look.mode)
        for key, _, _ in _MODES:  # the Tab key reaches the one that holds, the arrows go on from there
            held = key == look.mode
            self.mode.segment(key).setFocusPolicy(Qt.FocusPolicy.TabFocus if held else Qt.FocusPolicy.NoFocus)
        self.size.setText(f"{round(look.text_scale * 100)} %")
        self.normal.setEnabled(look.text_scale != 1.0)


class HubCard(Card):
    """The hub that the workspace belongs to, or the way to one. Attributes: `address`, `connect_button`, `sign_in`,
    `leave`.

    Signals: `connect_asked(address)`, `sign_in_asked()`, `leave_asked()`.
    """

    connect_asked = Signal(str)
    sign_in_asked = Signal()
    leave_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Hub", parent)
        self.address, self.connect_button = QLineEdit(), Button("Connect\u2026", self, kind="primary")
        self.address.setAccessibleName("Address of a hub")
        self.address.setPlaceholderText("https://hub.example.com")
        self.address.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        about = Wrapped(NOT_CONNECTED, "text.secondary")
        about.setContentsMargins(0, 0, 0, theme().px(6))
        self._alone = (about, Line("Address", self.address, self.connect_button))
        self._at, self._person, self._role = Fact("Address"), Fact("You are"), Fact("Role")
        self._state, self._synced, self._key = Fact("Connection"), Fact("Last synced"), Fact("Sign-in kept")
        self._facts = (self._at, self._person, self._role, self._state, self._synced, self._key)
        self.sign_in, self.leave = Button("Sign in again\u2026", self), Button("Disconnect\u2026", self)
        self._acts = QWidget()
        acts = QVBoxLayout(self._acts)
        acts.setContentsMargins(0, theme().px(8), 0, 0)
        acts.addWidget(WrappingRow([self.sign_in, self.leave]))
        _tabbed(self.connect_button, self.sign_in, self.leave)
        for part in (Heading("Hub"), *self._alone, *self._facts, self._acts):
            self.column.addWidget(part)
        self.address.returnPressed.connect(self._connect)
        self.connect_button.clicked.connect(self._connect)
        self.sign_in.clicked.connect(self.sign_in_asked)
        self.leave.clicked.connect(self.leave_asked)
        self.show_hub(None, None)

    def show_hub(self, facts: HubFacts | None, chosen: Chosen | None) -> None:
        """Show the hub; None where there is none."""
        for part in self._alone:
            part.setVisible(facts is None)
        for part in (*self._facts, self._acts):
            part.setVisible(facts is not None)
        if facts is None:
            return
        self._at.show_value(facts.address)
        self._person.show_value(facts.person)
        self._role.show_value(facts.role)
        self._state.show_value(facts.state, facts.tip)
        self._synced.show_value(facts.synced)
        self._key.show_value(key_place(chosen.token_file) if chosen is not None and facts.signed_in else "")
        self.sign_in.set_kind("plain" if facts.signed_in else "primary")
        self.leave.setVisible(facts.signed_in)

    def stops(self) -> list[QWidget]:
        return [self.address, self.connect_button, self.sign_in, self.leave]

    def _connect(self) -> None:
        self.connect_asked.emit(self.address.text().strip())


class WorkspaceCard(Card):
    """Where everything is kept, and the zone in which it is told. Attribute: `copy`. Signal: `copy_asked(folder)`."""

    copy_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Workspace", parent)
        self.copy = Button("Copy path", self)
        self._zone, self._folder, self._mistake = Fact("Time zone"), Fact("Folder", self.copy), Fact("Settings")
        _tabbed(self.copy)
        for part in (Heading("Workspace"), self._zone, self._folder, self._mistake):
            self.column.addWidget(part)
        self.copy.clicked.connect(lambda: self.copy_asked.emit(self._folder.value.text()))

    def show_chosen(self, chosen: Chosen) -> None:
        self._zone.show_value(chosen.zone, "That of the guidelines: deadlines and support hours are told in it.")
        self._folder.show_value(str(chosen.folder))
        self._mistake.show_value(chosen.mistake)

    def stops(self) -> list[QWidget]:
        return [self.copy]
