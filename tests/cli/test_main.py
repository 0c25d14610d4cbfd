"""Every mistake is one line on standard error and exit code 2; our failures are logged and said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import console
from console.cli import main as cli
from console.cli import queue
from tests.cli.conftest import AT, Run, refused


def test_version_names_the_program_and_its_version(run: Run) -> None:
    outcome = run("--version")

    assert outcome == (0, f"support-console {console.__version__}\n", "")


def test_help_lists_every_command(run: Run) -> None:
    outcome = run("--help")

    assert outcome.code == 0
    named = "demo import queue explain search redact rebuild calendar pro connect disconnect sync hub completion"
    for command in named.split():
        assert f"\n    {command}" in outcome.out


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "import",
        "queue",
        "explain",
        "search",
        "redact",
        "rebuild",
        "calendar add",
        "calendar elapsed",
        "pro plan",
        "connect",
        "disconnect",
        "sync",
        "completion",
    ],
)
def test_every_command_has_help_and_takes_the_options_of_all(run: Run, command: str) -> None:
    outcome = run(*command.split(), "--help")

    assert outcome.code == 0
    assert "--data DIR" in outcome.out
    assert "--guidelines FILE" in outcome.out


def test_an_unknown_command_is_answered_with_the_nearest(run: Run) -> None:
    assert refused(run("quue")) == ('There is no command "quue"; did you mean "queue"? See "support-console --help".')


def test_a_command_like_no_other_is_answered_with_all(run: Run) -> None:
    sentence = refused(run("xyzzy"))

    assert sentence.startswith('There is no command "xyzzy", but there are demo, import, queue,')


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("explain",), "TICKET"),
        (("search",), "WORDS"),
        (("calendar",), "COMMAND"),
        (("queue", "--bogus"), "--bogus"),
        (("queue", "--limit", "0"), "--limit: give a whole number from 1 on"),
        (("queue", "--limit", "many"), "--limit: give a whole number from 1 on"),
        (("queue", "--view", "all"), "--view"),
        (("queue", "--as-of"), "--as-of"),
        (("queue", "--js"), "--js"),
        (("explain", "1", "--metric", "speed"), "--metric"),
        (("completion", "fish"), "fish"),
        (("queue", "--data", ""), "--data names no folder"),
    ],
)
def test_wrong_arguments_are_one_sentence(run: Run, own_folder: Path, argv: tuple[str, ...], said: str) -> None:
    assert said in refused(run(*argv))
    assert not own_folder.exists()


@pytest.mark.parametrize("command", [("queue",), ("explain", "10001"), ("search", "word"), ("rebuild",)])
def test_a_file_in_the_place_of_the_data_folder_is_said(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("not a folder")

    sentence = refused(run(*command, "--data", tmp_path / "file"))

    assert sentence == f"{tmp_path / 'file'} cannot be used as the data folder: {tmp_path / 'file'} is a file."
    assert (tmp_path / "file").read_text() == "not a folder"


def test_data_is_accepted_before_and_after_the_command(run: Run, demo: Path, own_folder: Path) -> None:
    asked = "--as-of", AT, "--json"
    assert run("--data", demo, "queue", *asked) == run("queue", "--data", demo, *asked)
    assert not own_folder.exists()


def test_the_later_data_wins(run: Run, demo: Path, tmp_path: Path) -> None:
    outcome = run("--data", tmp_path / "other", "queue", "--json", "--data", demo)

    assert outcome.out != "[]\n"
    assert not (tmp_path / "other").exists()


def test_guidelines_are_accepted_before_and_after_the_command(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    for argv in (("--guidelines", missing, "queue"), ("queue", "--guidelines", missing)):
        assert refused(run("--data", tmp_path / "data", *argv)).startswith(f"{missing}: there is no such file")
        assert not (tmp_path / "data").exists()


def test_an_unexpected_error_is_logged_and_said_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(args: object) -> int:
        raise RuntimeError("a wheel\ncame off")

    monkeypatch.setattr(queue, "run", fails)

    outcome = run("queue", "--data", tmp_path / "data")

    log = tmp_path / "data" / "crash.log"
    assert outcome.code == cli.OUR_FAILURE == 70
    assert outcome.out == ""
    assert outcome.err == (
        "support-console: The program failed (RuntimeError: a wheel came off). "
        f"This is not your mistake; the details are in {log}.\n"
    )
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "in fails" in log.read_text(encoding="utf-8")


def test_a_crash_log_that_cannot_be_written_is_said(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(args: object) -> int:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(queue, "run", fails)
    (tmp_path / "file").write_text("not a folder")

    outcome = run("queue", "--data", tmp_path / "file")

    assert outcome.code == 70
    assert "cannot be written" in outcome.err
    assert outcome.err.count("\n") == 1


def test_an_interrupt_is_130_and_silent(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "run", interrupted)

    assert run("queue", "--data", tmp_path) == (130, "", "")


def as_process(*argv: str | Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "console.cli", *map(str, argv)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = as_process("completion", "bash")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == cli.PIPE_CLOSED
    process.stderr.close()


def test_a_terminal_without_unicode_gets_what_it_can_show(demo: Path) -> None:
    process = as_process("queue", "--data", demo, "--as-of", "2025-10-14T15:47Z", PYTHONIOENCODING="ascii")
    out, err = process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert b"?42m" in out


def test_json_loses_nothing_on_a_terminal_without_unicode(demo: Path) -> None:
    process = as_process("explain", "NW-2231", "--data", demo, "--json", PYTHONIOENCODING="ascii")
    out, err = process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert b"?" not in out


def test_the_entry_costs_no_argparse_and_no_database() -> None:
    loaded = "import sys, console.cli.main, console.cli.window; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    for heavy in ("argparse", "sqlalchemy", "pendulum", "asyncio", "importlib.metadata", "platformdirs", "msgspec"):
        assert heavy not in modules


def test_the_grammar_costs_no_database_and_no_domain() -> None:
    loaded = "import sys; from console.cli.arguments import parser; parser(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    for heavy in ("sqlalchemy", "alembic", "pendulum", "shtab", "msgspec", "console.desk", "console.domain.events"):
        assert heavy not in modules
