"""Small facts for the tests of the journal: entries to offer, a log with everything in it, and a dump of a file."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Event, Offered, offer, ticket_stream
from console.journal.driver import choose_driver
from console.journal.states import States
from console.journal.store import Journal

MONDAY = 1_760_356_800_000
"""Monday 13 October 2025, 12:00 UTC, epoch ms."""
MINUTE = 60_000
HOUR = 60 * MINUTE

_ids = itertools.count(1)


def new_id() -> str:
    """A UUIDv7 that no other call returns."""
    return f"0199dd5e-a000-7000-8000-{next(_ids):012x}"


def fact(
    event: Event,
    ticket: str,
    *,
    at: int = MONDAY,
    id: str | None = None,
    base: str | None = None,
    expect: str | None = None,
) -> Offered:
    stream = ticket_stream(ticket)
    return offer(event, id=id or new_id(), stream=stream, at=at, device="", dseq=0, base=base, expect=expect)


def of_act(*offers: Offered) -> list[Offered]:
    """The same entries as one act."""
    act = new_id()
    return [
        offer(o.event, id=o.id, stream=o.stream, at=o.at, device="", dseq=0, base=o.base, expect=o.expect, act=act)
        for o in offers
    ]


def opened(ticket: str, subject: str = "Cannot log in", *, at: int = MONDAY, **fields: Any) -> Offered:
    asked = {"by": "customer", "channel": "email", "impact": "normal", **fields}
    return fact(ev.TicketOpened(subject=subject, **asked), ticket, at=at)


def received(ticket: str, body: str, *, at: int = MONDAY, **fields: Any) -> Offered:
    return fact(ev.MessageReceived(body=body, **fields), ticket, at=at)


def sent(ticket: str, body: str, *, at: int = MONDAY, public: bool = True) -> Offered:
    return fact(ev.MessageSent(body=body, public=public), ticket, at=at)


def pro(event: Event, account: str = "harbour", *, at: int = MONDAY, id: str | None = None) -> Offered:
    """A fact of an account's Professional Services."""
    return offer(event, id=id or new_id(), stream=pe.pro_stream(account), at=at, device="", dseq=0)


def purchase(purchase_id: str, ticket: str, account: str = "harbour", *, at: int = MONDAY) -> Offered:
    """Two hours, for a month."""
    bought = pe.LotBought(
        purchase_id=purchase_id, seconds=7200, bought_at=at, period_end=at + 30 * 24 * HOUR, ticket=ticket
    )
    return pro(bought, account, at=at)


def started(engagement: str, account: str = "harbour", *, at: int = MONDAY, engineer: str = "Mara") -> Offered:
    return pro(pe.SegmentStarted(engagement=engagement, engineer=engineer), account, at=at)


def stopped(segment: Offered, *, at: int) -> Offered:
    account = segment.stream.removeprefix(pe.pro_stream(""))
    return pro(pe.SegmentStopped(segment=segment.id, reason="stopped"), account, at=at)


def pro_story(seed: int, length: int = 120) -> list[Offered]:
    """The interleaved Pro streams of three accounts, with every kind of fact that a read model looks at."""
    chance = random.Random(seed)
    log: list[Offered] = []
    for step in range(length):
        account, ticket = chance.choice(("acme", "harbour", "zeta")), f"t-{chance.randrange(9)}"
        at = MONDAY + step * MINUTE
        running = [o for o in log if type(o.event) is pe.SegmentStarted and o.stream == pe.pro_stream(account)]
        segment = chance.choice(running).id if running else "nothing"
        grant = pe.LotGranted(reason="goodwill", seconds=3600, period_end=at + HOUR, ticket=ticket)
        log.append(
            chance.choice(
                (
                    purchase(f"P-{chance.randrange(12)}", ticket, account, at=at),
                    pro(grant, account, at=at),
                    pro(pe.EngagementOpened(ticket=ticket), account, at=at),
                    started(ticket, account, at=at, engineer=chance.choice(("Mara", "Jon"))),
                    pro(pe.SegmentStopped(segment=segment, reason="stopped"), account, at=at),
                    pro(pe.SegmentItemSet(segment=segment, item="copy", unattended_job="copy"), account, at=at),
                    pro(ev.UnknownEvent(name="lot.moved", raw=b"{}"), account, at=at),
                )
            )
        )
    return log


def allow(states: States, offers: Sequence[Offered]) -> None:
    """A decision that takes everything."""


def write(journal: Journal, *offers: Offered, now_ms: int = MONDAY) -> None:
    """Records entries, which must be taken."""
    recorded = journal.record(offers, actor="Ana", now_ms=now_ms, decide=allow)
    assert recorded.refused is None


def story(seed: int, tickets: int = 12, length: int = 14) -> list[Offered]:
    """The interleaved lives of some tickets, with every kind of fact that a read model looks at."""
    chance = random.Random(seed)
    names = [f"{seed}-{number}" for number in range(tickets)]
    log = [
        opened(
            name,
            chance.choice(("Cannot log in", "Straße überflutet", "Slow query", "")),
            by=chance.choice(("customer", "engineer", "monitoring", "purchase")),
            impact=chance.choice((*ev.IMPACTS, None)),
            external_ref=chance.choice((None, f"INC{name}")),
        )
        for name in names
    ]
    at = MONDAY
    for _ in range(length * tickets):
        at += chance.randrange(3 * HOUR)
        log.append(fact(happening(chance, log), chance.choice(names), at=at))
    return log


def happening(chance: random.Random, log: Sequence[Offered]) -> Event:
    """Something that may happen to a ticket; a redaction names any entry of the log, its own ticket's or not."""
    return chance.choice(
        (
            ev.MessageReceived(body=chance.choice(("Any news?", "It works now", "Noch immer kaputt"))),
            ev.MessageReceived(body="<p>Rich <b>text</b></p>", format="html"),
            ev.MessageSent(body="We are on it", public=chance.random() < 0.6),
            ev.CallLogged(public=True, summary="Spoke about the index"),
            ev.TicketAssigned(to=chance.choice(("Ana", "Ben", None))),
            ev.ImpactSet(impact=chance.choice((*ev.IMPACTS, None))),
            ev.SubjectSet(subject=chance.choice(("Renamed", "Renamed again"))),
            ev.StatusSet(status=chance.choice(("open", "pending", "on_hold"))),
            ev.TicketSolved(),
            ev.TicketClosed() if chance.random() < 0.2 else ev.TicketReopened(),
            ev.MarkedSpam() if chance.random() < 0.2 else ev.UnmarkedSpam(),
            ev.EntryRedacted(entry=chance.choice(log).id),
        )
    )


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the read models hold, with every term of the search index at its place."""
    database = choose_driver().module.connect(str(path))
    database.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, 'instance')")
    tables = {
        "tickets": database.execute("SELECT * FROM tickets ORDER BY rowid").fetchall(),
        "types": database.execute("SELECT rowid, typeof(assessed), typeof(due_at) FROM tickets").fetchall(),
        "pro_engagements": database.execute("SELECT * FROM pro_engagements ORDER BY stream, ticket").fetchall(),
        "pro_lots": database.execute("SELECT * FROM pro_lots ORDER BY stream, purchase").fetchall(),
        "pro_running": database.execute("SELECT * FROM pro_running ORDER BY segment").fetchall(),
        "search": database.execute("SELECT rowid, subject, body FROM search ORDER BY rowid").fetchall(),
        "terms": database.execute("SELECT * FROM terms ORDER BY term, doc, col, offset").fetchall(),
    }
    database.close()
    return tables
