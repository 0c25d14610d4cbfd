"""The hub's pure decision: known, recorded, void or refused. Source: spec sync.md 1-2, events.md 1."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from console.domain import access, push
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Entry, Event, Offered
from console.domain.push import Author, Decision, Known
from console.domain.redaction import redacted, redacted_payload
from console.domain.stamp import GENESIS, Head

NOW = 1_790_000_000_000
ANA = Author(person="Ana", role="engineer", scopes=access.scopes_of("engineer"), device="D", enrolled_at=NOW)
LEAD = replace(ANA, person="Ben", role="lead")
A, B, C = (ev.ticket_stream(f"00000000-0000-7000-8000-00000000000{n}") for n in "abc")
OPENED = ev.TicketOpened(by="customer", channel="web", subject="Printer")


class Hub:
    """A log that is kept by `decide` alone."""

    def __init__(self) -> None:
        self.head = Head(hub_id="hub")
        self.entries: list[Entry] = []
        self.refused: dict[str, tuple[bytes, push.Verdict]] = {}
        self.last: dict[str, int] = {}
        self.dseq: dict[str, int] = {}
        self.ids = 0

    def offer(self, event: Event, stream: str = A, *, device: str = "D", **envelope: str | None) -> Offered:
        self.ids += 1
        self.dseq[device] = self.dseq.get(device, 0) + 1
        id = f"{self.ids:08x}-0000-7000-8000-000000000000"
        return ev.offer(
            event,
            id=id,
            stream=stream,
            at=NOW,
            device=device,
            dseq=self.dseq[device],
            **envelope,  # type: ignore[arg-type]
        )

    def push(self, *batch: Offered, author: Author = ANA) -> Decision:
        needs = push.needs(batch)
        opened = {e.stream: e.counts_at for e in self.entries if isinstance(e.event, ev.TicketOpened) and e.applied}
        verdicts = {
            e.id: (e.hash, push.Verdict(id=e.id, outcome="recorded", seq=e.seq, effect=e.effect, number=e.number))
            for e in self.entries
        }
        known = Known(
            head=self.head,
            device_last=self.last.get(author.device, 0),
            verdicts={**verdicts, **self.refused},
            scopes={e.stream: e.scope for e in self.entries},
            opened_at=opened,
            streams={
                stream: [e for e in self.entries if e.stream == stream]
                for stream in {*needs.whole, *({e.stream for e in self.entries} if needs.all_pro else ())}
            },
        )
        decision = push.decide(batch, author, known, now_ms=NOW)
        self.head = decision.head
        self.entries += decision.entries
        self.last[author.device] = decision.device_last
        for offered, reason in decision.refused:
            verdict = push.Verdict(id=offered.id, outcome="refused", reason=reason)
            self.refused[offered.id] = (offered.hash, verdict)
        return decision

    def say(self, *batch: Offered, author: Author = ANA) -> list[str]:
        """What becomes of each event, in a word, or a sentence."""
        return [
            verdict.reason or (verdict.effect if verdict.outcome == "recorded" else verdict.outcome)
            for verdict in self.push(*batch, author=author).verdicts
        ]


@pytest.fixture
def hub() -> Hub:
    hub = Hub()
    hub.push(hub.offer(OPENED, A), hub.offer(OPENED, B))
    return hub


def _seqs(entries: Sequence[Entry]) -> list[int]:
    return [entry.seq for entry in entries]


def test_what_is_new_is_recorded_in_its_order(hub: Hub) -> None:
    decision = hub.push(hub.offer(ev.TicketTagged(tag="one")), hub.offer(ev.TicketTagged(tag="two")))

    assert _seqs(decision.entries) == [3, 4]
    assert [verdict.seq for verdict in decision.verdicts] == [3, 4]
    assert decision.device_last == 4


def test_what_is_known_keeps_its_verdict_and_advances_the_counter(hub: Hub) -> None:
    tag = hub.offer(ev.TicketTagged(tag="one"))
    first = hub.push(tag)
    again = hub.push(replace(tag, device="E", dseq=9), author=replace(ANA, device="E"))

    assert again.verdicts == first.verdicts
    assert again.entries == ()
    assert again.device_last == 9


def test_a_refusal_is_remembered_when_the_person_may_by_then(hub: Hub) -> None:
    redaction = hub.offer(ev.EntryRedacted(entry=hub.entries[0].id))
    first = hub.push(redaction)
    again = hub.push(redaction, author=LEAD)

    assert first.verdicts[0].outcome == "refused"
    assert again.verdicts == first.verdicts


def test_an_id_with_other_content_is_refused(hub: Hub) -> None:
    tag = hub.offer(ev.TicketTagged(tag="one"))
    hub.push(tag)
    other = replace(hub.offer(ev.TicketTagged(tag="two")), id=tag.id)

    assert hub.say(other) == ["Its id is known already with other content."]


def test_an_unknown_id_below_the_counter_is_a_device_conflict_and_stops_the_batch(hub: Hub) -> None:
    behind = replace(hub.offer(ev.TicketTagged(tag="one")), dseq=2)
    decision = hub.push(behind, hub.offer(ev.TicketTagged(tag="two")))

    assert [verdict.outcome for verdict in decision.verdicts] == ["device_conflict"]
    assert decision.entries == ()


def test_an_event_of_a_newer_version_stops_the_batch_behind_what_is_known(hub: Hub) -> None:
    one, two, three = (hub.offer(ev.TicketTagged(tag=tag)) for tag in ("one", "two", "three"))
    decision = hub.push(one, replace(two, ver=2), three)

    assert [verdict.outcome for verdict in decision.verdicts] == ["recorded", "retry_after_upgrade"]
    assert decision.device_last == 3


def test_a_ticket_is_taken_once(hub: Hub) -> None:
    take = hub.offer(ev.TicketAssigned(to="Ana"), expect="unassigned")
    late = hub.offer(ev.TicketAssigned(to="Ben"), expect="unassigned")

    assert hub.say(take, late) == ["applied", "void: Not taken: Ana had it already."]


def test_an_act_is_all_void_when_one_of_its_guards_says_no(hub: Hub) -> None:
    hub.push(hub.offer(ev.TicketSolved(), B), hub.offer(ev.TicketClosed(), B))
    into = B.partition(":")[2]
    merge = [hub.offer(ev.TicketMerged(into=into), A, act="x"), hub.offer(ev.TicketLinked(to=A), B, act="x")]

    assert hub.say(*merge) == ["void: Not merged: the other ticket is not open."] * 2


def test_a_fact_of_work_counts_in_a_void_act(hub: Hub) -> None:
    start = hub.offer(pe.SegmentStarted(engagement="e"), "pro:acme")
    hub.push(start)
    stop = hub.offer(pe.SegmentStopped(segment=start.id, reason="done"), "pro:acme", act="x")
    other = hub.offer(ev.TicketReopened(), A, act="x")

    assert hub.say(stop, other) == ["applied", "void: Not reopened: the ticket is not solved."]


def test_an_act_is_all_refused_when_one_of_its_events_is_not_allowed(hub: Hub) -> None:
    act = [hub.offer(ev.TicketTagged(tag="x"), act="x"), hub.offer(ev.EntryRedacted(entry=hub.entries[0].id), act="x")]
    decision = hub.push(*act)

    assert {verdict.outcome for verdict in decision.verdicts} == {"refused"}
    assert len(decision.refused) == 2


def test_a_stream_that_the_author_does_not_see_is_told_like_one_that_is_not_there(hub: Hub) -> None:
    vip = replace(ANA, scopes=(*ANA.scopes, "restricted:vip"))
    hub.push(hub.offer(replace(OPENED, restricted="vip"), C), author=vip)

    assert hub.say(hub.offer(ev.TicketTagged(tag="x"), C)) == [access.NOT_THERE]
    assert hub.say(hub.offer(ev.TicketTagged(tag="x"), A.replace("a", "f"))) == [access.NOT_THERE]


def test_a_merge_into_a_ticket_out_of_sight_tells_nothing_of_it(hub: Hub) -> None:
    vip = replace(ANA, scopes=(*ANA.scopes, "restricted:vip"))
    hub.push(hub.offer(replace(OPENED, restricted="vip"), C), author=vip)

    said = hub.say(hub.offer(ev.TicketMerged(into=C.partition(":")[2]), A))
    assert said == ["void: Not merged: the other ticket is not open."]


def test_a_ticket_whose_opening_is_void_takes_nothing_but_a_redaction(hub: Hub) -> None:
    hub.push(hub.offer(ev.TicketSolved(), A))
    new = C.partition(":")[2]
    split, opening = hub.offer(ev.TicketSplit(new=new), A, act="x"), hub.offer(OPENED, C, act="x")
    assert [said[:5] for said in hub.say(split, opening)] == ["void:", "void:"]

    assert hub.say(hub.offer(ev.MessageSent(body="Hello", public=True), C)) == [access.NOT_THERE]
    assert hub.say(hub.offer(ev.TicketAssigned(to="Ana"), C, expect="unassigned")) == [access.NOT_THERE]
    assert hub.say(hub.offer(ev.EntryRedacted(entry=opening.id), C), author=LEAD) == ["applied"]


def test_a_redaction_names_an_entry_of_its_stream_that_holds_words(hub: Hub) -> None:
    tag = hub.offer(ev.TicketTagged(tag="x"))
    hub.push(tag)

    of_a_tag = hub.offer(ev.EntryRedacted(entry=tag.id))
    elsewhere = hub.offer(ev.EntryRedacted(entry=tag.id), B)
    assert hub.say(of_a_tag, author=LEAD) == ["Not redacted: the entry holds no text."]
    assert hub.say(elsewhere, author=LEAD) == ["Not redacted: the ticket or account has no such entry."]


def test_an_entry_without_its_words_is_taken_again_under_its_hash(hub: Hub) -> None:
    said = hub.offer(ev.MessageSent(body="Secret", public=False))
    without = replace(said, event=redacted(said.event), payload=redacted_payload(said.event))

    decision = hub.push(without)
    assert decision.entries[0].hash == said.hash


def test_content_that_is_not_that_of_the_hash_is_refused(hub: Hub) -> None:
    said = hub.offer(ev.MessageSent(body="Hello", public=False))
    other = ev.MessageSent(body="Good-bye", public=False)

    changed = replace(said, event=other, payload=ev.encode_payload(other))
    assert hub.say(changed) == ["Its hash is not that of its content."]


def test_an_event_of_another_device_is_refused(hub: Hub) -> None:
    other = replace(hub.offer(ev.TicketTagged(tag="x")), device="E")

    assert hub.say(other) == ["It names another workstation than the one that sends it."]


def test_what_is_too_large_is_refused(hub: Hub) -> None:
    assert hub.say(hub.offer(ev.MessageSent(body="x" * 70_000, public=False))) == ["It is 68 KiB, the limit is 64 KiB."]


def test_an_empty_log_begins_with_seq_one_and_a_chain_from_genesis() -> None:
    hub = Hub()
    decision = hub.push(hub.offer(OPENED))

    assert _seqs(decision.entries) == [1]
    assert decision.entries[0].number == 10_001
    assert hub.head.chain != GENESIS
