"""What a workstation makes of addresses and answers, without a hub."""

from __future__ import annotations

import time
from email.utils import formatdate

import msgspec
import pytest
import zstandard

from console.domain.stamp import checksum_of
from console.sync.failures import failure_of
from console.sync.http import HubAddressError, hub_address
from console.sync.snapshot import SnapshotReader
from console.wire.messages import Conflict, Problem, SnapshotEnd, SnapshotHead, wire_entry
from tests.story import Story

NOT_A_HUB = "What answers there is not a hub."


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("hub.example.org", "https://hub.example.org"),
        (" https://hub.example.org/ ", "https://hub.example.org"),
        ("https://hub.example.org:8443/console/", "https://hub.example.org:8443/console"),
        ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
        ("http://localhost:8400", "http://localhost:8400"),
        ("http://[::1]:8400", "http://[::1]:8400"),
    ],
)
def test_an_address_has_one_spelling(given: str, address: str) -> None:
    assert hub_address(given) == address


@pytest.mark.parametrize("given", ["http://hub.example.org", "http://10.0.0.7:8400", "http://127.0.0.1.example.org"])
def test_plain_http_goes_to_this_machine_only(given: str) -> None:
    with pytest.raises(HubAddressError, match="Plain HTTP goes to this machine only"):
        hub_address(given)


@pytest.mark.parametrize(
    "given",
    ["", "ftp://hub.example.org", "https://", "https://me:secret@hub.example.org", "https://hub/?token=1", "a:b:c"],
)
def test_what_is_no_address_is_told(given: str) -> None:
    with pytest.raises(HubAddressError):
        hub_address(given)


def problem(status: int, kind: str = "x", conflict: Conflict | None = None) -> bytes:
    return msgspec.json.encode(
        Problem(type=f"/problems/{kind}", title="T", status=status, detail="A sentence.", conflict=conflict)
    )


def test_a_problem_of_the_hub_keeps_its_sentence_and_its_conflict() -> None:
    failure = failure_of(409, {}, problem(409, "gap", Conflict(kind="gap", device_last=7)), NOT_A_HUB)
    assert (failure.sentence, failure.status) == ("A sentence.", 409)
    assert failure.conflict == Conflict(kind="gap", device_last=7)


def test_only_the_hub_itself_can_revoke_a_workstation() -> None:
    assert failure_of(401, {}, problem(401, "revoked"), NOT_A_HUB).revoked
    assert not failure_of(401, {}, problem(401, "expired"), NOT_A_HUB).revoked
    assert not failure_of(403, {}, problem(403, "revoked"), NOT_A_HUB).revoked


@pytest.mark.parametrize("status", [302, 401, 403, 409, 422, 426])
def test_the_page_of_a_proxy_is_no_answer_of_the_hub(status: int) -> None:
    failure = failure_of(status, {}, b"<html>Sign in to the guest network</html>", NOT_A_HUB)
    assert (failure.sentence, failure.status) == (NOT_A_HUB, None)


def test_retry_after_is_read_as_seconds_and_as_an_instant() -> None:
    assert failure_of(503, {"retry-after": "7"}, problem(503), NOT_A_HUB).retry_after_s == 7
    later = failure_of(503, {"retry-after": formatdate(time.time() + 60, usegmt=True)}, b"", NOT_A_HUB)
    assert later.retry_after_s == pytest.approx(60, abs=2)
    assert failure_of(503, {"retry-after": "soon"}, b"", NOT_A_HUB).retry_after_s is None


def snapshot(*, spoilt: bool = False) -> tuple[bytes, Story]:
    """A ticket of three entries as a hub sends it."""
    story = Story("2026-03-02 09:00")
    story.customer("2026-03-02 09:05")
    story.reply("2026-03-02 09:10", "Bonjour, essayez à nouveau.")
    last = story.entries[-1]
    head = SnapshotHead(
        hub_id="hub", epoch=1, scopever=1, scopes=("desk",), after=0, seq=last.seq, chain=last.chain, count=3
    )
    checksum = checksum_of((entry.chain, entry.payload) for entry in story.entries[: 2 if spoilt else 3])
    lines = [head, *(wire_entry(entry) for entry in story.entries), SnapshotEnd(count=3, checksum=checksum)]
    return zstandard.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in lines)), story


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_snapshot_is_read_however_it_is_cut_into_pieces(size: int) -> None:
    sent, story = snapshot()
    reader = SnapshotReader()
    entries = [entry for at in range(0, len(sent), size) for entry in reader.feed(sent[at : at + size])]
    assert entries == story.entries
    assert reader.is_right


def test_a_snapshot_without_its_end_or_with_another_checksum_is_not_right() -> None:
    sent, _ = snapshot()
    cut = SnapshotReader()
    cut.feed(sent[: len(sent) // 2])
    assert not cut.is_right
    spoilt = SnapshotReader()
    spoilt.feed(snapshot(spoilt=True)[0])
    assert spoilt.end is not None
    assert not spoilt.is_right
