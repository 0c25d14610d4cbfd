"""Tables line up whatever is in them, and nothing in them steers the terminal."""

from __future__ import annotations

import io
import os
import sys

import pytest

from console.cli.progress import Progress
from console.cli.render import cut, plain, table, width


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_escape_sequences_and_line_breaks_are_taken_out() -> None:
    assert plain("red \x1b[31malert\x07\nsecond\tline\u202e") == "red [31malert second line"


def test_wide_and_combining_characters_count_as_they_are_drawn() -> None:
    assert width("東京") == 4
    assert width("e\u0301") == 1


def test_columns_line_up_under_wide_characters() -> None:
    lines = table(("A", "B"), [("東京", "x"), ("ab", "y")])

    assert [width(line[: line.index(mark)]) for line, mark in zip(lines, "Bxy", strict=True)] == [6, 6, 6]


def test_numbers_are_set_flush_right() -> None:
    assert table(("No.", "Who"), [("7", "Mara"), ("10001", "Jon")], right=(0,)) == [
        "  No.  Who",
        "    7  Mara",
        "10001  Jon",
    ]


def test_the_last_column_is_cut_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((30, 24)))

    [_, line] = table(("No.", "Subject"), [("10001", "a long subject that does not fit")])

    assert line == "10001  a long subject that do…"
    assert width(line) == 30


def test_what_goes_to_a_file_is_not_cut() -> None:
    assert table(("S",), [("x" * 500,)])[1] == "x" * 500


def test_a_text_is_cut_between_characters() -> None:
    assert cut("東京都", 4) == "東…"
    assert cut("abc", 3) == "abc"


def test_progress_is_shown_to_a_person_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with Progress("Rebuilt") as progress:
        progress.of(50, 200)

    shown = terminal.getvalue()
    assert shown.startswith("\rRebuilt 50 of 200 (25 %)")
    assert shown.endswith("\r" + " " * len("Rebuilt 50 of 200 (25 %)") + "\r")


def test_progress_is_silent_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    with Progress("Rebuilt") as progress:
        progress.of(50, 200)

    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]
