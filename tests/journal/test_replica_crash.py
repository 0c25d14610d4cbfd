"""A crash at any write of a change leaves all of it or nothing, and what was saved is there (spec sync.md 4)."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from console.domain import events as ev
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal.database import Database
from console.journal.driver import choose_driver
from console.journal.errors import JournalError, JournalFull
from console.journal.replica import (
    ChangeScopes,
    Forget,
    OfferAgain,
    RefuseNext,
    Reload,
    TakeDevice,
)
from console.journal.store import Journal
from tests.conftest import seeds

from .facts import MONDAY, dump, fact, of_act, opened, purchase, received, sent, started
from .hub_log import SCOPES, HubLog, InJournal, basis, offered, pulled, pushed
from .test_record import CommitRaises


class PowerFailed(Exception):
    """The process ends here."""


@contextmanager
def dies_at(database: Database, statement: int) -> Iterator[list[int]]:
    """The writer dies before its `statement`th statement; what is yielded counts them."""
    count = [0]

    def before(*_: Any) -> None:
        count[0] += 1
        if count[0] == statement:
            raise PowerFailed

    event.listen(database.writer, "before_cursor_execute", before)
    try:
        yield count
    finally:
        event.remove(database.writer, "before_cursor_execute", before)


def told(kept: InJournal) -> object:
    """All that is in the file, as the sync and a person see it."""
    replica, own = kept.journal.replica, kept.journal.own
    return (
        replica.position(),
        replica.outbox(),
        replica.checksum(),
        [[entry.id for entry in entries] for _, entries in kept.journal.all_streams()],
        [own.waiting(), own.refused(), own.voided(), own.settled(0)],
        kept.journal.load_drafts("a"),
        dump(kept.journal.path),
    )


class Scene:
    """A workspace in the middle of things: acked, void, refused and waiting entries, a draft, another's entries."""

    def __init__(self, folder: Path) -> None:
        self.kept = InJournal(folder)
        self.log = HubLog()
        kept, log = self.kept, self.log
        kept.replica.change(log.join())
        kept.record(opened("a"), received("a", "Hi"))
        pushed(kept, log)
        log.by_another(opened("b").event, "ticket:b")
        log.by_another(opened("v", restricted="vip").event, "ticket:v")
        pulled(kept, log)
        kept.record(purchase("P-1", "a"), started("a"), sent("a", "The password is hunter2"))
        pushed(kept, log)
        kept.record(fact(ev.TicketAssigned(to="Ana"), "b", expect="unassigned"))
        pushed(kept, log, effect="void: Ben had it.")
        refused = received("a", "No")
        kept.record(refused)
        kept.replica.change(log.refusals([refused.id], "Not allowed."))
        kept.record(*of_act(opened("c"), sent("c", "Waits")))
        kept.record(sent("a", "Waits too"))
        kept.journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
        log.by_another(ev.EntryRedacted(entry=log.entries[-2].id), "ticket:a")

    def change(self, name: str) -> object:
        kept, log = self.kept, self.log
        here = basis(kept.replica.position())
        waiting = offered(kept).events
        match name:
            case "page":
                return log.page(kept.replica.position())
            case "bulk":
                return log.page(kept.replica.position(), bulk=True)
            case "verdicts":
                said = log.verdicts(log.take(*waiting[:2]))
                refusal = log.refusals([waiting[2].id], "No.")
                return msgspec.structs.replace(said, verdicts=(*said.verdicts, *refusal.verdicts))
            case "again":
                return OfferAgain(device="ana-1", above_dseq=0)
            case "device":
                return TakeDevice(old="ana-1", device="ana-2")
            case "epoch":
                return log.restored(1)
            case "scopes":
                vip = tuple(entry for entry in log.entries if entry.scope == "restricted:vip")
                return ChangeScopes(basis=here, scopever=2, scopes=("pro:*", "restricted:vip"), gained=vip)
            case "reload":
                return Reload(basis=here)
            case "forget":
                return Forget()
            case _:
                return RefuseNext(id=waiting[0].id, reason="Too large.")


