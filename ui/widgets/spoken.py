"""What the window says to people who listen (design language 8): names that count time, and announcements.

A name that holds the time left would tell assistive technology of a change with every tick. A `SpokenNow` widget keeps
its tongue: it is asked for its name when somebody reads it. Level changes are announced instead, once, by `announce`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    _Mixed = QWidget
else:
    _Mixed = object


class SpokenNow(_Mixed):
    """Mixed into a widget before its Qt class, after `answer_when_asked`."""

    def spoken_now(self) -> str:
        """The accessible name as it is at this moment."""
        raise NotImplementedError


_factory: Callable[[str, Any], Any] | None = None
"""Kept here: Qt calls it for as long as the program runs."""


def answer_when_asked() -> None:
    """Let Qt ask every `SpokenNow` for its name. Called once the window stands; a second call does nothing."""
    global _factory
    if _factory is not None:
        return
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget

    class Interface(QAccessibleWidget):
        def text(self, kind: QAccessible.Text) -> str:
            widget = self.object()
            if kind == QAccessible.Text.Name and isinstance(widget, SpokenNow):
                return widget.spoken_now()
            return str(super().text(kind))

    class ButtonInterface(Interface):
        """A button can be pressed through its interface as well."""

        def actionNames(self) -> list[str]:
            return [self.pressAction(), *super().actionNames()]

        def doAction(self, name: str) -> None:
            button = self.object()
            if name == self.pressAction() and isinstance(button, QAbstractButton):
                button.click()
            else:
                super().doAction(name)

    def interface(_: str, thing: Any) -> Any:
        if isinstance(thing, SpokenNow) and isinstance(thing, QAbstractButton):
            return ButtonInterface(thing, QAccessible.Role.Button)
        if isinstance(thing, SpokenNow) and isinstance(thing, QWidget):
            return Interface(thing, QAccessible.Role.Grouping)
        return None

    _factory = interface
    QAccessible.installFactory(_factory)


def announce(widget: QWidget, sentence: str, *, assertive: bool = False) -> None:
    """Have a sentence read out: politely, after what is being read, or assertively, at once. Nobody listening, nothing
    is sent."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    if not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(widget, sentence)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if assertive else politeness.Polite)
    QAccessible.updateAccessibility(event)
