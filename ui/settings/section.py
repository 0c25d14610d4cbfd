"""The section Settings: a page of cards that show what is chosen and ask for something else.

Built on the first visit by `ui.shell.settings`, which fills it and acts. It reads nothing by itself.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.commands import Commands
from ui.settings.cards import HubCard, LookCard, WorkspaceCard, YouCard
from ui.settings.reading import Chosen
from ui.settings.wording import HubFacts
from ui.theme import theme
from ui.widgets.controls import Words
from ui.widgets.ground import Ground, fill_beside_bars

_WIDEST: Final = 680
"""The column of cards, px at 100 %: as wide as a text that is read (design language 2)."""


class SettingsSection(Ground):
    """Attributes: `you`, `look`, `hub`, `workspace`, the cards from top to bottom; `chosen`, None until it was read."""

    has_rows = False

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__("bg.window", parent)
        self.setAccessibleName("Settings")
        self.chosen: Chosen | None = None
        self._facts: HubFacts | None = None
        self.you, self.look, self.hub, self.workspace = YouCard(), LookCard(commands), HubCard(), WorkspaceCard()
        self._title = Words("Settings", "text.primary", "page")
        self._lay_out()
        theme().changed.connect(self._measure)
        self._measure()

    def _lay_out(self) -> None:
        inside = Ground("bg.window")
        self._cards = QVBoxLayout()
        for card in (self.you, self.look, self.hub, self.workspace):
            self._cards.addWidget(card)
        self._cards.addStretch(1)
        self._column = QWidget()
        self._column.setLayout(self._cards)
        beside = QHBoxLayout(inside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self._column, 1)
        beside.addStretch(0)
        area = self._area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows = QVBoxLayout(self)
        self._rows.setSpacing(0)
        self._rows.addWidget(self._title)
        self._rows.addWidget(area, 1)

    # Showing ---------------------------------------------------------------------------------------------------------

    def show_chosen(self, chosen: Chosen) -> None:
        """Show what is in force."""
        self.chosen = chosen
        self.you.show_chosen(chosen)
        self.workspace.show_chosen(chosen)
        self.hub.show_hub(self._facts, chosen)

    def show_hub(self, facts: HubFacts | None) -> None:
        """Show the hub, None where there is none. A focus on what goes stays in the card."""
        if facts == self._facts:
            return
        focus = QApplication.focusWidget()
        was_here = focus is not None and self.hub.isAncestorOf(focus)
        self._facts = facts
        self.hub.show_hub(facts, self.chosen)
        if was_here and focus is not None and not focus.isVisible():
            self._focus(self.hub.stops())

    # Called by the window, as of every section -----------------------------------------------------------------------

    @property
    def is_settled(self) -> bool:
        """Whether what is in force is shown."""
        return self.chosen is not None

    def has_held(self) -> bool:
        """There is no list here."""
        return False

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [stop for card in (self.you, self.look, self.hub, self.workspace) for stop in card.stops()]

    def panes(self) -> list[QWidget]:
        """The stops of F6 inside this section."""
        return [self]

    def focus_pane(self, pane: QWidget) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        """The keyboard goes to the first thing that can be changed."""
        self._focus(self.stops())

    def _focus(self, stops: list[QWidget]) -> None:
        ready = (stop for stop in stops if not stop.isHidden() and stop.isVisibleTo(self) and stop.isEnabled())
        target = next(ready, None)
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._area.ensureWidgetVisible(target)

    def _measure(self) -> None:
        look = theme()
        side = look.px(20)
        fill_beside_bars(self._area, "bg.window")
        self._title.setFixedHeight(look.px(64))
        self._title.setContentsMargins(side, look.px(6), side, 0)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._cards.setContentsMargins(side, 0, side, look.px(16))
        self._cards.setSpacing(look.px(14))
        self._column.setMaximumWidth(look.px(_WIDEST) + 2 * side)