CHANGES = ("page", "bulk", "verdicts", "again", "device", "epoch", "scopes", "reload", "forget", "refuse")


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_dies_at_any_statement_has_not_happened(name: str, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.kept.journal.replica.now = lambda: MONDAY
    change = scene.change(name)
    database = scene.kept.journal._database
    before = told(scene.kept)
    statement = 1
    while True:
        with dies_at(database, statement) as count:
            try:
                scene.kept.replica.change(change)  # type: ignore[arg-type]
                break
            except PowerFailed:
                pass
        assert told(scene.kept) == before, f"died at statement {statement}"
        statement += 1
    assert count[0] > 3
    after = told(scene.kept)
    assert after != before
    scene.kept.journal.close()
    with Journal.open(tmp_path / "journal.db", history=scene.kept.journal.history, now_ms=MONDAY) as again:
        scene.kept.journal = again
        again.replica.now = lambda: MONDAY
        assert again.notices == []
        assert told(scene.kept) == after


def test_recording_that_dies_at_any_statement_leaves_no_part_of_an_act(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    database = scene.kept.journal._database
    before = told(scene.kept)
    act = of_act(opened("d"), sent("d", "One"), sent("a", "Two"))
    for statement in range(1, 1_000):
        with dies_at(database, statement):
            try:
                scene.kept.record(*act)
                break
            except PowerFailed:
                pass
        assert told(scene.kept) == before
    assert [own.offered.id for own in scene.kept.journal.own.waiting()][-3:] == [each.id for each in act]
    scene.kept.journal.close()


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("happens", [True, False])
def test_a_change_whose_commit_raised_is_looked_up(name: str, happens: bool, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    change = scene.change(name)
    before = told(scene.kept)
    CommitRaises(scene.kept.journal._database, happens=happens)
    if happens:
        scene.kept.replica.change(change)  # type: ignore[arg-type]
        assert told(scene.kept) != before
    else:
        with pytest.raises(JournalError):
            scene.kept.replica.change(change)  # type: ignore[arg-type]
        assert told(scene.kept) == before
    scene.kept.journal.close()


def test_an_own_entry_whose_commit_raised_but_happened_is_told_as_saved(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    mine = sent("a", "Saved")
    CommitRaises(scene.kept.journal._database, happens=True)
    scene.kept.record(mine)
    assert scene.kept.state(mine.id) == "new"
    scene.kept.journal.close()


def test_what_does_not_fit_on_the_disk_has_not_happened(tmp_path: Path, history: GuidelinesHistory) -> None:
    scene = Scene(tmp_path)
    scene.kept.journal.close()
    with Journal.open(tmp_path / "journal.db", history=history, now_ms=MONDAY, max_pages=90) as journal:
        scene.kept.journal = journal
        for _ in range(40):
            scene.log.by_another(received("b", "x" * 20_000).event, "ticket:b")
        before = told(scene.kept)
        with pytest.raises(JournalFull):
            journal.replica.change(scene.log.page(journal.replica.position()))
        assert told(scene.kept) == before
    with Journal.open(tmp_path / "journal.db", history=history, now_ms=MONDAY) as journal:
        journal.replica.change(scene.log.page(journal.replica.position()))
        assert journal.check() == []


# A damaged file


def own_ids(journal: Journal) -> dict[str, str]:
    own = journal.own
    return {each.offered.id: each.state for each in (*own.waiting(), *own.refused())}


def smash(path: Path, table: str) -> None:
    """Overwrites the first page of a table or an index, as a failing disk would."""
    database = choose_driver().module.connect(str(path))
    root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xde\xad" * (size // 2))


def reopened(scene: Scene, history: GuidelinesHistory) -> Journal:
    scene.kept.journal = Journal.open(scene.kept.journal.path, history=history, now_ms=MONDAY)
    return scene.kept.journal


def sound(scene: Scene, journal: Journal) -> None:
    """It works with the hub as before, and nothing is there twice."""
    scene.kept.replica.change(scene.log.join())
    position = journal.replica.position()
    if set(position.scopes) != set(SCOPES):
        everything = ChangeScopes(basis=basis(position), scopever=position.scopever + 1, scopes=SCOPES)
        journal.replica.change(everything)
    pushed(scene.kept, scene.log)
    pulled(scene.kept, scene.log)
    assert journal.check() == []
    for stream, entries in journal.all_streams():
        known = [entry.id for entry in scene.log.entries if entry.stream == stream]
        assert [entry.id for entry in entries] == known
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 3


@pytest.mark.parametrize("table", ["tickets", "tickets_queue", "search_data", "pro_running", "own_entries_state"])
def test_a_file_whose_log_is_whole_keeps_its_place_in_the_hubs(
    table: str, tmp_path: Path, history: GuidelinesHistory
) -> None:
    scene = Scene(tmp_path)
    position, own, whole = scene.kept.replica.position(), own_ids(scene.kept.journal), dump(scene.kept.journal.path)
    hub = scene.kept.journal.replica.hub()
    scene.kept.journal.close()
    smash(scene.kept.journal.path, table)
    with reopened(scene, history) as journal:
        (notice,) = journal.notices
        assert notice.endswith(f"started with all {position.cursor - 1} entries that could be read.")
        assert (journal.replica.position(), journal.replica.hub()) == (position, hub)
        assert own_ids(journal) == own
        assert [each.effect for each in journal.own.voided()] == ["void: Ben had it."]
        assert journal.load_drafts("a") == {"reply": "Dear"}
        assert dump(journal.path) == whole
        sound(scene, journal)


@pytest.mark.parametrize("table", ["entries", "entries_stream"])
def test_a_file_whose_log_is_broken_loads_it_again_and_keeps_what_waits(
    table: str, tmp_path: Path, history: GuidelinesHistory
) -> None:
    scene = Scene(tmp_path)
    own, acked = own_ids(scene.kept.journal), {entry.id for entry in scene.log.entries if entry.actor == "Ana"}
    scene.kept.journal.close()
    smash(scene.kept.journal.path, table)
    with reopened(scene, history) as journal:
        assert "and what the hub has is loaded again." in journal.notices[0]
        position = journal.replica.position()
        assert (position.cursor, position.hub_id, position.device) == (0, "hub-1", "ana-1")
        assert own_ids(journal) == {**own, **dict.fromkeys(acked, "new")}
        sound(scene, journal)


def test_a_file_whose_head_is_lost_meets_its_hub_anew_with_all_that_waits(
    tmp_path: Path, history: GuidelinesHistory
) -> None:
    scene = Scene(tmp_path)
    own = own_ids(scene.kept.journal)
    scene.kept.journal.close()
    smash(scene.kept.journal.path, "meta")
    with reopened(scene, history) as journal:
        position = journal.replica.position()
        assert (position.cursor, position.hub_id, position.device) == (0, None, "ana-1")
        assert own.items() <= own_ids(journal).items()
        journal.follow(url="https://hub.example", person="Ana", role="engineer", device="ana-1")
        sound(scene, journal)


def test_an_entry_that_is_not_itself_any_more_is_loaded_again(tmp_path: Path, history: GuidelinesHistory) -> None:
    scene = Scene(tmp_path)
    with scene.kept.journal._database.write() as connection:
        connection.exec_driver_sql("UPDATE entries SET payload = x'7b7d' WHERE seq = 3")
    scene.kept.journal.close()
    smash(scene.kept.journal.path, "tickets")
    with reopened(scene, history) as journal:
        assert journal.replica.position().cursor == 0
        sound(scene, journal)


MOST_IN_A_PAGE = 2
"""Of own entries with three hundred words."""


def damaged(scene: Scene, chance: random.Random, *, first_page: int) -> int:
    """A few places of the closed file are overwritten with anything, from a page on; how many pages at most."""
    path = scene.kept.journal.path
    size = path.stat().st_size
    places = chance.choice((1, 1, 3, 10))
    with path.open("r+b") as file:
        for _ in range(places):
            file.seek(chance.randrange(first_page * 4096 + 100, size))
            file.write(chance.randbytes(chance.choice((1, 16, 600, 4096))))
    return 2 * places


def worked_with(scene: Scene, history: GuidelinesHistory) -> dict[str, str]:
    """Own entries after the file was used again; damage that is met in use is mended at the next start."""
    for _ in range(3):
        try:
            with reopened(scene, history) as journal:
                used(journal)
                return own_ids(journal)
        except JournalError as error:
            said = str(error)
            if "is damaged" not in said:
                raise
    raise AssertionError(said)


@pytest.mark.parametrize("seed", seeds(20, quick=4))
def test_whatever_is_damaged_it_starts_and_invents_nothing(
    seed: int, tmp_path: Path, history: GuidelinesHistory
) -> None:
    scene = Scene(tmp_path)
    own = own_ids(scene.kept.journal)
    scene.kept.journal.close()
    damaged(scene, random.Random(seed), first_page=0)
    kept = worked_with(scene, history)
    known = own.keys() | {entry.id for entry in scene.log.entries}
    assert {name for name, state in kept.items() if state == "new"} <= known


@pytest.mark.parametrize("seed", seeds(20, quick=4))
def test_beside_damaged_places_every_own_entry_is_kept(seed: int, tmp_path: Path, history: GuidelinesHistory) -> None:
    scene = Scene(tmp_path)
    with scene.kept.journal._database.read() as connection:
        roots = connection.exec_driver_sql("PRAGMA page_count").scalar_one()  # what leads to the rows came first
    for number in range(60):
        scene.kept.record(sent("a", f"{number} " + "word " * 300))
    own = own_ids(scene.kept.journal)
    scene.kept.journal.close()
    pages = damaged(scene, random.Random(seed), first_page=roots)
    lost = own.keys() - worked_with(scene, history).keys()
    assert len(lost) <= MOST_IN_A_PAGE * pages


def used(journal: Journal) -> None:
    """All that a window would ask."""
    assert journal._database.quick_check() == []
    journal.own.voided(), journal.own.overwritten(), journal.own.settled(0), journal.draft_tickets()
    for stream, _ in journal.all_streams():
        journal.entries(stream)
    rowids = journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)[0]
    journal.rows(list(rowids))
    journal.search("word")
    if journal.is_connected:
        replica = journal.replica
        replica.position(), replica.outbox(), replica.checksum(), replica.offering(max_events=9, max_bytes=99_999)


def image_of(journal: Journal, folder: Path) -> Path:
    """A copy of the file with those beside it, as the power left them."""
    folder.mkdir()
    for beside in journal.path.parent.glob("journal.db*"):
        shutil.copy(beside, folder / beside.name)
    return folder / journal.path.name


def test_whatever_was_saved_is_in_the_image_that_a_crash_leaves(tmp_path: Path, history: GuidelinesHistory) -> None:
    scene = Scene(tmp_path)
    life: list[Callable[[], object]] = [
        lambda: scene.kept.record(sent("a", "More")),
        lambda: pushed(scene.kept, scene.log),
        lambda: pulled(scene.kept, scene.log),
        lambda: scene.log.by_another(received("b", "Hi").event, "ticket:b"),
    ]
    chance = random.Random(7)
    for step in range(20):
        chance.choice(life)()
        image = image_of(scene.kept.journal, tmp_path / f"image{step}")
        with Journal.open(image, history=history, now_ms=MONDAY) as recovered:
            assert recovered.notices == []
            assert recovered.replica.position() == scene.kept.replica.position()
            assert own_ids(recovered) == own_ids(scene.kept.journal)
            assert recovered.check() == []
    scene.kept.journal.close()
