"""A workspace in which Pro hours are bought and worked, on a machine whose clocks the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.desk import Desk
from console.desk.tickets import Receipt
from console.domain.pro_events import ScopeItem
from console.settings import Settings, Workspace, save_settings
from console.timekeeping import Timekeeper
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks

TUESDAY = "2027-01-12"
HOUR = 3600
MINUTE_MS = 60_000
VPN = ScopeItem("vpn", "VPN to the office", HOUR)


def at(text: str) -> int:
    """Epoch ms of a New York wall time; a time of day alone is on the story's Tuesday."""
    return ny(text if len(text) > 8 else f"{TUESDAY} {text}")


class ProStation:
    """A workstation: its clocks, and desks on its workspace. `open` is a process that starts, leaving it is its end."""

    def __init__(self, folder: Path, wall: str = "2027-01-11 09:00", name: str = "Mara Okafor") -> None:
        self.workspace = Workspace(folder)
        save_settings(self.workspace, Settings(name=name))
        self.clocks = FakeClocks(at(wall))

    @contextmanager
    def open(self) -> Iterator[Desk]:
        keeper = Timekeeper(self.clocks)
        with Desk.open(self.workspace, clock=lambda: self.clocks().wall_ms, timekeeper=keeper) as desk:
            yield desk

    def to(self, text: str) -> None:
        """Runs the machine on to a New York time."""
        self.clocks.run((at(text) - self.clocks.true_ms) / 1000)

    def watch(self, desk: Desk, until: str, every_s: float = 1) -> list[str]:
        """Ticks as a window does until a time, and gives the warnings that were raised."""
        said = []
        while self.clocks.true_ms < at(until):
            self.clocks.run(min(every_s, (at(until) - self.clocks.true_ms) / 1000))
            said += [warned.sentence for warned in desk.pro.watch.tick().warned]
        return said


def bought(
    desk: Desk, hours: float = 2, *, purchase: str = "P-1", account: str = "Harbour", renewal: str = "2027-02-01 00:00"
) -> str:
    """A purchase; the id of its ticket."""
    result = desk.pro.hours.buy(purchase, account, round(hours * HOUR), renewal=at(renewal), contact="Dana Whitfield")
    assert result.receipt.refused is None
    return result.ticket


def prepared(desk: Desk, ticket: str) -> None:
    """Everything that the gate asks for, but the slot."""
    gate = desk.pro.gate
    done(gate.agree_scope(ticket, [VPN], agreed_by=["Mara Okafor", "Dana Whitfield"]))
    done(gate.list_access(ticket, ["Google project"]))
    done(gate.receive_access(ticket, "Google project"))
    done(gate.set_contact(ticket, "Dana Whitfield", partner=True))


def ready(desk: Desk, hours: float = 2, begins: str = "10:00", **purchase: str) -> str:
    """A purchase with its gate complete and a slot agreed; the id of its ticket."""
    ticket = bought(desk, hours, **purchase)  # type: ignore[arg-type]
    prepared(desk, ticket)
    done(desk.pro.gate.book(ticket, at(begins), seconds=round(hours * HOUR)))
    return ticket


def done(receipt: Receipt) -> Receipt:
    assert receipt.refused is None
    return receipt


def used_minutes(desk: Desk, ticket: str) -> float:
    hours = desk.pro.page(ticket).hours
    return (hours.used_ms + hours.session_ms) / MINUTE_MS
