"""A booking reads the accounts in which its engineer may be elsewhere, and decides as if it had read all of them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from console.domain import pro_events as pe
from console.domain.events import Entry
from console.domain.push import Decision, Known, decide
from console.hub import appending
from console.hub.entry_rows import COLUMNS, entry_of
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.verify import verify

from .facts import MINUTE, MONDAY, Workstation, new_id

HOUR = 60 * MINUTE
ACCOUNTS = ("acme", "harbour", "riverside", "tailspin")
ENGINEERS = ("Ana", "Ben", "Cleo")


class Bookings:
    """An engagement in each of some accounts, and whoever books in them. `read` are the accounts that the last booking
    had in view; every decision is compared with the one that all accounts lead to."""

    def __init__(self, log: HubLog, people: People, owner: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self._owner = owner
        self.read: set[str] = set()
        self.kim = Workstation(log, people, "Kim", "admin")
        self.tickets = {account: new_id() for account in ACCOUNTS}
        for account, ticket in self.tickets.items():
            bought = pe.LotGranted(reason="trial", seconds=72_000, period_end=MONDAY + 10_000 * HOUR, ticket=ticket)
            self.write(account, bought)
            self.write(account, pe.EngagementOpened(ticket=ticket))
        monkeypatch.setattr(appending, "decide", self._compared)

    def write(self, account: str, event: Any, **fields: Any) -> tuple[str, bool]:
        """The id of what was recorded, and whether it holds."""
        (verdict,) = self.kim.push(self.kim.write(event, stream=pe.pro_stream(account), **fields)).verdicts
        assert verdict.outcome == "recorded", verdict
        return verdict.id, verdict.effect == "applied"

    def book(self, account: str, engineer: str, begins: float, ends: float) -> tuple[str, bool]:
        """`begins` and `ends` in hours from now."""
        slot = pe.SlotBooked(
            engagement=self.tickets[account],
            begins_at=MONDAY + round(begins * HOUR),
            ends_at=MONDAY + round(ends * HOUR),
            seconds=900,
            engineer=engineer,
        )
        return self.write(account, slot)

    def move(self, account: str, slot: str, begins: float, ends: float, engineer: str | None = None) -> bool:
        begins_at, ends_at = (MONDAY + round(at * HOUR) for at in (begins, ends))
        moved = pe.SlotMoved(slot=slot, begins_at=begins_at, ends_at=ends_at, engineer=engineer)
        return self.write(account, moved)[1]

    def _compared(self, batch: Any, author: Any, known: Known, **more: Any) -> Decision:
        self.read = {stream.removeprefix("pro:") for stream in known.streams}
        everything: dict[str, list[Entry]] = {}
        with self._owner.connect() as connection:
            for row in connection.execute(text(f"SELECT {COLUMNS} FROM entries ORDER BY seq")):
                entry = entry_of(tuple(row))
                everything.setdefault(entry.stream, []).append(entry)
        decision = decide(batch, author, known, **more)
        assert decide(batch, author, replace(known, streams=everything), **more) == decision
        return decision


@pytest.fixture
def bookings(log: HubLog, people: People, owner: Engine, monkeypatch: pytest.MonkeyPatch) -> Bookings:
    return Bookings(log, people, owner, monkeypatch)


def test_a_booking_reads_the_accounts_in_which_its_engineer_may_be_at_that_time(bookings: Bookings) -> None:
    assert bookings.book("acme", "Ana", 24, 26)[1]
    assert bookings.book("harbour", "Ben", 24, 26)[1]
    assert bookings.book("riverside", "Ana", 26, 28)[1]
    assert bookings.read == {"riverside"}
    assert not bookings.book("tailspin", "Ana", 25.5, 26.5)[1]
    assert bookings.read == {"tailspin", "acme", "riverside"}


def test_a_move_that_keeps_its_engineer_looks_for_whoever_it_is(bookings: Bookings) -> None:
    bookings.book("acme", "Ana", 24, 26)
    slot, _ = bookings.book("harbour", "Ana", 48, 50)
    assert not bookings.move("harbour", slot, 25, 27)
    assert bookings.move("harbour", slot, 26, 28)
    assert not bookings.book("riverside", "Ana", 27, 29)[1], "the slot was moved there without a name"


def test_whatever_is_booked_moved_and_given_up_is_decided_as_over_all_accounts(bookings: Bookings, url: str) -> None:
    dice = random.Random(5)
    slots: list[tuple[str, str]] = []
    held: set[bool] = set()
    for _ in range(60):
        account, begins = dice.choice(ACCOUNTS), dice.randrange(20, 40)
        ends = begins + dice.choice((1, 2, 30))
        match dice.choice(("book", "book", "move", "move to", "release")):
            case "book":
                slot, applied = bookings.book(account, dice.choice(ENGINEERS), begins, ends)
                slots.append((account, slot))
                held.add(applied)
            case "release" if slots:
                account, slot = slots.pop(dice.randrange(len(slots)))
                bookings.write(account, pe.SlotReleased(slot=slot, reason="asked for"))
            case move if slots:
                account, slot = dice.choice(slots)
                held.add(bookings.move(account, slot, begins, ends, dice.choice(ENGINEERS) if "to" in move else None))
    assert held == {True, False}
    assert verify(url) == ()


def test_times_and_names_that_no_row_can_hold_are_decided_all_the_same(bookings: Bookings, url: str) -> None:
    assert not bookings.book("acme", "A\0na", 1e20, 2e20)[1], "the hours have expired by then"
    assert bookings.book("acme", "A\0na", 24, 26)[1]
    assert not bookings.book("harbour", "A\0na", 25, 27)[1]
    assert verify(url) == ()


@pytest.mark.parametrize("change", ["DELETE FROM slots", "UPDATE slots SET ends_at = ends_at - 1"])
def test_a_list_of_slots_that_does_not_follow_from_the_log_is_found(
    bookings: Bookings, owner: Engine, url: str, change: str
) -> None:
    bookings.book("acme", "Ana", 24, 26)
    with owner.begin() as connection:
        connection.execute(text(change))
    (problem,) = verify(url)
    assert problem.startswith("The list of slots does not hold the one of the entry ")
