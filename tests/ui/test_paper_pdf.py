"""The session report as PDF: whole, embedded, selectable, and with everything that the report says on its pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QPdfWriter

from console.domain.words import exact
from console.paper.session_sheet import Column, Table, session_sheet
from console.paper.whole_file import PaperNotWritten
from tests.paper.reports import HOUR, NOW, entry, hours, report, scope
from ui.paper.flow import Flow, SetText
from ui.paper.hours_bar import put_hours_bar
from ui.paper.ink import PT, RESOLUTION, Ink
from ui.paper.session_pdf import pdf, write_pdf
from ui.paper.table_flow import TableFlow

pytestmark = pytest.mark.usefixtures("qapp")

Reader = Callable[[bytes], list[str]]

LETTER, A4 = (612, 792), (595, 842)


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", content))


def sizes(content: bytes) -> set[tuple[int, int]]:
    """The sizes of the pages, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    return {(round(float(width)), round(float(height))) for width, height in boxes}


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """The text of a PDF as a person would select it, page by page."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext, which reads the text of a PDF, is not installed here")

    def text(content: bytes) -> list[str]:
        (tmp_path / "read.pdf").write_bytes(content)
        done = subprocess.run(
            [program, "-layout", "-enc", "UTF-8", str(tmp_path / "read.pdf"), "-"],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        )
        return [" ".join(page.split()) for page in done.stdout.split("\f")[:-1]]

    return text


def test_the_report_is_a_pdf_with_its_fonts_in_it(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pdf(report(), path)
    content = path.read_bytes()

    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert 10_000 < len(content) < 200_000
    assert pages(content) == 2
    fonts, embedded = content.count(b"/FontDescriptor /"), content.count(b"/FontFile")
    assert content.count(b"/ToUnicode") > 0
    assert embedded >= max(1, fonts)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.pdf"]


def test_pages_are_us_letter_unless_a4_is_asked_for() -> None:
    assert sizes(pdf(report())) == {LETTER}
    assert sizes(pdf(report(), "a4")) == {A4}


def test_the_title_names_whose_report_it_is() -> None:
    title = re.search(rb"/Title \((.*?)(?<!\\)\)", pdf(report()), re.DOTALL)

    assert title is not None
    named = title[1].decode("utf-16", "replace") if title[1].startswith(b"\xfe\xff") else title[1].decode("latin-1")
    assert named == "Session report, Fabrikam Robotics, #10041: SSO and image rollout"


def test_everything_that_the_report_says_can_be_selected(read: Reader) -> None:
    said = " ".join(read(pdf(report())))
    sheet = session_sheet(report())

    assert f"{sheet.left} left of {sheet.bought}" in said
    for label, text in sheet.facts:
        assert f"{label} {text}" in said
    for section in (sheet.hours, *sheet.sections):
        assert section.lead in said
        assert section.table is not None
        for row in (*section.table.rows, section.table.total or ()):
            for cell in row:
                missing = [word for word in cell.split() if word not in said]
                assert not missing, f"{cell!r} in {section.title}"


def test_each_page_says_which_it_is_and_whose(read: Reader) -> None:
    first, second = read(pdf(report()))

    assert first.startswith("Session report SSO and image rollout Account Fabrikam Robotics")
    assert first.endswith("Made Tue 14 Oct 2025, 11:47 AM ET. Times are Eastern (ET). Page 1 of 2")
    assert second.startswith("Session report, Fabrikam Robotics, #10041 Work")
    assert second.endswith("Page 2 of 2")


def test_letters_of_other_scripts_and_pairs_of_letters_come_back_as_they_were(read: Reader) -> None:
    note = "Office flows -> 10x15 fi Łódź Zürich Дмитрий 10:30"
    said = " ".join(read(pdf(report(entries=(entry(notes=(note,)),)))))

    assert note in said


def test_what_a_customer_writes_is_no_markup(read: Reader) -> None:
    said = " ".join(read(pdf(report(subject="<b>Bold</b> & <img src='file:///etc/passwd'>"))))

    assert "<b>Bold</b> & <img src='file:///etc/passwd'>" in said


def test_a_long_report_goes_on_overleaf_with_its_headings(read: Reader) -> None:
    day = 24 * HOUR
    worked = tuple(
        entry(begins_at=NOW + at * day, ends_at=NOW + at * day + HOUR, metered_ms=HOUR, notes=(f"Note {at} of 80.",))
        for at in range(80)
    )
    found = read(pdf(report(entries=worked)))

    assert len(found) > 5
    assert found[-1].endswith(f"Page {len(found)} of {len(found)}")
    work = [page for page in found if "Day From (ET) To (ET) Engineer Remark Counted" in page]
    assert len(work) == 3
    assert "Counted in all 80h" in work[-1]
    assert [f"Note {at} of 80." in " ".join(found) for at in range(80)] == [True] * 80


def test_a_note_that_is_longer_than_a_page_is_torn_between_its_lines(read: Reader) -> None:
    note = " ".join(f"word{at}" for at in range(3000))
    found = read(pdf(report(entries=(entry(notes=(note,)),))))
    said = " ".join(found)

    assert len(found) > 3
    assert re.findall(r"word\d+", said) == note.split()


def test_a_word_that_is_wider_than_its_column_is_broken(read: Reader) -> None:
    word = "x" * 700
    said = " ".join(read(pdf(report(account=word, scope=scope(requested=((NOW, word),))))))

    assert said.count("x" * 20) > 0
    assert sum(map(len, re.findall("x{3,}", said))) >= 2 * len(word)


def test_an_unwritable_path_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(PaperNotWritten) as raised:
        write_pdf(report(), tmp_path / "no such folder" / "report.pdf")

    assert raised.value.sentence.endswith("report.pdf cannot be written: No such file or directory.")
    assert list(tmp_path.iterdir()) == []


# Parts of the page


@pytest.fixture
def flow() -> Iterator[Flow]:
    """Pages of 500 by 300 points."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    device.setResolution(RESOLUTION)
    yield Flow(device, QRectF(0, 0, 500 * PT, 300 * PT))
    buffer.close()


def test_a_total_never_stands_alone_on_a_page(flow: Flow) -> None:
    columns = (Column("What", wide=True), Column("Time", amount=True))
    for rows in range(8, 40):
        before = len(flow.pages)
        flow.turn()
        TableFlow(flow, Ink(), Table(columns, (("row", "1h"),) * rows, ("Total", exact(rows * HOUR)))).put()
        if len(flow.pages) > before + 1:
            assert len(flow.pages[-1]) >= 3  # headings, a row, the total


def test_a_text_fills_what_is_left_of_a_page_and_goes_on(flow: Flow) -> None:
    ink = Ink()
    text = SetText(flow.device, "word " * 2000, ink.font(9), ink.color("text.primary"), flow.body.width())
    flow.put_text(text, 0)

    assert text.lines > 50
    assert len(flow.pages) == -(-text.lines // int(flow.body.height() / text.line_height))


def test_hours_that_were_never_bought_have_no_bar(flow: Flow) -> None:
    nothing = hours(bought_ms=0, used_ms=0, session_ms=0, planned_ms=0, not_planned_ms=0, forfeited_ms=0, purchases=())
    put_hours_bar(flow, Ink(), session_sheet(report(hours=nothing, entries=())))

    assert flow.pages == [[]]
