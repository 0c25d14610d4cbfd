"""A page that many ask for at the same moment is read once, and nobody gets what is not theirs or was not yet there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.domain import events as ev
from console.domain.stamp import GENESIS, Head
from console.hub import reading
from console.hub.errors import Conflicted
from console.hub.log import HubLog
from console.hub.pages import Asked, Pages, asked
from console.hub.people import People
from console.hub.sight import sight
from console.wire.messages import Page, Pull

from .facts import Workstation, new_id, opened, sent

_FIELDS = {"after": 0, "chain": GENESIS, "epoch": 1, "scopever": 1}
PULL = Pull(after=0, chain=GENESIS, epoch=1, scopever=1)


def key(head: int = 7, **fields: object) -> Asked:
    return asked(Head(hub_id="hub", seq=head), Pull(**{**_FIELDS, **fields}), sight(["desk"]))  # type: ignore[arg-type]


def page(head: int = 7) -> Page:
    return Page(entries=(), next=head, chain=GENESIS, head=head)


def test_those_who_ask_at_once_wait_for_the_first() -> None:
    pages, made, go = Pages(), [], threading.Event()

    def make() -> Page:
        made.append(1)
        assert go.wait(10)
        return page()

    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(pages.page, key(), make) for _ in range(8)]
        go.set()
        assert {id(each.result(10)) for each in asking} == {id(asking[0].result())}
    assert made == [1]


def test_another_place_or_head_is_another_page() -> None:
    pages, made = Pages(), []

    def make() -> Page:
        made.append(1)
        return page()

    for each in (key(), key(after=1), key(chain=b"x"), key(limit=5)):
        pages.page(each, make)
    assert len(made) == 4
    assert key() != asked(Head(hub_id="hub", seq=7), PULL, sight(["desk", "accounts"]))


def test_a_page_of_a_later_head_is_its_makers_alone() -> None:
    pages = Pages()
    assert pages.page(key(7), lambda: page(8)).head == 8
    assert pages.page(key(7), lambda: page(7)).head == 7


def test_what_goes_wrong_goes_wrong_for_its_maker_alone() -> None:
    pages = Pages()

    def fails() -> Page:
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        pages.page(key(), fails)
    assert pages.page(key(), page).head == 7


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """For whom a page was read from the database."""
    read: list[str] = []
    real: Callable[..., Page] = reading.page

    def counted(connection: object, person: str, *more: object, **named: object) -> Page:
        read.append(person)
        return real(connection, person, *more, **named)

    monkeypatch.setattr(reading, "page", counted)
    return read


def test_a_page_is_shared_by_those_who_see_the_same(log: HubLog, people: People, read: list[str]) -> None:
    ana, ben, lea = Workstation(log, people, "Ana"), Workstation(log, people, "Ben"), Workstation(log, people, "Lea")
    people.grant("Lea", "restricted:legal")
    lea.scopever = log.welcome("Lea").scopever
    ana.say(opened(), new_id())
    lea.say(opened(restricted="legal"), new_id())
    assert [len(each.pull()) for each in (ana, ben, lea)] == [1, 1, 2]
    assert read == ["Ana", "Lea"]


def test_a_redacted_text_is_in_no_page_afterwards(log: HubLog, people: People, read: list[str]) -> None:
    ana, ben, lea = (
        Workstation(log, people, "Ana"),
        Workstation(log, people, "Ben"),
        Workstation(log, people, "Lea", "lead"),
    )
    ticket = new_id()
    ana.say(opened(), ticket)
    secret = ana.say(sent("hunter2"), ticket)
    assert b"hunter2" in bytes(ana.pull()[-1].payload)
    lea.say(ev.EntryRedacted(entry=secret.id), ticket)
    assert not any(b"hunter2" in bytes(entry.payload) for entry in ben.pull())


def test_whoever_sees_more_by_the_time_that_a_page_is_read_shares_none(
    log: HubLog, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = Workstation(log, people, "Ana", grants=["restricted:legal"]), Workstation(log, people, "Ben")
    ana.say(opened(restricted="legal"), new_id())
    shared = log._pages.page

    def granted_meanwhile(key: Asked, make: Callable[[], Page]) -> Page:
        people.grant("Ben", "restricted:legal")
        return shared(key, make)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(log._pages, "page", granted_meanwhile)
        with pytest.raises(Conflicted):
            ben.pull()
    assert Workstation(log, people, "Cleo").pull() == []


def test_whoever_is_level_costs_no_page(log: HubLog, people: People, read: list[str]) -> None:
    ana = Workstation(log, people, "Ana")
    ana.say(opened(), new_id())
    ana.pull()
    read.clear()
    assert ana.pull() == []
    assert read == []
