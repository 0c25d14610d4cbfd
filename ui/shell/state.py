"""What the window remembers between runs, in an ini file inside the workspace: never in the registry or the home.

A file that is missing, damaged or of another version gives the defaults; one that cannot be written is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRect, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

DEFAULT_SIZE: Final = QSize(1440, 900)
MINIMUM_SIZE: Final = QSize(1120, 700)
_FORMAT: Final = 1


class WindowState:
    """Reads and writes the file at `path`; values are plain texts and numbers."""

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)
        self._settings.setFallbacksEnabled(False)
        self._usable = self._settings.value("format", _FORMAT) in (_FORMAT, str(_FORMAT))

    def text(self, key: str, default: str = "") -> str:
        value = self._settings.value(key, default) if self._usable else default
        return value if isinstance(value, str) else default

    def number(self, key: str, default: float, least: float, most: float) -> float:
        """A number within bounds; anything else is the default."""
        try:
            value = float(self.text(key, str(default)))
        except ValueError:
            return default
        return min(max(value, least), most) if value == value else default

    def flag(self, key: str, default: bool) -> bool:
        return self.text(key, "yes" if default else "no") == "yes"

    def names(self, key: str) -> list[str]:
        return [name for name in self.text(key).split(" ") if name]

    def set_text(self, key: str, value: str) -> None:
        self._settings.setValue(key, value)

    def set_number(self, key: str, value: float) -> None:
        self._settings.setValue(key, str(value))

    def set_flag(self, key: str, value: bool) -> None:
        self._settings.setValue(key, "yes" if value else "no")

    def set_names(self, key: str, names: list[str]) -> None:
        self._settings.setValue(key, " ".join(names))

    def save(self) -> None:
        """Write the file now. A folder that cannot be written costs the memory of the window, nothing else."""
        self._settings.setValue("format", str(_FORMAT))
        self._settings.sync()

    def restore_geometry(self, window: QWidget) -> None:
        """Size and place the window as it was, within the screens that there are now."""
        saved = self._settings.value("geometry") if self._usable else None
        if isinstance(saved, QByteArray) and window.restoreGeometry(saved) and _is_seen(window.geometry()):
            return
        screen = QGuiApplication.primaryScreen()
        room = screen.availableGeometry() if screen is not None else QRect(0, 0, 1440, 900)
        size = DEFAULT_SIZE.boundedTo(room.size())
        window.resize(size)
        window.move(room.center() - QRect(room.topLeft(), size).center() + room.topLeft())

    def remember_geometry(self, window: QWidget) -> None:
        self._settings.setValue("geometry", window.saveGeometry())


def _is_seen(rect: QRect) -> bool:
    """Whether enough of a window lies on a screen to take hold of it."""
    for screen in QGuiApplication.screens():
        seen = screen.availableGeometry().intersected(rect)
        if seen.width() >= 200 and seen.height() >= 100:
            return True
    return False
