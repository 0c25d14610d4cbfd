"""Papers are written whole, or what stood there stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from console.paper.whole_file import PaperNotWritten, write_whole


def test_a_file_is_written_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    write_whole(path, b"one")
    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["ledger.csv"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "report.md"
    link.symlink_to(tmp_path / "there" / "report.md")
    write_whole(link, b"text")

    assert link.is_symlink()
    assert (tmp_path / "there" / "report.md").read_bytes() == b"text"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PaperNotWritten) as raised:
        write_whole(tmp_path / "no" / "report.md", b"text")
    assert raised.value.sentence == f"{tmp_path / 'no' / 'report.md'} cannot be written: No such file or directory."


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(PaperNotWritten, match="it is a folder"):
        write_whole(tmp_path, b"text")


def test_a_disk_that_fills_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.md"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PaperNotWritten, match="No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.md"]
