"""What leaves the program: the ledger as CSV, the session report as PDF or Markdown. Part of `ProActs`.

The file's name is asked for without a loop of its own. Text is written on the desk's thread, the PDF where Qt paints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from console.domain.errors import ConsoleError
from console.domain.words import local
from ui.pro.asking import Asking
from ui.ticket.acts import sentence_of

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage, SessionReport

_CSV: Final = "Comma-separated values (*.csv)"
_PDF: Final = "PDF (*.pdf)"
_MARKDOWN: Final = "Markdown (*.md)"
_SUFFIXES: Final = {_CSV: "csv", _PDF: "pdf", _MARKDOWN: "md"}


class PaperActs(Asking):
    """Exports of an engagement's page."""

    def export_ledger(self, page: EngagementPage) -> None:
        """Ask for a file and write the account's ledger into it."""
        account = page.row.account

        def write(path: Path) -> None:
            def job(desk: Desk) -> None:
                from console.paper.ledger_csv import ledger_csv
                from console.paper.whole_file import write_whole

                write_whole(path, ledger_csv(desk.pro.hours.ledger(account)).encode())

            self._thread.submit(job, lambda _: self._saved("Ledger", path), failed=self._not_saved)

        self._ask_file("Save the ledger as", _file_name(page, "ledger"), (_CSV,), write)

    def export_report(self, page: EngagementPage) -> None:
        """Ask for a file and write the session report for the partner into it, as its ending says."""
        ticket = page.row.ticket

        def write(path: Path) -> None:
            def read(desk: Desk) -> SessionReport:
                report = desk.pro.report(ticket)
                if path.suffix == ".md":
                    from console.paper.session_markdown import session_markdown
                    from console.paper.whole_file import write_whole

                    write_whole(path, session_markdown(report).encode())
                return report

            def paint(report: SessionReport) -> None:
                if path.suffix != ".md":
                    from ui.paper.session_pdf import write_pdf

                    try:
                        write_pdf(report, path)
                    except ConsoleError as error:
                        self._not_saved(error)
                        return
                self._saved("Session report", path)

            self._thread.submit(read, paint, failed=self._not_saved)

        self._ask_file("Save the session report as", _file_name(page, "session report"), (_PDF, _MARKDOWN), write)

    def _ask_file(self, title: str, name: str, kinds: tuple[str, ...], write: Callable[[Path], object]) -> QFileDialog:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self._window, title, folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(kinds))
        dialog.setDefaultSuffix(_SUFFIXES[kinds[0]])
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_SUFFIXES.get(kind, _SUFFIXES[kinds[0]])))
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: write(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        self._question = dialog
        dialog.open()
        return dialog

    def _saved(self, what: str, path: Path) -> None:
        self._say(f"{what} saved as {path.name}.")

    def _not_saved(self, error: Exception) -> None:
        self._say(sentence_of(error), True)


def _file_name(page: EngagementPage, what: str) -> str:
    """`Fabrikam Robotics ledger 2025-10-14`, without what a file system minds."""
    day = local(page.as_of, page.zone).date().isoformat()
    account = re.sub(r"[^\w .-]", "", page.row.account).strip(" .") or "Engagement"
    return f"{account} {what} {day}"
