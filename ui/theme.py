"""Colours, type and measures of the window, read from `resources/tokens.json` (design language 3).

Every painted thing asks the one `theme()` for roles, never for literal colours. On a change of theme or text scale it
emits `changed` once: listeners drop their cached pixmaps and fonts and repaint. Qt only; no project imports, because
the window needs this before its first paint.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

import resources

Mode = Literal["system", "light", "dark"]

TEXT_SCALES: Final = (0.9, 1.0, 1.1, 1.25, 1.4, 1.5)
"""The steps of Ctrl+Plus and Ctrl+Minus; 90 to 150 %."""


def resource(path: str) -> bytes:
    """The bytes of a file of the resources package, e.g. `icons/search.svg`.

    Asks the package's own loader, which is what `importlib.resources` does at its end: importing that would cost the
    first paint 8 ms.
    """
    folder = resources.__path__[0]
    return bytes(resources.__loader__.get_data(f"{folder}/{path}"))  # type: ignore[union-attr]


class Theme(QObject):
    """The look of everything. Made once by `theme()`, after the QApplication.

    Attributes: `dark` (which half of the tokens is in force), `text_scale` (0.9 to 1.5), `mode` (what the person
    chose), `high_contrast` (the system asks for it: its own palette is used and tints are left out).
    Signals: `changed`, after the palette, the fonts or the scale became different.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        tokens: dict[str, Any] = json.loads(resource("tokens.json"))
        self._tokens = tokens
        self._colors: dict[bool, dict[str, QColor]] = {
            dark: {role: QColor(value) for role, value in tokens["color"]["dark" if dark else "light"].items()}
            for dark in (False, True)
        }
        self._fonts: dict[tuple[str, int | None, bool], QFont] = {}
        self._family = QApplication.font()
        self.mode: Mode = "system"
        self.text_scale = 1.0
        self.dark = False
        self.high_contrast = False
        self._read_system()
        hints = QApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        access = getattr(hints, "accessibility", None)  # Qt 6.10 and newer
        if access is not None:
            access().contrastPreferenceChanged.connect(self._system_changed)

    # Reading ---------------------------------------------------------------------------------------------------------

    def color(self, role: str) -> QColor:
        """A copy of the colour of a role such as `text.primary`; an unknown role is a KeyError."""
        if self.high_contrast:
            return self._system_color(role)
        return QColor(self._colors[self.dark][role])

    def font(self, style: str = "body", *, weight: int | None = None, tabular: bool = False) -> QFont:
        """The font of a type style (`tokens.json > type`), at the text scale; `tabular` aligns its digits."""
        key = (style, weight, tabular)
        font = self._fonts.get(key)
        if font is None:
            token = self._tokens["type"][style]
            font = QFont(self._family)
            font.setPixelSize(self.px(token["size"]))
            font.setWeight(QFont.Weight(weight if weight is not None else token["weight"]))
            if tabular:
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return QFont(font)

    def line(self, style: str) -> int:
        """The line height of a type style in px, at the text scale."""
        return self.px(self._tokens["type"][style]["line"])

    def px(self, value: float) -> int:
        """Logical px at 100 % times the text scale, rounded half up."""
        return int(value * self.text_scale + 0.5)

    def radius(self, name: str) -> int:
        """A corner radius in px; radii do not grow with the text."""
        return int(self._tokens["radius"][name])

    def size(self, *path: str) -> int:
        """A measure of `tokens.json > size` at 100 %, e.g. `size("row", "default")`; `px()` scales it."""
        value: Any = self._tokens["size"]
        for name in path:
            value = value[name]
        return int(value)

    def motion(self, name: str) -> int:
        """The length of a movement in ms (`fast`, `base`, `slow`); 0 where the system asks for reduced motion."""
        from PySide6.QtWidgets import QStyle  # its enums cost 6 ms, too much before the first paint

        style = QApplication.style()
        if style is not None and style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0:
            return 0
        return int(self._tokens["motion"][name])

    @property
    def tokens(self) -> dict[str, Any]:
        """The token file itself, for tests and for charts that need whole families of roles."""
        return self._tokens

    # Changing --------------------------------------------------------------------------------------------------------

    def start(self, mode: Mode, text_scale: float) -> None:
        """Take what the person chose before anything is on the screen; nobody is told."""
        self.mode = mode
        self.text_scale = min(max(text_scale, TEXT_SCALES[0]), TEXT_SCALES[-1])
        self._fonts.clear()
        self._read_system()

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or stay light or dark."""
        if mode != self.mode:
            self.mode = mode
            self._refresh()

    def set_text_scale(self, scale: float) -> None:
        """Set the text scale; values outside 0.9 to 1.5 are clamped."""
        scale = min(max(scale, TEXT_SCALES[0]), TEXT_SCALES[-1])
        if scale != self.text_scale:
            self.text_scale = scale
            self._refresh()

    def step_text_scale(self, step: int) -> None:
        """One step larger (1) or smaller (-1) of `TEXT_SCALES`."""
        nearest = min(range(len(TEXT_SCALES)), key=lambda i: abs(TEXT_SCALES[i] - self.text_scale))
        self.set_text_scale(TEXT_SCALES[min(max(nearest + step, 0), len(TEXT_SCALES) - 1)])

    def palette(self) -> QPalette:
        """The QPalette of the tokens (`tokens.json > qpalette`), or the system's in high contrast."""
        if self.high_contrast:
            return QApplication.style().standardPalette()
        palette = QPalette()
        for name, role in self._tokens["qpalette"].items():
            colour = QColor(role) if role.startswith("#") else self.color(role)
            if name.startswith("Disabled."):
                target = getattr(QPalette.ColorRole, name.removeprefix("Disabled."))
                palette.setColor(QPalette.ColorGroup.Disabled, target, colour)
                continue
            palette.setColor(getattr(QPalette.ColorRole, name), colour)
        for target in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, target, self.color("text.disabled"))
        return palette

    # Following the system --------------------------------------------------------------------------------------------

    def _system_changed(self) -> None:
        if self.mode == "system" or self.high_contrast != _system_wants_contrast():
            self._refresh()

    def _refresh(self) -> None:
        self._read_system()
        self._fonts.clear()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            _dress(app, self)
        self.changed.emit()

    def _read_system(self) -> None:
        # The two halves of the tokens are ours: QStyleHints.setColorScheme does nothing on some platforms.
        system = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self.dark = system if self.mode == "system" else self.mode == "dark"
        self.high_contrast = _system_wants_contrast()

    def _system_color(self, role: str) -> QColor:
        palette = QApplication.palette()
        text, base = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
        solid = role in ("urgency.breach.bg", "accent.fill", "accent.fillHover", "bg.tooltip")
        reversed_text = role in ("urgency.breach.text", "accent.on", "text.onTooltip")
        if role == "text.disabled":
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        if role.startswith("bg.selected"):
            return base  # a frame shows it: text in the window's ink need not be legible on the highlight
        if role == "state.info.bg":
            return palette.color(QPalette.ColorRole.Highlight)
        if reversed_text:
            return base
        tinted = role.startswith(("bg.", "band.open", "band.closed")) or role.endswith(".bg")
        return text if solid or not tinted else base


