"""The worker thread of the desk: results come back on the GUI thread, late ones are dropped, tasks are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.errors import ConsoleError
from console.domain.queue import View
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT
from ui.desk_thread import DeskThread, Superseded


@pytest.fixture
def thread(demo: Workspace, qapp: object) -> Iterator[DeskThread]:
    made = DeskThread(lambda: Desk.open(demo, clock=lambda: DEMO_AT))
    made.start()
    yield made
    assert made.stop(20)


async def test_an_answer_is_awaited(thread: DeskThread) -> None:
    counts = await thread.call(lambda desk: desk.queue.counts())
    assert counts[View.ALL_OPEN] == 50


async def test_the_desk_is_used_on_its_own_thread_and_answers_come_on_ours(thread: DeskThread) -> None:
    names = [await thread.call(lambda _: threading.current_thread().name) for _ in range(3)]
    assert names == ["desk"] * 3
    assert threading.current_thread() is threading.main_thread()


async def test_a_newer_question_of_the_same_key_supersedes_the_older(thread: DeskThread) -> None:
    first = asyncio.ensure_future(thread.call(lambda _: "old", key="view"))
    await asyncio.sleep(0)
    second = await thread.call(lambda _: "new", key="view")
    assert second == "new"
    with pytest.raises(Superseded):
        await first


async def test_a_mistake_comes_back_as_it_was_raised(thread: DeskThread) -> None:
    def refuse(_: Desk) -> None:
        raise ConsoleError("No ticket has that number.")

    with pytest.raises(ConsoleError, match="No ticket"):
        await thread.call(refuse)


async def test_a_task_that_fails_with_a_sentence_is_shown_and_let_go(thread: DeskThread) -> None:
    said: list[str] = []
    thread.refused.connect(said.append)

    async def refuse() -> None:
        raise ConsoleError("Nothing was recorded.")

    thread.spawn(refuse())
    assert len(thread.tasks()) == 1
    while thread.tasks():
        await asyncio.sleep(0.01)
    assert said == ["Nothing was recorded."]


def test_a_late_answer_is_dropped(qtbot: QtBot, thread: DeskThread) -> None:
    came: list[str] = []
    gate = threading.Event()
    thread.submit(lambda _: gate.wait(10) and "late", lambda answer: came.append(str(answer)), key="k")
    thread.submit(lambda _: "in time", came.append, key="k")
    gate.set()
    qtbot.waitUntil(lambda: came == ["in time"], timeout=5_000)


def test_a_failure_of_ours_is_logged_and_told_without_details(qtbot: QtBot, thread: DeskThread) -> None:
    said: list[str] = []
    thread.refused.connect(said.append)
    thread.submit(lambda _: 1 / 0)
    qtbot.waitUntil(lambda: bool(said), timeout=5_000)
    assert "ZeroDivision" not in said[0]
    assert "the log has the details" in said[0]


def test_a_write_of_another_process_is_noticed(qtbot: QtBot, thread: DeskThread, demo: Workspace) -> None:
    with qtbot.waitSignal(thread.opened, timeout=10_000):
        pass
    with qtbot.waitSignal(thread.changed, timeout=5_000), Desk.open(demo, clock=lambda: DEMO_AT) as other:
        first = other.queue.listing(limit=1)[0]
        other.tickets.assign(first.ticket, "Aiko Sato")


async def test_a_lent_desk_is_closed_and_what_is_asked_meanwhile_waits(thread: DeskThread, demo: Workspace) -> None:
    reopened: list[str] = []
    thread.reopened.connect(lambda me, _zone, _notices: reopened.append(me))
    first = await thread.call(lambda desk: desk)
    async with thread.lent():
        assert first._closed
        waiting = asyncio.ensure_future(thread.call(lambda desk: desk))
        with Desk.open(demo, clock=lambda: DEMO_AT) as other:
            other.tickets.open("Made while the desk was away")
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert reopened == []
    second = await waiting
    assert second is not first
    assert reopened == [second.me]
    assert len(await thread.call(lambda desk: desk.queue.listing())) == 51


async def test_a_desk_comes_back_when_what_it_was_lent_to_fails(thread: DeskThread) -> None:
    with pytest.raises(ConsoleError, match="not there"):
        async with thread.lent():
            raise ConsoleError("The hub is not there.")
    assert len(await thread.call(lambda desk: desk.queue.listing())) == 50


async def test_a_thread_that_is_asked_to_end_does_not_wait_for_a_lent_desk(thread: DeskThread) -> None:
    async with thread.lent():
        thread.ask_stop()
        while not thread.ended():
            await asyncio.sleep(0.01)
