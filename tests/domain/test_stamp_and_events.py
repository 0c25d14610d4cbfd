"""The envelope, its hash and chain, and which instant counts (spec events.md 1-2)."""

from __future__ import annotations

import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import events as ev
from console.domain.events import decode_payload, encode_payload, imported_id, is_imported, offer, ticket_stream
from console.domain.stamp import FIRST_NUMBER, GENESIS, Head, chain_is_whole, counts_at, stamp

OPENED = ev.TicketOpened(by="customer", channel="email", subject="Sign-in loop")
NATIVE = "01890000-0000-7000-8000-000000000001"


def an_offer(event: ev.Event = OPENED, *, id: str = NATIVE, at: int = 1_000, ticket: str = "t-1") -> ev.Offered:
    return offer(event, id=id, stream=ticket_stream(ticket), at=at, device="d", dseq=1)


@pytest.mark.parametrize("kind", list(ev.EVENT_TYPES.values()), ids=list(ev.EVENT_TYPES))
def test_every_type_survives_its_payload(kind: type[ev.Event]) -> None:
    event = kind(**{f: _sample(f, kind) for f in kind.__struct_fields__ if f in _required(kind)})
    assert decode_payload(kind.type, encode_payload(event)) == event


def _required(kind: type[ev.Event]) -> set[str]:
    return {f.name for f in msgspec.structs.fields(kind) if f.required}


def _sample(field: str, kind: type[ev.Event]) -> object:
    hints = {f.name: f.type for f in msgspec.structs.fields(kind)}
    return msgspec.convert(_value(hints[field]), hints[field])


def _value(hint: object) -> object:
    if hint is bool:
        return True
    if hint is int:
        return 7
    options = getattr(hint, "__args__", None)
    if options is None:
        return "text"
    first = options[0]
    return first if isinstance(first, str) else _value(first)


def test_a_newer_version_and_a_broken_payload_are_kept_word_for_word() -> None:
    for event in (
        decode_payload("ticket.opened", b'{"by":"robot"}'),
        decode_payload("ticket.opened", encode_payload(OPENED), ver=2),
        decode_payload("ticket.teleported", b"{}"),
    ):
        assert isinstance(event, ev.UnknownEvent)
    assert encode_payload(decode_payload("ticket.teleported", b'{"to":1}')) == b'{"to":1}'


def test_the_hash_leaves_device_and_counter_out_and_takes_everything_else() -> None:
    plain = an_offer()
    moved = offer(OPENED, id=NATIVE, stream=plain.stream, at=1_000, device="other", dseq=99)
    assert plain.hash == moved.hash
    for changed in (
        an_offer(at=1_001),
        an_offer(ticket="t-2"),
        an_offer(msgspec.structs.replace(OPENED, subject="Sign-in loops")),
        offer(OPENED, id=NATIVE, stream=plain.stream, at=1_000, device="d", dseq=1, expect="x"),
    ):
        assert changed.hash != plain.hash


def test_imported_ids_are_version_8_and_depend_on_every_part() -> None:
    a, b = imported_id("csv", "desk", "INC1", "1"), imported_id("csv", "desk", "INC1", "2")
    assert a != b
    assert a == imported_id("csv", "desk", "INC1", "1")
    assert uuid.UUID(a).version == 8
    assert is_imported(a)
    assert not is_imported(NATIVE)
    assert imported_id("ab", "c") != imported_id("a", "bc")


def test_seq_is_gapless_numbers_go_to_tickets_and_the_chain_holds() -> None:
    offers = [an_offer(id=f"01890000-0000-7000-8000-{n:012d}", ticket=f"t-{n}") for n in range(3)]
    offers.insert(1, an_offer(ev.MessageReceived(body="?"), id="01890000-0000-7000-8000-00000000000a", ticket="t-0"))
    head, entries = stamp(Head(hub_id="h"), offers, actor="Mara", now_ms=5_000)
    assert [e.seq for e in entries] == [1, 2, 3, 4]
    assert [e.number for e in entries] == [FIRST_NUMBER, None, FIRST_NUMBER + 1, FIRST_NUMBER + 2]
    assert (head.seq, head.next_number, head.chain) == (4, FIRST_NUMBER + 3, entries[-1].chain)
    assert chain_is_whole(GENESIS, entries)
    tampered = [*entries[:2], msgspec.structs.replace(entries[2], actor="Mallory"), entries[3]]
    assert not chain_is_whole(GENESIS, tampered)


def test_recorded_at_never_falls() -> None:
    head, first = stamp(Head(hub_id="h"), [an_offer()], actor="Mara", now_ms=5_000)
    _, second = stamp(head, [an_offer(id=NATIVE[:-1] + "2", ticket="t-2")], actor="Mara", now_ms=4_000)
    assert (first[0].recorded_at, second[0].recorded_at) == (5_000, 5_000)


@given(at=st.integers(0, 10**13), opened=st.integers(0, 10**13), recorded=st.integers(0, 10**13))
def test_which_instant_counts(at: int, opened: int, recorded: int) -> None:
    imported = an_offer(ev.TicketSolved(), id=imported_id("a"), at=at)
    assert counts_at(imported, recorded_at=recorded, opened_at=opened, hubless=False) == max(at, opened)
    native = an_offer(ev.TicketSolved(), at=at)
    assert counts_at(native, recorded_at=recorded, opened_at=opened, hubless=False) == recorded
    assert counts_at(native, recorded_at=recorded, opened_at=opened, hubless=True) == at
    mail = an_offer(ev.MessageReceived(body="?"), at=at)
    assert counts_at(mail, recorded_at=recorded, opened_at=opened, hubless=False) == min(at, recorded)
