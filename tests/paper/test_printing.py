"""How the PDF is reached: through an entry point, so that the core runs without Qt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.paper import printing
from console.paper.printing import NoPaperError, print_session
from tests.paper.reports import report

PRINTS = """
import sys
from pathlib import Path
from console.paper.printing import print_session
from tests.paper.reports import report
print_session(report(), Path(sys.argv[1]))
"""
CORE = """
import sys
import console.paper.ledger_csv, console.paper.printing, console.paper.session_markdown, console.paper.slot_calendar
sys.exit(any(name.startswith(("PySide6", "ui")) for name in sys.modules))
"""


def run(program: str, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, which has neither a display nor a platform chosen for it."""
    return subprocess.run(
        [sys.executable, "-c", program, *args], cwd=cwd, env={"PATH": ""}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout() -> Path:
    return Path(__file__).resolve().parents[2]


def test_a_report_is_printed_without_a_display(checkout: Path, tmp_path: Path) -> None:
    done = run(PRINTS, str(tmp_path / "report.pdf"), cwd=checkout)

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_every_other_paper_is_made_without_qt(checkout: Path) -> None:
    done = run(CORE, cwd=checkout)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_printer_that_is_not_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "GROUP", "support_console.no_such_paper")

    with pytest.raises(NoPaperError) as raised:
        print_session(report(), tmp_path / "report.pdf")
    assert raised.value.sentence == (
        "PDF is not installed here; install the package support-console to have it, or export Markdown."
    )


def test_a_printer_whose_requirements_are_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "site" / "paper_of_others-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: paper-of-others\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[support_console.other_paper]\nsession_pdf = a_toolkit_nobody_has:write\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(printing, "GROUP", "support_console.other_paper")

    with pytest.raises(NoPaperError, match="PDF cannot be made: No module named 'a_toolkit_nobody_has'"):
        print_session(report(), tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()
