"""A workspace with engagements that may start at any time of the day, and the clocks under which it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from console.desk import Desk
from console.domain.pro_events import ScopeItem
from console.settings import Settings, Workspace, save_settings
from console.timekeeping import Reading, Timekeeper, read_clocks

HOURS = 8
HOUR = 3600
DAY_MS = 86_400_000
ENGINEER = "Mara Okafor"
SPEED = 60

Clocks = Callable[[], Reading]


class Engagement(msgspec.Struct, frozen=True):
    account: str
    purchase: str
    ticket: str


def workspace(folder: Path, *accounts: str, clocks: Clocks = read_clocks) -> list[Engagement]:
    """A workspace with an engagement of eight hours for each account, ready to start at any time of the day."""
    save_settings(Workspace(folder), Settings(name=ENGINEER))
    with opened(folder, clocks) as desk:
        return [ready(desk, number, account) for number, account in enumerate(accounts)]


def ready(desk: Desk, number: int, account: str) -> Engagement:
    """Everything that the gate asks for. The consent is recorded before the project begins."""
    hours, gate, now = desk.pro.hours, desk.pro.gate, desk.pro.now()
    purchase = f"P-{number + 1}"
    ticket = hours.buy(purchase, account, HOURS * HOUR, renewal=now + 20 * DAY_MS, contact="Dana Whitfield").ticket
    begins = now + number * HOURS * HOUR * 1000
    for receipt in (
        gate.agree_scope(ticket, [ScopeItem("vpn", "VPN to the office", HOUR)], agreed_by=[ENGINEER, "Dana Whitfield"]),
        gate.list_access(ticket, []),
        gate.set_contact(ticket, "Dana Whitfield", partner=True),
        gate.give_consent(
            ticket, now - DAY_MS, now + 3 * DAY_MS, time_sensitive=True, by_engineer=True, by_customer=True
        ),
        gate.book(ticket, begins, seconds=HOURS * HOUR),
    ):
        assert receipt.refused is None
    return Engagement(account, purchase, ticket)


def fast(origin: Reading) -> Clocks:
    """This machine's clocks, `SPEED` times as fast since a reading; every process that knows the reading agrees."""

    def read() -> Reading:
        passed = (SPEED - 1) * (read_clocks().boot_ms - origin.boot_ms)
        return later(read_clocks, passed)()

    return read


def later(clocks: Clocks, ms: int) -> Clocks:
    """The same machine, which ran on unseen for so long."""

    def read() -> Reading:
        seen = clocks()
        return Reading(seen.wall_ms + ms, seen.awake_ms + ms, seen.boot_ms + ms, seen.boot_id)

    return read


@contextmanager
def opened(folder: Path, clocks: Clocks) -> Iterator[Desk]:
    """A real desk on a workspace, under these clocks."""
    with Desk.open(Workspace(folder), clock=lambda: clocks().wall_ms, timekeeper=Timekeeper(clocks)) as desk:
        yield desk
