"""Fonts, colours and measures of paper. Paper is always light, and its size is not the window's text scale.

Lengths are points; `PT` of them are one device unit of the writer. Colours are roles of `resources/tokens.json`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final

from PySide6.QtGui import QColor, QFont

import resources

PT: Final = 20.0
"""Device units a point, at `RESOLUTION`."""
RESOLUTION: Final = 1440

_FAMILIES: Final = ("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans")
_UNREADABLE_FEATURES: Final = ("calt", "clig", "dlig", "liga")
"""Glyphs that stand for several characters, or for others than are written: who copies text out of the PDF would not
get them back."""


class Ink:
    """The colours of the light theme, and fonts for a writer of `RESOLUTION`."""

    def __init__(self) -> None:
        tokens = json.loads((files(resources) / "tokens.json").read_text(encoding="utf-8"))
        self._colors: dict[str, str] = tokens["color"]["light"]

    def color(self, role: str) -> QColor:
        return QColor(self._colors[role])

    def font(self, points: float, weight: int = 400) -> QFont:
        """The first family of ours that is installed, else the system's; no smaller than a person reads on paper."""
        font = QFont()
        font.setFamilies(_FAMILIES)
        font.setPointSizeF(points)
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        for feature in _UNREADABLE_FEATURES:
            font.setFeature(QFont.Tag(feature), 0)
        return font
