"""Whatever lies where the database should be: a sentence, and nothing is overwritten."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.events import EntryRedacted, MessageSent
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal import opening
from console.journal.driver import choose_driver
from console.journal.errors import JournalBusy, JournalError, JournalNewer
from console.journal.states import Beat
from console.journal.store import Journal

from .facts import MONDAY, dump, fact, opened, pro_story, received, sent, story, write

BEAT = Beat("s-1", "pro:acme", at=MONDAY, wall_ms=MONDAY, awake_ms=7, boot_ms=9, boot_id="boot")
ASIDE = "journal.db.set-aside-20251013T120000Z"


def open_at(path: Path, history: GuidelinesHistory) -> Journal:
    return Journal.open(path, history=history, now_ms=MONDAY)


def filled(path: Path, history: GuidelinesHistory, seed: int = 1) -> None:
    with open_at(path, history) as journal:
        write(journal, *story(seed), *pro_story(seed))
        journal.save_draft("1-0", "reply", "Dear customer", now_ms=MONDAY)
        journal.beat(BEAT)
        journal.raise_alert("half of the hours", MONDAY)


def test_a_fresh_journal_is_empty_sound_and_says_nothing(journal: Journal) -> None:
    assert journal.notices == []
    assert journal.head().seq == 0
    assert journal.check() == []
    assert not journal.stale(journal.history)


@pytest.mark.usefixtures("journal_mode")
def test_what_was_written_is_there_at_the_next_opening(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    before = dump(path)
    with open_at(path, history) as journal:
        assert journal.notices == []
        assert journal.load_drafts("1-0") == {"reply": "Dear customer"}
        assert dump(path) == before


@pytest.mark.usefixtures("journal_mode")
def test_a_closed_journal_is_one_file(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    beside = [file.name for file in path.parent.iterdir() if file.stat().st_size]
    assert beside == ["journal.db"]


def test_closing_twice_does_nothing(path: Path, history: GuidelinesHistory) -> None:
    journal = open_at(path, history)
    journal.close()
    journal.close()


def test_an_empty_file_becomes_a_journal(path: Path, history: GuidelinesHistory) -> None:
    path.parent.mkdir()
    path.touch()
    with open_at(path, history) as journal:
        assert journal.notices == []


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path, history: GuidelinesHistory) -> None:
    (tmp_path / "taken").write_text("a letter")
    with pytest.raises(JournalError, match=r"cannot be used as the data folder: .*taken is a file\."):
        open_at(tmp_path / "taken" / "deeper" / "journal.db", history)
    assert (tmp_path / "taken").read_text() == "a letter"


def test_a_folder_in_place_of_the_file_is_said(path: Path, history: GuidelinesHistory) -> None:
    path.mkdir(parents=True)
    with pytest.raises(JournalError, match="is a folder; the database needs that name"):
        open_at(path, history)


@pytest.fixture
def somebody() -> Iterator[Path]:
    """A folder that belongs to a person without rights over all files, and that person's rights."""
    if os.name != "posix":
        pytest.skip("modes are a POSIX matter")
    with tempfile.TemporaryDirectory() as folder:
        nobody = 65534
        root = os.geteuid() == 0
        if root:
            os.chown(folder, nobody, nobody)
            os.seteuid(nobody)
        try:
            yield Path(folder)
        finally:
            if root:
                os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_said(somebody: Path, history: GuidelinesHistory) -> None:
    somebody.chmod(0o500)
    with pytest.raises(JournalError, match="cannot be written; check its permissions"):
        open_at(somebody / "journal.db", history)
    with pytest.raises(JournalError, match="cannot be made: Permission denied"):
        open_at(somebody / "inner" / "journal.db", history)
    somebody.chmod(0o700)


def test_a_file_that_cannot_be_written_is_said_and_left(somebody: Path, history: GuidelinesHistory) -> None:
    path = somebody / "journal.db"
    filled(path, history)
    path.chmod(0o400)
    with pytest.raises(JournalError, match="cannot be read and written; check its permissions"):
        open_at(path, history)
    assert [file.name for file in somebody.iterdir()] == ["journal.db"]


