"""What nobody caught ends in one file, whatever it came from."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning

from ui import crashlog


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "crash.log"


def test_python_threads_and_qt_write_into_one_log(log: Path) -> None:
    crashlog.start(log)
    crashlog.catch_qt()
    try:
        try:
            raise ValueError("in the main thread")
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
        qWarning("from Qt")
        crashlog.record("a place that carried on", KeyError("missing"))
    finally:
        crashlog.stop()
    text = log.read_text()
    for words in ("in the main thread", "unhandled in thread worker", "ZeroDivisionError", "Qt: from Qt", "missing"):
        assert words in text
    assert "Traceback" in text


def test_after_the_end_the_handlers_are_pythons_own_again(log: Path) -> None:
    crashlog.start(log)
    crashlog.stop()
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__


def test_a_log_that_has_grown_large_is_started_anew(log: Path) -> None:
    log.parent.mkdir()
    log.write_bytes(b"x" * (crashlog.MAX_BYTES + 1))
    crashlog.start(log)
    crashlog.stop()
    assert log.stat().st_size == 0
    assert log.with_name("crash.log.old").stat().st_size > crashlog.MAX_BYTES


def test_a_log_that_cannot_be_written_is_told_and_does_no_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    crashlog.start(in_the_way / "crash.log")
    crashlog.record("somewhere", ValueError("told on stderr"))
    crashlog.stop()
    err = capsys.readouterr().err
    assert "cannot be written" in err
    assert "told on stderr" in err
    assert sys.excepthook is sys.__excepthook__
