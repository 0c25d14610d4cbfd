"""What a workstation keeps for itself: the last beat of each running segment, and the alerts that it has raised."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain.guidelines import GuidelinesHistory
from console.journal.errors import JournalError
from console.journal.states import Beat
from console.journal.store import Journal

from .facts import HOUR, MINUTE, MONDAY, dump, started, write
from .test_record import CommitRaises


def beat(at: int = MONDAY, segment: str = "s-1", boot: str = "boot-1") -> Beat:
    since = at - MONDAY
    return Beat(segment, "pro:acme", at=at, wall_ms=at, awake_ms=since, boot_ms=since + HOUR, boot_id=boot)


@pytest.mark.usefixtures("journal_mode")
def test_the_last_beat_of_each_segment_is_there_at_the_next_opening(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        for told in (beat(), beat(MONDAY + MINUTE), beat(segment="s-2")):
            journal.beat(told)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.beats() == {"s-1": beat(MONDAY + MINUTE), "s-2": beat(segment="s-2")}


def test_several_segments_beat_at_once(journal: Journal) -> None:
    journal.beat(beat(segment="s-1"), beat(segment="s-2"))
    assert journal.beats() == {segment: beat(segment=segment) for segment in ("s-1", "s-2")}


def test_within_one_boot_a_beat_never_goes_back(journal: Journal) -> None:
    journal.beat(beat(MONDAY + HOUR))
    journal.beat(beat(MONDAY))
    assert journal.beats() == {"s-1": beat(MONDAY + HOUR)}


def test_after_a_boot_the_newest_beat_counts_whatever_its_time(journal: Journal) -> None:
    journal.beat(beat(MONDAY + HOUR))
    journal.beat(beat(MONDAY, boot="boot-2"))
    assert journal.beats() == {"s-1": beat(MONDAY, boot="boot-2")}


def test_forgetting_takes_the_beats_of_the_named_segments_away(journal: Journal) -> None:
    for segment in ("s-1", "s-2", "s-3"):
        journal.beat(beat(segment=segment))
    journal.forget_beats(["s-1", "s-3", "never seen"])
    journal.forget_beats([])
    assert list(journal.beats()) == ["s-2"]


def test_an_alert_is_raised_once_by_whichever_process_comes_first(
    journal: Journal, path: Path, history: GuidelinesHistory
) -> None:
    assert journal.raise_alert("P-1 used 50 %", MONDAY)
    assert not journal.raise_alert("P-1 used 50 %", MONDAY)
    with Journal.open(path, history=history, now_ms=MONDAY) as other:
        assert not other.raise_alert("P-1 used 50 %", MONDAY + HOUR)
        assert other.raise_alert("P-1 used 80 %", MONDAY + HOUR)
    assert not journal.raise_alert("P-1 used 80 %", MONDAY + HOUR)


def test_an_alert_whose_commit_raised_but_happened_is_raised(journal: Journal) -> None:
    CommitRaises(journal._database, happens=True)
    assert journal.raise_alert("renewal in 15 min", MONDAY)
    assert not journal.raise_alert("renewal in 15 min", MONDAY)


def test_an_alert_whose_commit_did_not_happen_is_raised_the_next_time(journal: Journal) -> None:
    CommitRaises(journal._database, happens=False)
    with pytest.raises(JournalError, match="could not be read or written"):
        journal.raise_alert("renewal in 15 min", MONDAY)
    assert journal.raise_alert("renewal in 15 min", MONDAY)


def test_a_rebuild_leaves_beats_and_alerts_alone(journal: Journal) -> None:
    write(journal, started("t-1"))
    journal.beat(beat())
    journal.raise_alert("renewal", MONDAY)
    journal.rebuild(journal.history)
    assert journal.beats() == {"s-1": beat()}
    assert not journal.raise_alert("renewal", MONDAY)


def test_beats_and_alerts_are_no_change_that_a_screen_could_show(journal: Journal, path: Path) -> None:
    before = journal.data_version(), journal.head(), dump(path)
    journal.beat(beat())
    journal.raise_alert("renewal", MONDAY)
    journal.forget_beats(["s-1"])
    assert (journal.data_version(), journal.head(), dump(path)) == before
