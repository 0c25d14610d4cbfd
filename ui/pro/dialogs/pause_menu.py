"""The kinds of interruptions, each with whether its time counts (spec pro_services.md 58). Called by `ui.pro.acts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget


def pause_menu(parent: QWidget, kinds: Sequence[tuple[str, bool]], chosen: Callable[[str, bool], object]) -> QMenu:
    """A menu of (name, metered); `chosen(name, metered)` does it."""
    menu = QMenu(parent)
    menu.setAccessibleName("Kind of interruption")
    menu.aboutToHide.connect(menu.deleteLater)
    for name, metered in kinds:
        action = menu.addAction(kind_text(name, metered).replace("&", "&&"))
        action.triggered.connect(lambda _=False, name=name, metered=metered: chosen(name, metered))
    return menu


def kind_text(name: str, metered: bool) -> str:
    """`Lunch, not counted`."""
    return f"{name[:1].upper()}{name[1:]}, {'counted' if metered else 'not counted'}"


def open_below(menu: QMenu, window: QWidget) -> None:
    """Open a menu under the button that asked for it, the first choice ready for Enter.

    That is the button under the pointer, or the one with the focus; asked for by a key, it opens in the middle.
    """
    under, focus = QApplication.widgetAt(QCursor.pos()), QApplication.focusWidget()
    asked = next(
        (w for w in (under, focus) if isinstance(w, QAbstractButton) and w.window() is window.window()),
        None,
    )
    if asked is not None:
        at = asked.mapToGlobal(QPoint(0, asked.height() + 2))
    else:
        size = menu.sizeHint()
        at = window.mapToGlobal(window.rect().center()) - QPoint(size.width() // 2, size.height() // 2)
    menu.popup(at)
    if menu.actions():
        menu.setActiveAction(menu.actions()[0])
