"""A backup is the whole hub in one file; what comes back from it begins a new epoch."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.domain import events as ev
from console.hub.backup import BackupError, backup, restore
from console.hub.database import service_engine
from console.hub.errors import Conflicted, HubNotReady, KeptOut
from console.hub.log import HubLog
from console.hub.migrations import migrate, refuse_unless_ready
from console.hub.people import People
from console.hub.verify import verify

from .facts import MONDAY, Clock, Workstation, new_id, opened, sent

NewDatabase = Callable[..., str]


@pytest.fixture
def ana(log: HubLog, people: People) -> Workstation:
    ana, ticket = Workstation(log, people, "Ana"), new_id()
    ana.push(ana.write(opened("Ümlaut\t\\N\n"), ticket), ana.write(sent("a\x00b"), ticket))
    ana.say(ev.TicketAssigned(to="Ana"), ticket, expect="unassigned")
    ana.push(ana.write(opened(restricted="legal")))
    return ana


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub.backup"


@pytest.fixture
def elsewhere(new_database: NewDatabase) -> str:
    return new_database(migrated=False)


@pytest.fixture
def opened_at(clock: Clock) -> Iterator[Callable[[str], tuple[HubLog, People]]]:
    engines = []

    def open_hub(url: str) -> tuple[HubLog, People]:
        engines.append(service_engine(url))
        refuse_unless_ready(engines[-1])
        return HubLog(engines[-1], clock=clock), People(engines[-1], clock=clock)

    yield open_hub
    for engine in engines:
        engine.dispose()


Open = Callable[[str], tuple[HubLog, People]]


def test_everything_comes_back_in_a_new_epoch(
    ana: Workstation, log: HubLog, url: str, file: Path, elsewhere: str, opened_at: Open
) -> None:
    entries = ana.pull()
    made = backup(url, file, clock=lambda: MONDAY)
    assert (made.seq, made.epoch, made.made_at, made.size) == (3, 1, MONDAY, file.stat().st_size)
    restored = restore(elsewhere, file, clock=lambda: MONDAY)
    assert (restored.hub_id, restored.epoch, restored.fork_seq) == (log.head().hub_id, MONDAY // 1000, 3)
    assert verify(elsewhere) == ()
    ana.log, ana.people = opened_at(elsewhere)
    assert ana.author.person == "Ana"
    ana.epoch, ana.cursor, ana.chain = restored.epoch, 0, bytes(32)
    assert ana.pull() == entries
    assert [hit.subject for hit in ana.log.search(ana.author, "umlaut")] == ["Ümlaut\t\\N\n"]


def test_a_workstation_is_told_where_to_begin_again_and_loses_nothing(ana: Workstation, url: str, file: Path) -> None:
    ana.pull()
    backup(url, file)
    fork_chain = ana.chain
    later = [ana.write(opened("after the backup")), ana.write(opened("and one more"))]
    ana.push(*later)
    ana.pull()
    restored = restore(url, file, replace=True)
    for ask in (ana.page, lambda: ana.push(ana.write(opened()))):
        with pytest.raises(Conflicted) as caught:
            ask()
        conflict = caught.value.conflict
        assert conflict.kind == "epoch"
        assert conflict.welcome is not None
        assert (conflict.welcome.epoch, conflict.welcome.fork_seq) == (restored.epoch, 3)
        assert (conflict.welcome.fork_chain, conflict.welcome.head) == (fork_chain, 3)
    ana.epoch, ana.cursor, ana.chain = restored.epoch, 3, fork_chain
    pushed = ana.push(*later, base_dseq=4)
    assert [verdict.seq for verdict in pushed.verdicts] == [4, 5]
    assert [(entry.id, entry.epoch) for entry in ana.pull()] == [(event.id, restored.epoch) for event in later]
    assert verify(url) == ()


def test_a_second_restore_forks_each_epoch_where_it_left_the_log(
    ana: Workstation, log: HubLog, url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    backup(url, first, clock=lambda: MONDAY)
    two = restore(url, first, replace=True, clock=lambda: MONDAY)
    ana.epoch = two.epoch
    ana.push(ana.write(opened()))
    backup(url, second, clock=lambda: MONDAY)
    three = restore(url, second, replace=True, clock=lambda: MONDAY)
    assert three.epoch == two.epoch + 1
    forks = {epoch: log.welcome("Ana", epoch=epoch).fork_seq for epoch in (1, two.epoch, three.epoch, 7)}
    assert forks == {1: 3, two.epoch: 4, three.epoch: 4, 7: 0}
    four = restore(url, first, replace=True, clock=lambda: MONDAY)
    assert log.welcome("Ana", epoch=1).fork_seq == 3
    assert log.welcome("Ana", epoch=three.epoch).fork_seq == 0  # not a part of this log any more
    assert four.epoch == three.epoch + 1


def test_what_was_revoked_after_the_backup_stays_revoked(
    ana: Workstation, people: People, url: str, file: Path
) -> None:
    backup(url, file)
    people.revoke("Ana", ana.device)
    restore(url, file, replace=True)
    assert people.standing(ana.token) == "revoked"


def test_whoever_was_kept_out_after_the_backup_stays_out(
    ana: Workstation, log: HubLog, people: People, url: str, file: Path
) -> None:
    backup(url, file)
    Workstation(log, people, "Ben", "lead")
    people.link_identity("Ben", "https://login.example.org", "ben-7")
    for person in ("Ana", "Ben"):
        people.revoke(person)
    restore(url, file, replace=True)
    assert [(person.name, person.kept_out) for person in people.list()] == [("Ana", True), ("Ben", True)]
    assert people.person_of("https://login.example.org", "ben-7") == "Ben"
    with pytest.raises(KeptOut):
        people.admit("Ben", "Laptop")
    assert verify(url) == ()


def test_a_log_is_not_replaced_unless_that_is_asked_for(ana: Workstation, log: HubLog, url: str, file: Path) -> None:
    backup(url, file)
    ana.push(ana.write(opened()))
    before = log.head()
    with pytest.raises(BackupError, match="already"):
        restore(url, file)
    assert log.head() == before


def test_a_fresh_database_is_as_good_as_an_empty_one(ana: Workstation, url: str, file: Path, elsewhere: str) -> None:
    backup(url, file)
    migrate(elsewhere)
    assert restore(elsewhere, file).fork_seq == 3


def test_a_backup_is_its_owners_alone_and_never_overwrites(ana: Workstation, url: str, file: Path) -> None:
    backup(url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    with pytest.raises(BackupError, match="already"):
        backup(url, file)
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "other", "missing"])
def test_a_damaged_file_changes_nothing(
    ana: Workstation, log: HubLog, url: str, file: Path, elsewhere: str, harm: str
) -> None:
    backup(url, file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    harmed = {"flip": bytes(content), "cut": file.read_bytes()[:-40], "empty": b"", "other": b"PK" * 900}
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(harmed[harm])
    with pytest.raises(BackupError):
        restore(elsewhere, file)
    with pytest.raises(HubNotReady, match="empty"):
        backup(elsewhere, file.with_name("other.backup"))


def test_a_backup_beside_writers_is_one_state(ana: Workstation, url: str, file: Path, elsewhere: str) -> None:
    made = []
    original = Workstation.say

    def clock() -> int:
        original(ana, opened("while the backup runs"), new_id())
        return MONDAY

    made.append(backup(url, file, clock=clock))
    assert restore(elsewhere, file).fork_seq == made[0].seq
    assert verify(elsewhere) == ()


def test_a_restore_that_breaks_leaves_the_old_log(
    ana: Workstation, log: HubLog, url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(url, file)
    before = log.head()

    def broken() -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        restore(url, file, replace=True, clock=broken)
    assert log.head() == before


def test_a_place_that_cannot_be_written_is_said(ana: Workstation, url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no such file"):
        backup(url, tmp_path / "no" / "folder")
