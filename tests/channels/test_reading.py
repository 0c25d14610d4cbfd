"""The lines of a file, plain or gzip, and what a file is by its content."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest

from console.channels.imports.column_mapping import shipped_mapping
from console.channels.imports.detection import detect
from console.channels.imports.errors import ImportFileError
from console.channels.imports.reading import LINE_LIMIT, InputFile
from console.channels.imports.staging import Staging

HEADING = b"number,incident_state,opened_at,sys_updated_at\n"


def lines_of(path: Path) -> list[tuple[int, bytes]]:
    with InputFile(path) as file:
        return list(file.lines())


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_are_numbered_and_gzip_is_known_by_its_bytes(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "events.txt"
    path.write_bytes(pack(b"\xef\xbb\xbfone\n\ntwo\r\nthree"))
    assert lines_of(path) == [(1, b"one"), (2, b""), (3, b"two\r"), (4, b"three")]


def test_lines_longer_than_what_is_read_at_once_come_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.txt"
    texts = [bytes([65 + i]) * size for i, size in enumerate((10, LINE_LIMIT, 300_000, 1, 70_000))]
    path.write_bytes(b"\n".join(texts))
    assert [text for _, text in lines_of(path)] == texts


def test_an_endless_line_comes_cut_and_the_next_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.txt"
    path.write_bytes(b"x" * 10_000_000 + b"\nnext\n")
    (_, cut), after = lines_of(path)
    assert LINE_LIMIT < len(cut) < 2 * LINE_LIMIT
    assert after == (2, b"next")


def test_a_truncated_gzip_gives_what_can_be_read_and_says_where_it_ended(tmp_path: Path) -> None:
    path, dice = tmp_path / "events.gz", random.Random(1)
    whole = b"".join(dice.randbytes(30).hex().encode() + b"\n" for _ in range(20_000))
    path.write_bytes(gzip.compress(whole)[:-200_000])
    with InputFile(path) as file:
        read = list(file.lines())
    assert whole.startswith(b"\n".join(line for _, line in read))
    assert file.cut_line == len(read)
    assert file.damage == (
        f"The file ends in the middle of its gzip data after line {len(read) - 1:,}; what could be read was imported."
    )


def test_damaged_gzip_data_is_told(tmp_path: Path) -> None:
    path, dice = tmp_path / "events.gz", random.Random(1)
    packed = bytearray(gzip.compress(b"".join(dice.randbytes(30).hex().encode() + b"\n" for _ in range(20_000))))
    packed[-4_000:-3_000] = bytes(1_000)
    path.write_bytes(packed)
    with InputFile(path) as file:
        assert list(file.lines())
    assert file.damage is not None
    assert "gzip data that is damaged" in file.damage


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"", "is empty, so there is nothing to import"),
        (b"\n \n", "is empty, so there is nothing to import"),
        (gzip.compress(b"", mtime=0), "is empty, so there is nothing to import"),
        (gzip.compress(b"x" * 100, mtime=0)[:10], "ends in the middle of its gzip data, so there is nothing to import"),
        (b"\x1f\x8bnonsense", "holds gzip data that is damaged, so there is nothing to import"),
    ],
)
def test_a_file_with_nothing_in_it_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "events"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImportFileError, match=said):
        InputFile(path)


def test_a_directory_a_pipe_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="is a directory"):
        InputFile(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImportFileError, match="is not a regular file"):
        InputFile(tmp_path / "pipe")
    with pytest.raises(ImportFileError, match="There is no file"):
        InputFile(tmp_path / "a\0b")


@pytest.mark.parametrize(
    ("head", "name", "format"),
    [
        (b'{"ticket": "T"}\n', "a.csv", "ticket-events"),
        (b'garbage\n {"ticket": "T"}\n', "a.txt", "ticket-events"),
        (b"garbage\n", "a.jsonl.gz", "ticket-events"),
        (b'[1]\n{"ticket": "T"}\n', "a.txt", "ticket-events"),
        (b'{"ticket": "\xff"}\n', "a", "ticket-events"),
        (HEADING, "a.jsonl", "csv"),
        (b"\r\n" + HEADING.replace(b"\n", b"\r\n"), "a", "csv"),
    ],
)
def test_a_format_is_known_by_the_content_and_else_by_the_name(head: bytes, name: str, format: str) -> None:
    assert detect(head, Path(name), shipped_mapping()) == format


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is a binary file"),
        (bytes(range(128, 256)), "is a binary file"),
        ('{"ticket": "T"}'.encode("utf-16"), "is a binary file"),
        (b'[\n{"ticket": "T"},\n{"ticket": "T"}\n]', "is a JSON array"),
        (b'[{"ticket": "T"}]', "is a JSON array"),
        (b"a,b,c\n", "has no 'number'"),
    ],
)
def test_what_is_neither_format_is_refused(head: bytes, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        detect(head, Path("a.txt"), shipped_mapping())


def test_staging_gives_each_ticket_whole_in_the_order_of_the_file() -> None:
    with Staging() as staging:
        for number in range(5_000):
            staging.add(f"T{number % 7}" if number % 2 else "T9", number + 1, b"%d" % number)
        tickets = list(staging.tickets())
    assert [ticket.ticket for ticket in tickets] == ["T9", "T1", "T3", "T5", "T0", "T2", "T4", "T6"]
    rows = [row for ticket in tickets for row in ticket.rows]
    assert sorted(rows) == [(number + 1, b"%d" % number) for number in range(5_000)]
    assert all(ticket.rows == sorted(ticket.rows) for ticket in tickets)
