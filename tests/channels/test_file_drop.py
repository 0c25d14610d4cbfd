"""The folder as a channel: whole files or none out, and each report in is taken, set aside with its reason, or left."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from console.channels.file_drop import FileDrop, NotNow
from console.channels.reports import AnyReport
from console.channels.transport import Accepted, Refused, Unknown
from console.domain.errors import ConsoleError

_ID = "0199dd5e-a000-7000-8000-000000000001"
_REPORT = {"kind": "message", "source": "gateway", "external_id": "1", "body": "Hello"}


@pytest.fixture
def drop(tmp_path: Path) -> FileDrop:
    return FileDrop(tmp_path)


def _put(drop: FileDrop, name: str, content: object = _REPORT, *, age_s: float = 60) -> Path:
    path = drop.folder / "in" / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path


def _take(report: AnyReport) -> None:
    """Takes whatever comes."""


def _refuse(report: AnyReport) -> None:
    pytest.fail("it was read")


def _names(drop: FileDrop, folder: str) -> list[str]:
    return sorted(path.name for path in (drop.folder / folder).iterdir())


def test_a_message_is_one_file_under_its_id_and_a_repeat_is_the_same_file(drop: FileDrop) -> None:
    for _ in range(2):
        assert drop.send(f"<{_ID}@hub.example>", b"Subject: x\r\n\r\n") == Accepted()
    assert _names(drop, "out") == [f"{_ID}.eml"]
    assert (drop.folder / "out" / f"{_ID}.eml").read_bytes() == b"Subject: x\r\n\r\n"


def test_a_folder_that_cannot_be_written_refuses_for_certain(drop: FileDrop) -> None:
    (drop.folder / "out").rmdir()
    assert drop.send(f"<{_ID}@hub.example>", b"x") == Refused(
        "The file could not be written: No such file or directory."
    )


def test_a_rename_that_fails_is_not_known(drop: FileDrop) -> None:
    (drop.folder / "out" / f"{_ID}.eml").mkdir()
    assert isinstance(drop.send(f"<{_ID}@hub.example>", b"x"), Unknown)


@pytest.mark.parametrize("id", ["../../etc/passwd@x", "<../x@y>", "<a/b@c>", "<@x>", "<a@b>\n"])
def test_an_id_that_is_no_file_name_goes_nowhere(drop: FileDrop, id: str) -> None:
    assert isinstance(drop.send(id, b"x"), Refused)
    assert _names(drop, "out") == []


def test_what_was_taken_is_done_in_the_order_of_the_names(drop: FileDrop) -> None:
    for name in ("b.json", "a.json"):
        _put(drop, name, {**_REPORT, "external_id": name})
    taken: list[str] = []
    assert drop.bring(lambda report: taken.append(report.external_id)) == 2
    assert taken == ["a.json", "b.json"]
    assert _names(drop, "done") == ["a.json", "b.json"]
    assert _names(drop, "in") == []


def test_a_name_that_was_done_before_keeps_both_files(drop: FileDrop) -> None:
    for _ in range(2):
        _put(drop, "a.json")
        drop.bring(_take)
    assert _names(drop, "done") == ["a-2.json", "a.json"]


def test_what_cannot_be_taken_is_set_aside_with_its_reason(drop: FileDrop) -> None:
    _put(drop, "a.json", "{")
    _put(drop, "b.json", {**_REPORT, "body": 1})
    _put(drop, "c.json")

    def take(report: AnyReport) -> None:
        raise ConsoleError("The external id is known already.")

    assert drop.bring(take) == 3
    assert _names(drop, "rejects") == ["a.json", "a.why.txt", "b.json", "b.why.txt", "c.json", "c.why.txt"]
    told = [(drop.folder / "rejects" / f"{name}.why.txt").read_text() for name in "abc"]
    assert told == [
        "The report is not JSON.\n",
        "The report is malformed: expected `str`, got `int` - at `$.body`.\n",
        "The external id is known already.\n",
    ]


def test_a_file_that_is_still_being_written_is_left_for_a_while(drop: FileDrop) -> None:
    path = _put(drop, "a.json", '{"kind": "mess', age_s=0)
    assert drop.bring(_take) == 0
    assert path.exists()
    path.write_text(json.dumps(_REPORT))
    assert drop.bring(_take) == 1


def test_what_cannot_be_taken_now_stays_and_ends_the_round(drop: FileDrop) -> None:
    for name in ("a.json", "b.json"):
        _put(drop, name)
    asked: list[AnyReport] = []

    def take(report: AnyReport) -> None:
        asked.append(report)
        raise NotNow("The database is away.")

    with pytest.raises(NotNow):
        drop.bring(take)
    assert len(asked) == 1
    assert _names(drop, "in") == ["a.json", "b.json"]


def test_a_link_is_not_followed(drop: FileDrop, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(_REPORT))
    (drop.folder / "in" / "a.json").symlink_to(secret)
    assert drop.bring(_refuse) == 1
    assert (drop.folder / "rejects" / "a.why.txt").read_text() == "The report is not a file.\n"
    assert secret.exists()


def test_other_files_are_not_touched(drop: FileDrop) -> None:
    _put(drop, ".a.json.part")
    _put(drop, "notes.txt")
    assert drop.bring(_take) == 0
    assert _names(drop, "in") == [".a.json.part", "notes.txt"]


def test_the_folders_are_their_owners_only(drop: FileDrop) -> None:
    assert {oct((drop.folder / name).stat().st_mode)[-3:] for name in ("in", "out", "done", "rejects")} == {"700"}
