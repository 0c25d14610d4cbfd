"""The session report as Markdown (CommonMark, with GitHub's tables): for a mail, a ticket, a repository.

Texts of customers and engineers are escaped, so that they read as they were written. Pure; called by the window and the
command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from console.desk.pro.views import SessionReport
from console.paper.customer_text import markdown_text
from console.paper.session_sheet import Section, Table, session_sheet


def session_markdown(report: SessionReport) -> str:
    """The report for the partner; lines end in `\\n`."""
    sheet = session_sheet(report)
    blocks = [
        f"# {sheet.title}: {markdown_text(sheet.subject)}",
        f"**{sheet.left} left of {sheet.bought}**",
        "\n".join(f"- **{label}:** {markdown_text(text)}" for label, text in sheet.facts),
        *(block for section in (sheet.hours, *sheet.sections) for block in _blocks(section)),
        sheet.made,
    ]
    return "\n\n".join(blocks) + "\n"


def _blocks(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    if section.lead:
        yield markdown_text(section.lead)
    if section.table is not None:
        yield "\n".join(_lines(section.table))


def _lines(table: Table) -> Iterator[str]:
    yield _row(column.heading for column in table.columns)
    yield _row("---:" if column.amount else "---" for column in table.columns)
    yield from (_row(map(markdown_text, row)) for row in table.rows)
    if table.total is not None:
        yield _row(f"**{markdown_text(cell)}**" if cell else "" for cell in table.total)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
