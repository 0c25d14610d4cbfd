"""Read models equal the fold: what each write left behind is, byte for byte, what a rebuild makes from the log."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import queue_row
from console.domain.sla import clocks
from console.domain.ticket import fold
from console.guidelines_files import shipped_history
from console.journal import entry_rows
from console.journal.store import Journal

from .facts import MONDAY, dump, opened, pro_story, story, write


@pytest.mark.parametrize("seed", range(6))
def test_a_rebuild_gives_byte_for_byte_what_the_writes_left(seed: int, journal: Journal, path: Path) -> None:
    log = story(seed)
    for start in range(0, len(log), 7):
        write(journal, *log[start : start + 7], now_ms=log[start].at)
    written = dump(path)
    assert len(written["tickets"]) == 12
    assert len(written["terms"]) > 100
    journal.rebuild(journal.history)
    assert dump(path) == written


def test_every_row_is_the_fold_of_its_stream(journal: Journal, history: GuidelinesHistory) -> None:
    write(journal, *story(seed=11))
    for stream, entries in journal.all_streams():
        ticket = fold(entries)
        assert ticket is not None
        assert journal.ticket_row(stream.removeprefix("ticket:")) == queue_row(ticket, clocks(entries, history))


def test_a_damaged_read_model_is_mended_by_a_rebuild(journal: Journal, path: Path) -> None:
    write(journal, *story(seed=3), *pro_story(seed=3))
    whole = dump(path)
    with journal._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM pro_lots")
        connection.exec_driver_sql("UPDATE pro_running SET stream = 'pro:gone'")
        connection.exec_driver_sql("DELETE FROM tickets WHERE rowid % 2")
        connection.exec_driver_sql("UPDATE tickets SET subject = 'wrong', assignee = 'nobody'")
        connection.exec_driver_sql("DELETE FROM search")
    assert dump(path) != whole
    journal.rebuild(journal.history)
    assert dump(path) == whole


def test_a_rebuild_tells_how_far_it_is(journal: Journal) -> None:
    write(journal, *story(seed=4))
    told: list[tuple[int, int]] = []
    journal.rebuild(journal.history, progress=lambda done, of: told.append((done, of)))
    seq = journal.head().seq
    assert told[-1] == (seq, seq)


def test_a_rebuild_that_fails_leaves_the_old_read_models(journal: Journal, path: Path) -> None:
    write(journal, *story(seed=4))
    before = dump(path)

    def fail(done: int, of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        journal.rebuild(journal.history, progress=fail)
    assert dump(path) == before


def faster(history: GuidelinesHistory) -> GuidelinesHistory:
    """The shipped guidelines with another first document alone: other content, so another digest."""
    return GuidelinesHistory(history.documents[:1])


def test_read_models_of_other_guidelines_are_stale_until_they_are_rebuilt(
    journal: Journal, path: Path, history: GuidelinesHistory
) -> None:
    write(journal, opened("a"))
    other = faster(history)
    assert not journal.stale(history)
    assert journal.stale(other)
    journal.rebuild(other)
    assert journal.stale(history)
    assert not journal.stale(other)
    journal.close()
    with Journal.open(path, history=other, now_ms=MONDAY) as again:
        assert not again.stale(other)


def test_rows_written_under_two_sets_of_guidelines_are_stale_for_both(
    path: Path, history: GuidelinesHistory, journal: Journal
) -> None:
    write(journal, opened("a"))
    other = faster(history)
    with Journal.open(path, history=other, now_ms=MONDAY) as second:
        write(second, opened("b"))
        assert second.stale(other)
    assert journal.stale(history)


def test_the_digest_tells_equal_guidelines_from_others(history: GuidelinesHistory) -> None:
    assert shipped_history().digest == history.digest
    assert faster(history).digest != history.digest


def test_all_streams_come_whole_and_in_order_across_pages(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    log = story(seed=9)
    write(journal, *log)
    monkeypatch.setattr(entry_rows, "_PAGE_BY_STREAM", entry_rows._PAGE_BY_STREAM.limit(5))
    found = list(journal.all_streams())
    streams = [stream for stream, _ in found]
    assert streams == sorted({offer.stream for offer in log})
    for stream, entries in found:
        assert entries == journal.entries(stream)


def test_entries_that_come_while_streams_are_read_belong_to_the_next_reading(journal: Journal) -> None:
    write(journal, opened("a"), opened("b"))
    streams = journal.all_streams()
    assert next(streams)[0] == "ticket:a"
    write(journal, opened("c"))
    assert [stream for stream, _ in streams] == ["ticket:b"]


def test_as_of_an_instant_the_entries_that_count_by_then_are_read(journal: Journal) -> None:
    write(journal, *story(seed=2))
    every = [entry for _, entries in journal.all_streams() for entry in entries]
    middle = sorted(entry.counts_at for entry in every)[len(every) // 2]
    then = [entry for _, entries in journal.all_streams(as_of=middle) for entry in entries]
    assert then == [entry for entry in every if entry.counts_at <= middle]
    assert 0 < len(then) < len(every)


def test_a_row_survives_its_way_through_the_database(journal: Journal) -> None:
    write(journal, opened("a", product="CAS", plan="Standard", account="acme", contact="zoe", external_ref="INC1"))
    row = journal.ticket_row("a")
    assert row is not None
    assert msgspec.convert(msgspec.structs.asdict(row), type(row), strict=True) == row
