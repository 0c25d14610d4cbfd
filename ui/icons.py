"""The icons of the window: SVG strokes of the resources package, recoloured by role (design language 3).

Called by everything that paints. Pixmaps are kept until the theme changes; `QtSvg` is imported on first use.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPixmap

from ui.theme import resource, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

_STROKE = b"#4E5058"
"""The stroke colour that the files are drawn in. `currentColor` would render black."""

_pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
_look_of_pixmaps: tuple[bool, bool] | None = None


@lru_cache(maxsize=128)
def _svg(name: str) -> bytes:
    return resource(f"icons/{name}.svg")


def pixmap(name: str, role: str = "text.secondary", px: int = 16, dpr: float | None = None) -> QPixmap:
    """An icon as a square pixmap of `px` logical px in the colour of a role. An unknown name is an OSError."""
    global _look_of_pixmaps
    look = theme()
    if _look_of_pixmaps != (look.dark, look.high_contrast):
        _pixmaps.clear()
        _look_of_pixmaps = (look.dark, look.high_contrast)
    ratio = dpr or _ratio()
    key = (name, role, px, ratio)
    found = _pixmaps.get(key)
    if found is None:
        found = _pixmaps[key] = _render(name, look.color(role), px, ratio)
    return found


def icon(name: str, role: str = "text.secondary", px: int = 16) -> QIcon:
    """An icon in the colour of a role, and in `text.disabled` where its control is disabled."""
    from PySide6.QtGui import QIcon  # its enum of theme icons costs 2 ms, and the first paint needs none

    made = QIcon(pixmap(name, role, px))
    made.addPixmap(pixmap(name, "text.disabled", px), QIcon.Mode.Disabled)
    return made


def paint(painter: QPainter, rect: QRectF, name: str, role: str = "text.secondary") -> None:
    """Draw an icon into a square rect, sharp on the painter's device."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    painter.drawPixmap(rect.topLeft(), pixmap(name, role, round(rect.width()), ratio))


def _ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0


def _render(name: str, colour: QColor, px: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    coloured = _svg(name).replace(_STROKE, colour.name().encode())
    image = QPixmap(QSize(round(px * ratio), round(px * ratio)))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(coloured)).render(painter, QRectF(0, 0, px, px))
    painter.end()
    return image
