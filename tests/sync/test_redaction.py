"""A redaction among two workstations and a hub: the words are nowhere any more, in no file and in no table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from console.desk.redacting import Redacting, Redaction
from console.domain import events as ev
from tests.hub.running import HubThread

from .stations import Station, now_ms

SECRET = "correcthorsebatterystaple"
WHY = "A password was in it"


@pytest.fixture
def mara(hub: HubThread, tmp_path: Path) -> Iterator[Station]:
    station = Station(hub.url, hub.enrol("Mara", "lead"), tmp_path / "mara")
    yield station
    station.close()


@pytest.fixture
def ana(hub: HubThread, tmp_path: Path) -> Iterator[Station]:
    station = Station(hub.url, hub.enrol("Ana"), tmp_path / "ana")
    yield station
    station.close()


def redact(station: Station, ticket: str, entry: str) -> Redaction:
    desk = Redacting(station.journal, me=station.enrolled.person, now=now_ms)
    done = station.ask(lambda: desk.redact(ticket, entry, WHY))
    station.engine.written()
    return done


def holds(station: Station) -> bool:
    """Whether the words are in the database or in a file that SQLite keeps beside it."""
    return any(SECRET.encode() in path.read_bytes() for path in station.journal.path.parent.glob("journal.db*"))


def hub_holds(hub: HubThread) -> bool:
    """Whether the words are in any row of any table."""
    with hub.engine.connect() as connection:
        asked = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        tables = connection.scalars(text(asked)).all()
        rows = "SELECT coalesce(string_agg(t::text, ' '), '') || coalesce(string_agg({}, ' '), '') FROM {} AS t"
        return any(
            SECRET in connection.scalar(text(rows.format(_payload_of(table), table)))
            for table in tables
            if connection.scalar(text(f"SELECT has_table_privilege('{table}', 'SELECT')"))
        )


def _payload_of(table: str) -> str:
    """Bytes show as hexadecimal digits in a row's text: those of entries are read as what they are."""
    return "convert_from(t.payload, 'UTF8')" if table == "entries" else "''"


def test_redacted_words_are_gone_from_both_workstations_and_the_hub(
    hub: HubThread, mara: Station, ana: Station
) -> None:
    async def story() -> None:
        async with mara, ana:
            await mara.until_link("synced")
            await ana.until_link("synced")
            ticket = ana.open_ticket()
            (note,) = ana.write(ticket, ev.MessageSent(body=f"The password is {SECRET}.", public=False))
            ana.write(ticket, ev.MessageSent(body="It works.", public=True))
            await mara.until(lambda: len(mara.entries(ticket)) == 3)
            assert (holds(ana), holds(mara), hub_holds(hub)) == (True, True, True)

            assert redact(mara, ticket, note.id).waits

            for station in (mara, ana):
                await station.until(lambda station=station: len(station.entries(ticket)) == 4)
                events = [entry.event for entry in station.entries(ticket)]
                assert events[1:] == [
                    ev.MessageSent(body="Redacted", public=False),
                    ev.MessageSent(body="It works.", public=True),
                    ev.EntryRedacted(entry=note.id, reason=WHY),
                ]
                assert not holds(station)
                assert station.ask(station.journal.check) == []
            assert not hub_holds(hub)

            (at_once,) = mara.write(ticket, ev.MessageSent(body=SECRET, public=False))
            redact(mara, ticket, at_once.id)
            await ana.until(lambda: len(ana.entries(ticket)) == 6)
            await mara.until(lambda: mara.status.waiting == 0 and len(mara.entries(ticket)) == 6)
            assert (holds(ana), holds(mara), hub_holds(hub)) == (False, False, False)

    asyncio.run(story())
