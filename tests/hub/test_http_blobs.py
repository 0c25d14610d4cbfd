"""Attachments over a real socket: in resumable pieces, proved by their hash, for those who see a message with them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from console.domain import events as ev
from console.domain.events import ticket_stream
from console.hub.backup import backup, restore
from console.hub.blobs import ABANDONED_S, CHUNK_BYTES, MOST_BEGUN, MOST_BYTES, BlobError, Blobs
from console.hub.uploads import UNNAMED_MS
from console.hub.verify import verify
from tests.hub.running import HubThread
from tests.hub.workstation import Workstation, problem

BYTES = {"Content-Type": "application/octet-stream"}
FILE = os.urandom(100_000)
PIECE = 30_000


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor", "engineer", "restricted:legal")) as workstation:
        yield workstation


@pytest.fixture
def ana(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as workstation:
        yield workstation


def address(content: bytes) -> str:
    return f"/v1/blobs/{hashlib.sha256(content).hexdigest()}"


def send(station: Workstation, content: bytes, start: int = 0, end: int | None = None) -> httpx2.Response:
    """One piece of a file."""
    end = len(content) if end is None else min(end, len(content))
    headers = {**BYTES, "Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
    return station.http.put(address(content), content=content[start:end], headers=headers)


def attach(station: Workstation, content: bytes, ticket: str | None = None, **opened: str) -> str:
    """A message that names the file, on a ticket or a new one."""
    ticket = ticket or station.open_ticket(**opened)
    file = ev.Attachment(name="log.txt", size=len(content), sha256=hashlib.sha256(content).hexdigest())
    received = ev.MessageReceived(body="See the log.", sender="Dana", attachments=(file,))
    (verdict,) = station.push(station.event(received, ticket_stream(ticket))).verdicts
    assert verdict.outcome == "recorded"
    return ticket


def test_a_file_goes_in_pieces_and_comes_whole_to_those_who_see_the_message(
    mara: Workstation, ana: Workstation
) -> None:
    answers = [send(mara, FILE, start, start + PIECE) for start in range(0, len(FILE), PIECE)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 201]
    assert [int(answer.headers["upload-offset"]) for answer in answers] == [30_000, 60_000, 90_000, 100_000]
    problem(ana.http.get(address(FILE)), 404)
    attach(mara, FILE)
    got = ana.http.get(address(FILE))
    assert got.content == FILE
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    part = ana.http.get(address(FILE), headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, FILE[10:20])


def test_an_upload_that_was_interrupted_goes_on_from_where_it_stands(hub_server: HubThread, mara: Workstation) -> None:
    send(mara, FILE, 0, PIECE)
    hub_server.restart()
    stands = mara.http.head(address(FILE))
    assert (stands.status_code, stands.headers["upload-offset"]) == (404, "30000")
    assert send(mara, FILE, PIECE).status_code == 201
    whole = mara.http.head(address(FILE))
    assert (whole.status_code, whole.headers["content-length"]) == (200, "100000")


def test_a_piece_that_does_not_begin_there_is_told_where_the_upload_stands(mara: Workstation) -> None:
    send(mara, FILE, 0, PIECE)
    for start in (0, PIECE - 1, PIECE + 1):
        answer = send(mara, FILE, start, start + 10)
        problem(answer, 416)
        assert answer.headers["upload-offset"] == "30000"


def test_a_piece_of_what_is_whole_already_changes_nothing(mara: Workstation) -> None:
    assert send(mara, FILE).status_code == 201
    assert send(mara, FILE, 0, PIECE).status_code == 201
    attach(mara, FILE)
    assert mara.http.get(address(FILE)).content == FILE


def test_a_file_that_is_not_what_its_hash_says_is_dropped_and_can_be_sent_again(mara: Workstation) -> None:
    wrong = mara.http.put(address(FILE), content=FILE[:-1] + b"x", headers=BYTES)
    assert problem(wrong, 422).type == "/problems/blob"
    assert mara.http.head(address(FILE)).headers["upload-offset"] == "0"
    assert send(mara, FILE).status_code == 201


def test_nobody_learns_by_asking_or_sending_whether_the_hub_holds_a_file(mara: Workstation, ana: Workstation) -> None:
    send(mara, FILE)
    attach(mara, FILE, restricted="legal")
    other = os.urandom(50)
    assert ana.http.get(address(FILE)).content == ana.http.get(address(other)).content
    hidden, absent = ana.http.head(address(FILE)), ana.http.head(address(other))
    assert (hidden.status_code, hidden.headers["upload-offset"]) == (
        absent.status_code,
        absent.headers["upload-offset"],
    )
    assert send(ana, FILE, 0, PIECE).status_code == 202
    assert send(ana, FILE, PIECE).status_code == 201
    problem(ana.http.get(address(FILE)), 404)
    assert mara.http.get(address(FILE)).content == FILE


def test_nobody_spoils_what_another_workstation_has_begun(mara: Workstation, ana: Workstation) -> None:
    send(mara, FILE, 0, PIECE)
    junk = {**BYTES, "Content-Range": f"bytes 0-9/{len(FILE)}"}
    assert ana.http.put(address(FILE), content=b"0123456789", headers=junk).status_code == 202
    assert send(mara, FILE, PIECE).status_code == 201


@pytest.fixture
def lea(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Lea Brandt", "lead")) as workstation:
        yield workstation


def redact(lea: Workstation, ticket: str) -> None:
    """The last message of a ticket."""
    message = [entry for entry in lea.pull().entries if entry.stream == ticket_stream(ticket)][-1]
    (verdict,) = lea.push(lea.event(ev.EntryRedacted(entry=message.id), ticket_stream(ticket))).verdicts
    assert verdict.outcome == "recorded"


def is_held(server: HubThread, content: bytes) -> bool:
    return server.hub.blobs.path(hashlib.sha256(content).hexdigest()) is not None


def test_a_file_whose_message_was_redacted_is_gone_from_the_hub(
    hub_server: HubThread, mara: Workstation, lea: Workstation
) -> None:
    send(mara, FILE)
    ticket = attach(mara, FILE)
    redact(lea, ticket)
    problem(lea.http.get(address(FILE)), 404)
    assert not is_held(hub_server, FILE)
    assert verify(hub_server.database) == ()


def test_a_file_stays_as_long_as_another_message_names_it(
    hub_server: HubThread, mara: Workstation, lea: Workstation
) -> None:
    send(mara, FILE)
    first, second = attach(mara, FILE), attach(mara, FILE)
    redact(lea, first)
    assert lea.http.get(address(FILE)).content == FILE
    redact(lea, second)
    assert not is_held(hub_server, FILE)


def test_a_file_that_was_sent_again_for_another_message_stays_for_it(
    hub_server: HubThread, mara: Workstation, lea: Workstation
) -> None:
    send(mara, FILE)
    ticket = attach(mara, FILE)
    time.sleep(0.002)  # what was sent in the same millisecond was sent for that message
    assert send(mara, FILE).status_code == 201
    redact(lea, ticket)
    assert is_held(hub_server, FILE)
    attach(mara, FILE)
    hub_server.hub.uploads.sweep()
    assert mara.http.get(address(FILE)).content == FILE


def test_a_redaction_whose_file_could_not_be_removed_is_done_by_the_next_sweep(
    hub_server: HubThread, mara: Workstation, lea: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(sha256: str) -> None:
        raise OSError("the disk is read-only")

    send(mara, FILE)
    ticket = attach(mara, FILE)
    with monkeypatch.context() as broken:
        broken.setattr(hub_server.hub.blobs, "remove", fails)
        redact(lea, ticket)
    assert is_held(hub_server, FILE)
    hub_server.hub.uploads.sweep()
    assert not is_held(hub_server, FILE)


def test_somebody_who_leaves_too_much_unnamed_is_stopped_until_messages_name_it(
    mara: Workstation, ana: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.hub.uploads.MOST_UNNAMED_BYTES", 250_000)
    first, second, third = (os.urandom(100_000) for _ in range(3))
    send(mara, first)
    send(mara, second, 0, PIECE)  # all of it counts as soon as it is begun
    stopped = send(mara, third)
    assert problem(stopped, 429).detail.startswith("More than 0 MiB of your files are in no message yet; ")
    assert stopped.headers["retry-after"]
    assert send(mara, second, PIECE).status_code == 201
    assert send(ana, third).status_code == 201, "each person for themselves"
    attach(mara, first)
    assert send(mara, third).status_code == 201


def test_nobody_learns_by_what_they_may_send_whether_a_hidden_message_names_a_file(
    mara: Workstation, ana: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.hub.uploads.MOST_UNNAMED_BYTES", 150_000)
    send(mara, FILE)
    attach(mara, FILE, restricted="legal")
    send(ana, FILE, 0, PIECE)
    problem(send(ana, os.urandom(100_000)), 429)


def test_a_file_that_is_not_what_its_hash_says_does_not_count(
    mara: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.hub.uploads.MOST_UNNAMED_BYTES", 150_000)
    problem(mara.http.put(address(FILE), content=FILE[:-1] + b"x", headers=BYTES), 422)
    assert send(mara, os.urandom(100_000)).status_code == 201


def test_a_file_that_no_message_names_in_time_is_removed_and_one_that_is_named_is_not(url: str, tmp_path: Path) -> None:
    now_ms = time.time_ns() // 1_000_000
    later = [now_ms]
    with (
        HubThread(tmp_path, url, clock=lambda: later[0]) as server,
        Workstation(server.url, server.enrol("Mara Okafor")) as mara,
    ):
        named, unnamed = FILE, os.urandom(1000)
        assert (send(mara, named).status_code, send(mara, unnamed).status_code) == (201, 201)
        attach(mara, named)
        later[0] = now_ms + UNNAMED_MS - 60_000
        server.hub.uploads.sweep()
        assert is_held(server, unnamed)
        later[0] = now_ms + UNNAMED_MS + 60_000
        assert send(mara, unnamed).status_code == 201, "who sends it again means to name it"
        server.hub.uploads.sweep()
        assert is_held(server, unnamed)
        later[0] += UNNAMED_MS + 60_000
        server.hub.uploads.sweep()
        assert (is_held(server, unnamed), is_held(server, named)) == (False, True)
        assert mara.http.head(address(unnamed)).status_code == 404


def test_after_a_restore_nothing_is_removed_before_workstations_had_time_to_name_it_again(
    url: str, tmp_path: Path, new_database: Callable[[bool], str]
) -> None:
    backup(url, tmp_path / "hub.backup")
    with HubThread(tmp_path / "hub", url) as server, Workstation(server.url, server.enrol("Mara Okafor")) as mara:
        send(mara, FILE)
        attach(mara, FILE)
    restored = new_database(False)
    long_after = time.time_ns() // 1_000_000 + 2 * UNNAMED_MS
    restore(restored, tmp_path / "hub.backup", clock=lambda: long_after)
    later = [long_after + 60_000]
    with HubThread(tmp_path / "hub", restored, clock=lambda: later[0]) as server:
        server.hub.uploads.sweep()
        assert is_held(server, FILE)
        later[0] = long_after + UNNAMED_MS
        server.hub.uploads.sweep()
        assert not is_held(server, FILE)


@pytest.mark.parametrize(
    ("content_range", "status"),
    [
        ("bytes 0-9", 422),
        ("bytes 0-9/*", 422),
        ("bytes 0-8/10", 422),
        ("bytes 0-9/9", 422),
        ("bytes 9-0/10", 422),
        ("items 0-9/10", 422),
        (f"bytes 0-9/{MOST_BYTES + 1}", 413),
        ("bytes 99999999999999999999-99999999999999999999/1", 422),
    ],
)
def test_a_range_that_is_not_the_bodys_is_malformed(mara: Workstation, content_range: str, status: int) -> None:
    headers = {**BYTES, "Content-Range": content_range}
    problem(mara.http.put(address(b"x"), content=b"0123456789", headers=headers), status)


def test_a_piece_has_a_size_a_type_and_a_name(mara: Workstation) -> None:
    problem(mara.http.put(address(FILE), content=bytes(CHUNK_BYTES + 1), headers=BYTES), 413)
    problem(mara.http.put(address(FILE), content=b"x", headers={"Content-Type": "text/html"}), 415)
    for name in ("x", "0" * 63, "G" * 64, "A" * 64, "..%2f..%2fetc%2fpasswd"):
        answer = mara.http.put(f"/v1/blobs/{name}", content=b"x", headers=BYTES)
        assert answer.status_code in (404, 422)


def test_a_device_that_begins_and_begins_is_stopped(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    for n in range(MOST_BEGUN):
        blobs.append("d", hashlib.sha256(b"%d" % n).hexdigest(), b"x", start=0, total=2)
    with pytest.raises(BlobError, match="finish one first"):
        blobs.append("d", hashlib.sha256(FILE).hexdigest(), b"x", start=0, total=2)
    assert not blobs.append("other", hashlib.sha256(FILE).hexdigest(), b"x", start=0, total=2)


def test_an_upload_that_nobody_goes_on_with_is_swept_away_and_a_whole_file_is_not(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = hashlib.sha256(FILE).hexdigest()
    blobs.append("d", name, FILE, start=0, total=len(FILE))
    blobs.append("d", hashlib.sha256(b"x").hexdigest(), b"x", start=0, total=2)
    assert blobs.sweep() == 0
    assert blobs.sweep(now_s=time.time() + ABANDONED_S + 60) == 1
    assert blobs.path(name) is not None


def test_only_the_hubs_user_can_look_into_the_folders(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    blobs.append("d", hashlib.sha256(FILE).hexdigest(), FILE, start=0, total=len(FILE))
    folders = [path for path in (tmp_path / "blobs").rglob("*") if path.is_dir()]
    assert folders
    assert all(path.stat().st_mode & 0o077 == 0 for path in folders)
