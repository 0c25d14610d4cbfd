"""Rows of cells as text for other programs: a sheet takes the tabs, a mail takes the table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication

Rows = Sequence[Sequence[str]]


def as_tsv(rows: Rows) -> str:
    """Rows as tab-separated lines; a cell holds neither tabs nor line ends."""
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def as_html(rows: Rows) -> str:
    """Rows as a table; every cell is escaped."""
    lines = ("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{''.join(lines)}</table>"


def copy_rows(rows: Rows) -> None:
    """Put rows on the clipboard, both ways."""
    mime = QMimeData()
    mime.setText(as_tsv(rows))
    mime.setHtml(as_html(rows))
    QApplication.clipboard().setMimeData(mime)
