"""A field below its label, as the questions and the settings have it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.controls import Words


class Labelled(QWidget):
    """A field below its label. The label is the field's accessible name too."""

    def __init__(self, label: str, field: QWidget, parent: QWidget | None = None, *, wide: bool = True) -> None:
        super().__init__(parent)
        self.field = field
        self.label = Words(label, "text.secondary", "meta")
        self.label.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().px(4))
        column.addWidget(self.label)
        column.addWidget(field, 0, Qt.AlignmentFlag(0) if wide else Qt.AlignmentFlag.AlignLeft)