def test_a_database_of_a_newer_version_is_refused_and_left_in_place(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    before = path.read_bytes()
    with pytest.raises(JournalNewer, match=r"made by a newer version of this program \(format 9999\); update"):
        open_at(path, history)
    assert path.read_bytes() == before
    assert list(path.parent.glob("*set-aside*")) == []


@pytest.mark.parametrize("stamp", [None, b"\xff\xfe", "", "00x4", 4])
def test_a_stamp_that_is_no_revision_is_damage_and_not_a_newer_version(
    path: Path, history: GuidelinesHistory, stamp: object
) -> None:
    filled(path, history)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("DROP TABLE alembic_version")  # as a rotten page may read: of another type than was written
    database.execute("CREATE TABLE alembic_version (version_num)")
    database.execute("INSERT INTO alembic_version VALUES (?)", (stamp,))
    database.commit()
    database.close()
    with open_at(path, history) as journal:
        assert "damaged" in journal.notices[0]
        assert journal.ticket_row("1-0") is not None


def test_a_locked_database_is_said_and_left(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    holder = choose_driver().module.connect(str(path), isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalBusy, match="in use by another process"):
        Journal.open(path, history=history, now_ms=MONDAY, busy_ms=20)
    holder.close()
    with open_at(path, history) as journal:
        assert journal.notices == []


@pytest.mark.parametrize("content", [b"a letter", bytes(range(256)) * 64, b"SQLite format 3\x00" + bytes(4080), b"S"])
def test_a_file_that_is_no_database_is_set_aside_unchanged(
    content: bytes, path: Path, history: GuidelinesHistory
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with open_at(path, history) as journal:
        (notice,) = journal.notices
        assert notice.startswith(f"{path} could not be used: it is ")
        assert notice.endswith(f"It was kept as {ASIDE} and a fresh database was started.")
        write(journal, opened("a"))
    assert path.with_name(ASIDE).read_bytes() == content


def test_a_database_of_another_program_is_set_aside_unchanged(path: Path, history: GuidelinesHistory) -> None:
    path.parent.mkdir()
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE recipes (name TEXT)")
    foreign.execute("INSERT INTO recipes VALUES ('soup')")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    with open_at(path, history) as journal:
        assert "it is a database of another program" in journal.notices[0]
        assert journal.head().seq == 0
    assert path.with_name(ASIDE).read_bytes() == before


def test_two_files_set_aside_in_one_second_are_both_kept(path: Path, history: GuidelinesHistory) -> None:
    path.parent.mkdir()
    for letter in ("first", "second"):
        path.write_text(letter)
        open_at(path, history).close()
    assert path.with_name(ASIDE).read_text() == "first"
    assert path.with_name(f"{ASIDE}-2").read_text() == "second"


def smash(path: Path, table: str) -> None:
    """Overwrites the first page of a table or an index, as a failing disk would."""
    database = choose_driver().module.connect(str(path))
    root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xde\xad" * (size // 2))


@pytest.mark.parametrize(
    "table", ["tickets", "tickets_queue", "search_data", "entries_id", "entries_stream", "pro_running"]
)
@pytest.mark.usefixtures("journal_mode")
def test_every_entry_is_saved_from_a_file_whose_other_tables_are_damaged(
    table: str, path: Path, history: GuidelinesHistory
) -> None:
    filled(path, history)
    with open_at(path, history) as journal:
        whole, head, device = dump(path), journal.head(), journal.device
    smash(path, table)
    with open_at(path, history) as journal:
        (notice,) = journal.notices
        assert notice.startswith(f"{path} could not be used: it is damaged")
        assert notice.endswith(f"started with all {head.seq:,} entries that could be read.")
        assert (journal.head(), journal.device) == (head, device)
        assert dump(path) == whole
        assert journal.load_drafts("1-0") == {"reply": "Dear customer"}
        assert journal.beats() == {"s-1": BEAT}
        assert not journal.raise_alert("half of the hours", MONDAY)
        assert journal.check() == []
        write(journal, received("1-0", "Still here"))
    assert path.with_name(ASIDE).exists()


def test_entries_behind_a_redacted_one_are_saved_as_well(path: Path, history: GuidelinesHistory) -> None:
    said = sent("a", "The password is hunter2")
    with open_at(path, history) as journal:
        write(journal, opened("a"), said, fact(EntryRedacted(entry=said.id), "a"), sent("a", "Thank you"))
        whole = journal.entries("ticket:a")
        assert isinstance(whole[1].event, MessageSent)
        assert whole[1].event.body == "Redacted"
    smash(path, "tickets")
    with open_at(path, history) as journal:
        assert journal.notices[0].endswith("started with all 4 entries that could be read.")
        assert journal.entries("ticket:a") == whole


def test_entries_are_saved_up_to_the_place_where_the_log_breaks(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    with open_at(path, history) as journal:
        before = [entry for _, entries in journal.all_streams() for entry in entries]
        with journal._database.write() as connection:
            connection.exec_driver_sql("UPDATE entries SET payload = x'7b2278223a317d' WHERE seq = 50")
    smash(path, "tickets")
    with open_at(path, history) as journal:
        assert f"started with 49 of {len(before)} entries" in journal.notices[0]
        after = [entry for _, entries in journal.all_streams() for entry in entries]
        assert after == [entry for entry in before if entry.seq < 50]
        assert journal.check() == []
        numbers = {entry.number for entry in before}
        write(journal, opened("later"))
        assert journal.entries("ticket:later")[0].number not in numbers


def test_a_log_that_cannot_be_read_at_all_is_said(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    smash(path, "entries")
    smash(path, "meta")
    with open_at(path, history) as journal:
        assert journal.notices[0].endswith("a fresh database was started with 0 entries that could be read.")
        assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 0


def test_half_a_file_is_set_aside_and_searched_for_entries(path: Path, history: GuidelinesHistory) -> None:
    filled(path, history)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with open_at(path, history) as journal:
        assert len(journal.notices) == 1
        assert journal.check() == []
        write(journal, opened("a"))


def test_a_large_file_is_checked_only_after_an_unclean_end(
    path: Path, history: GuidelinesHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SMALL_BYTES", 0)
    filled(path, history)
    smash(path, "search_data")
    with open_at(path, history) as journal:
        assert journal.notices == []
        assert journal.check() != []
        with journal._database.write() as connection:
            connection.exec_driver_sql("UPDATE meta SET opened_by = 999999999")
    with open_at(path, history) as journal:
        assert len(journal.notices) == 1
        assert journal.check() == []


def test_a_damaged_file_that_another_process_writes_to_is_left_in_its_hands(
    path: Path, history: GuidelinesHistory
) -> None:
    filled(path, history)
    with open_at(path, history) as journal, journal._database.write() as connection:
        connection.exec_driver_sql("UPDATE meta SET opened_by = ?", (os.getppid(),))
    smash(path, "search_data")
    with pytest.raises(JournalError, match=rf"is damaged and in use by process {os.getppid()}; close that one"):
        open_at(path, history)
    assert list(path.parent.glob("*set-aside*")) == []


def test_damage_that_is_met_later_is_said_and_mended_at_the_next_opening(
    path: Path, history: GuidelinesHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SMALL_BYTES", 0)
    filled(path, history)
    smash(path, "tickets_queue")
    with open_at(path, history) as journal, pytest.raises(JournalError, match=r"is damaged .* start the program again"):
        journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)
    with open_at(path, history) as journal:
        assert len(journal.notices) == 1
        assert len(journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)[0]) > 0
    with open_at(path, history) as journal:
        assert journal.notices == []


def test_check_finds_a_log_that_was_tampered_with(journal: Journal) -> None:
    write(journal, opened("a"), received("a", "Hi"), sent("a", "Hello"))
    with journal._database.write() as connection:
        connection.exec_driver_sql("UPDATE entries SET actor = 'Eve' WHERE seq = 2")
    assert journal.check() == ["The chain of the log breaks between entries 1 and 3."]
    with journal._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM entries WHERE seq = 2")
    assert journal.check() == ["The log has a gap after entry 0."]