def _system_wants_contrast() -> bool:
    access = getattr(QApplication.styleHints(), "accessibility", None)
    if access is None:
        return False
    return bool(access().contrastPreference() == Qt.ContrastPreference.HighContrast)


_theme: Theme | None = None


def theme() -> Theme:
    """The one theme, made on first use. A QApplication must exist."""
    global _theme
    if _theme is None:
        _theme = Theme()
    return _theme


def apply(
    app: QApplication, *, mode: Mode | None = None, text_scale: float | None = None, styled: bool = False
) -> None:
    """Dress the application: Fusion, the palette of the tokens, and the little QSS that inputs and menus need.

    `mode` and `text_scale` are what the person chose; without them the theme stays as it is. An application that was
    started with `-style Fusion` is `styled` already: to set it here would make PySide build the enums of QStyle, which
    cost the first paint 8 ms.
    """
    if not styled:
        app.setStyle("Fusion")
    look = theme()
    look.start(mode if mode is not None else look.mode, text_scale if text_scale is not None else look.text_scale)
    _dress(app, look)


def _dress(app: QApplication, look: Theme) -> None:
    app.setFont(look.font("body"))
    app.setPalette(look.palette())
    app.setStyleSheet("" if look.high_contrast else _qss(look))


def _qss(look: Theme) -> str:
    """Margins, radii and borders of inputs, buttons, menus and scroll bars. Never for item views."""

    def c(role: str) -> str:
        return look.color(role).name()

    control, bar = look.radius("control"), look.size("scrollbar")
    return f"""
QLineEdit, QPlainTextEdit[framed="true"], QComboBox {{ background: {c("bg.input")}; border: 1px solid
  {c("line.control")}; border-radius: {control}px; padding: 0 {look.px(8)}px; selection-background-color:
  {c("accent.fill")}; selection-color: {c("accent.on")}; }}
QLineEdit, QComboBox {{ min-height: {look.px(look.size("input")) - 2}px; }}
QLineEdit:focus, QComboBox:focus {{ border: 2px solid {c("focus.ring")}; padding: 0 {look.px(8) - 1}px; }}
QMenu {{ background: {c("bg.raised")}; border: 1px solid {c("line.divider")}; padding: 4px; }}
QMenu::item {{ padding: {look.px(5)}px {look.px(24)}px {look.px(5)}px {look.px(12)}px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c("bg.selected")}; color: {c("text.primary")}; }}
QMenu::item:disabled {{ color: {c("text.disabled")}; }}
QMenu::separator {{ height: 1px; background: {c("line.hairline")}; margin: 4px 8px; }}
QToolTip {{ background: {c("bg.tooltip")}; color: {c("text.onTooltip")}; border: none; padding: 4px 6px; }}
QScrollBar:vertical {{ background: transparent; width: {bar}px; margin: 0; border: none; }}
QScrollBar:horizontal {{ background: transparent; height: {bar}px; margin: 0; border: none; }}
QScrollBar::handle {{ background: {c("line.divider")}; border-radius: {bar // 2 - 2}px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c("line.control")}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
