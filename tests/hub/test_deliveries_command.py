"""`hub deliveries`: what is not out yet, and a person's decision, on a real database."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from console.domain.errors import ConsoleError
from console.hub import outbox
from console.hub.cli import commands

from .facts import MONDAY, new_id

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def of(*words: str) -> tuple[int, str]:
        shared = argparse.ArgumentParser(add_help=False)
        shared.add_argument("--data", default=None)
        parser = argparse.ArgumentParser(parents=[shared])
        commands(parser, shared)
        args = parser.parse_args(["--database", url, "deliveries", *words])
        return args.run(args), capsys.readouterr().out

    return of


@pytest.fixture
def uncertain(engine: Engine) -> str:
    entry = new_id()
    with engine.begin() as connection:
        outbox.queue(
            connection,
            entry=entry,
            seq=1,
            stream="ticket:1",
            message_id=f"<{entry}@hub.example>",
            letter=b"Subject: x\r\n\r\n",
            epoch=1,
            now_ms=MONDAY,
            state="uncertain",
            reason=outbox.STOPPED,
        )
    return entry


def test_nothing_to_list(run: Run) -> None:
    assert run() == (0, "Every reply is out.\n")


def test_what_is_uncertain_is_listed_with_its_reason(run: Run, uncertain: str) -> None:
    line = (
        f"{uncertain}  uncertain since 2025-10-13 12:00 UTC, 0 tries, ticket:1: "
        "The hub stopped while it was being sent.\n"
    )
    assert run() == (0, line)


def test_a_person_sends_it_again(run: Run, uncertain: str, engine: Engine) -> None:
    assert run("resend", uncertain) == (0, "It is queued, and is sent again with the same message id.\n")
    (queued,) = outbox.listed(engine)
    assert (queued.state, queued.message_id) == ("queued", f"<{uncertain}@hub.example>")


def test_a_person_confirms_it(run: Run, uncertain: str, engine: Engine) -> None:
    assert run("confirm", uncertain) == (0, "It counts as sent.\n")
    assert outbox.listed(engine) == []
    with pytest.raises(ConsoleError, match="Nothing to decide: the message is accepted"):
        run("resend", uncertain)


def test_an_id_that_is_none_is_said(run: Run) -> None:
    with pytest.raises(ConsoleError, match="There is no such delivery"):
        run("confirm", "nothing")
