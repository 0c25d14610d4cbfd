"""The session report as PDF: what is sent to a partner. The entry point `session_pdf` of `support_console.paper`.

Says what `console.paper.session_sheet` says, with the hours drawn. Fonts are embedded and the text can be selected. No
display is needed: without an application of Qt's, one that paints nowhere is made.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QLineF, QMarginsF, QRectF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtWidgets import QApplication

from console.desk.pro.views import SessionReport
from console.paper.session_sheet import Section, SessionSheet, session_sheet
from console.paper.whole_file import write_whole
from ui.paper.flow import Flow, SetText
from ui.paper.hours_bar import put_hours_bar
from ui.paper.ink import PT, RESOLUTION, Ink
from ui.paper.table_flow import TableFlow

PageSize = Literal["letter", "a4"]

_SIZES: Final = {"letter": QPageSize.PageSizeId.Letter, "a4": QPageSize.PageSizeId.A4}
_MARGIN: Final = 50.0
_HEAD_ROOM: Final = 12.0
_FOOT_ROOM: Final = 22.0
_ABOVE_SECTION: Final = 17.0
"""Points: the page's margins, what stands at its top and foot, what is free above a section."""
_LABEL_WIDTH: Final = 84 * PT
_HOURS_HEIGHT: Final = 100 * PT
"""The hours' headline, bar and legend together."""

_own_application: QApplication | None = None


def write_pdf(report: SessionReport, path: Path, page: PageSize = "letter") -> None:
    """Writes the report, all or nothing. Errors: PaperNotWritten."""
    write_whole(path, pdf(report, page))


def pdf(report: SessionReport, page: PageSize = "letter") -> bytes:
    """The report as the bytes of a PDF. Without an application of Qt's, to be called in the main thread."""
    _have_application()
    sheet, ink, buffer = session_sheet(report), Ink(), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = _device(buffer, sheet, page)
    flow = _laid_out(device, ink, sheet)
    painter = QPainter(device)
    flow.paint(painter, lambda painter, number, count: _draw_furniture(painter, flow, ink, sheet, number, count))
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _have_application() -> None:
    """Fonts need an application: the one that runs, or one without a display. It is one of widgets, so that a process
    that prints first can show something later."""
    global _own_application
    if QCoreApplication.instance() is None:
        before = os.environ.get("QT_QPA_PLATFORM")
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        try:
            _own_application = QApplication(["support-console"])
        finally:
            if before is None:
                del os.environ["QT_QPA_PLATFORM"]
            else:
                os.environ["QT_QPA_PLATFORM"] = before


def _device(buffer: QBuffer, sheet: SessionSheet, page: PageSize) -> QPdfWriter:
    device = QPdfWriter(buffer)
    device.setResolution(RESOLUTION)
    device.setPageSize(QPageSize(_SIZES[page]))
    device.setPageMargins(QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN), QPageLayout.Unit.Point)
    device.setTitle(f"{sheet.name}: {sheet.subject}")
    device.setCreator("Support Console")
    return device


def _laid_out(device: QPdfWriter, ink: Ink, sheet: SessionSheet) -> Flow:
    body = QRectF(0, _HEAD_ROOM * PT, device.width(), device.height() - (_HEAD_ROOM + _FOOT_ROOM) * PT)
    flow = Flow(device, body)
    _put_head(flow, ink, sheet)
    _put_hours(flow, ink, sheet)
    for section in sheet.sections:
        title = SetText(device, section.title, ink.font(11.5, 600), ink.color("text.primary"), body.width())
        _put_section(flow, ink, section, title)
    return flow


def _put_head(flow: Flow, ink: Ink, sheet: SessionSheet) -> None:
    """The subject, and the facts in two columns of a label and a text each."""
    width = flow.body.width()
    flow.put_text(SetText(flow.device, sheet.title, ink.font(9.5, 600), ink.color("accent.text"), width), 0)
    flow.skip(2)
    flow.put_text(SetText(flow.device, sheet.subject, ink.font(19, 600), ink.color("text.primary"), width), 0)
    flow.skip(9)
    half = (width - 20 * PT) / 2
    label_font, text_font = ink.font(8.5), ink.font(9, 500)
    cells = [
        (
            SetText(flow.device, label, label_font, ink.color("text.tertiary"), _LABEL_WIDTH),
            SetText(flow.device, text, text_font, ink.color("text.primary"), half - _LABEL_WIDTH),
        )
        for label, text in sheet.facts
    ]
    rows = (len(cells) + 1) // 2
    for place in range(rows):
        row = [cells[at] for at in (place, place + rows) if at < len(cells)]
        height = max(text.height for pair in row for text in pair) + 2.5 * PT

        def draw(painter: QPainter, y: float, row: list[tuple[SetText, SetText]] = row) -> None:
            for column, (label, text) in enumerate(row):
                x = column * (half + 20 * PT)
                label.draw(painter, x, y + 0.4 * PT)
                text.draw(painter, x + _LABEL_WIDTH, y)

        flow.keep(height)
        flow.put(height, draw)


def _put_hours(flow: Flow, ink: Ink, sheet: SessionSheet) -> None:
    """The one number that matters, how it came about, and the table that adds up."""
    left = SetText(flow.device, sheet.left, ink.font(19, 600), ink.color("text.primary"), 1e6)
    of = SetText(flow.device, f"left of {sheet.bought}", ink.font(10), ink.color("text.secondary"), 1e6)

    def draw(painter: QPainter, y: float) -> None:
        left.draw(painter, 0, y)
        of.draw(painter, left.natural_width + 5 * PT, y + (left.line_height - of.line_height) * 0.78)

    flow.skip(_ABOVE_SECTION)
    flow.keep(_HOURS_HEIGHT)
    flow.put(left.height + 4 * PT, draw)
    put_hours_bar(flow, ink, sheet)
    flow.skip(6)
    _put_section(flow, ink, sheet.hours)


def _put_section(flow: Flow, ink: Ink, section: Section, title: SetText | None = None) -> None:
    """A section; its title stays with what comes first in it."""
    lead = None
    if section.lead:
        lead = SetText(flow.device, section.lead, ink.font(9), ink.color("text.secondary"), flow.body.width())
    table = TableFlow(flow, ink, section.table) if section.table is not None else None
    if title is not None:
        flow.skip(_ABOVE_SECTION)
        flow.keep(title.height + (lead.height if lead else 0) + (table.head_height if table else 0) + 8 * PT)
        flow.put_text(title, 0)
        flow.skip(2)
    if lead is not None:
        flow.put_text(lead, 0)
        flow.skip(2)
    if table is not None:
        table.put()


def _draw_furniture(painter: QPainter, flow: Flow, ink: Ink, sheet: SessionSheet, number: int, count: int) -> None:
    """What stands on every page: at its foot when the report was made and the page's number, at the top of each
    further page whose report it is."""
    width, small, quiet = flow.body.width(), ink.font(7.5), ink.color("text.tertiary")
    foot = flow.body.bottom() + (_FOOT_ROOM - 12) * PT
    painter.setPen(QPen(ink.color("line.divider"), 0.6 * PT))
    painter.drawLine(QLineF(0, foot, width, foot))
    made = SetText(flow.device, sheet.made, small, quiet, width * 0.8)
    made.draw(painter, 0, foot + 4 * PT, last=1)
    page = SetText(flow.device, f"Page {number} of {count}", small, quiet, width)
    page.draw(painter, 0, foot + 4 * PT, flush_right=True)
    if number > 1:
        name = SetText(flow.device, sheet.name, small, quiet, width)
        name.draw(painter, 0, -6 * PT, last=1)
