"""Whoever reads gets all that is theirs, nothing else, and is told when their log is not the hub's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import pytest
from sqlalchemy import Engine, event

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.stamp import checksum_of
from console.hub import checksums
from console.hub.errors import Conflicted, MalformedRequest, NotSignedIn
from console.hub.log import HubLog
from console.hub.people import People
from console.wire.messages import PULL_PAGE_BYTES, SnapshotEnd, SnapshotHead, WireEntry

from .facts import MONDAY, Workstation, new_id, opened, sent

Join = Callable[..., Workstation]


@pytest.fixture
def join(log: HubLog, people: People) -> Join:
    return lambda *asked, **more: Workstation(log, people, *asked, **more)


@pytest.fixture
def story(join: Join) -> Workstation:
    """An admin who wrote in every kind of scope; the seqs of each are in the order desk, legal, harbour, acme, desk."""
    kim = join("Kim", "admin", ["restricted:legal"])
    kim.say(opened("for all"), new_id())
    kim.say(opened("for few", restricted="legal"), new_id())
    for account in ("harbour", "acme"):
        kim.push(
            kim.write(
                pe.LotGranted(reason="trial", seconds=60, period_end=MONDAY * 2, ticket=new_id()),
                stream=pe.pro_stream(account),
            )
        )
    kim.say(opened("for all again"), new_id())
    return kim


READERS = {
    "engineer": (("engineer", []), {"desk", "pro:harbour", "pro:acme"}),
    "trusted": (("engineer", ["restricted:legal"]), {"desk", "restricted:legal", "pro:harbour", "pro:acme"}),
    "billing": (("billing", []), {"pro:harbour", "pro:acme"}),
    "mailer": (("service", ["desk"]), {"desk"}),
    "partner": (("service", ["pro:acme"]), {"pro:acme"}),
    "doubled": (("billing", ["pro:acme", "pro:*"]), {"pro:harbour", "pro:acme"}),
    "nobody": (("service", []), set()),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_no_reading_gives_more_or_less_than_ones_scopes(
    story: Workstation, join: Join, log: HubLog, name: str, limit: int
) -> None:
    (role, grants), visible = READERS[name]
    reader = join(name, role, grants)
    everything = story.pull()
    expected = [entry for entry in everything if entry.scope in visible]
    assert reader.pull(limit) == expected
    assert (reader.cursor, reader.chain) == (5, everything[-1].chain)
    head, entries, end = loaded(log.snapshot(reader.author))
    assert entries == expected
    assert (head.seq, head.chain, head.count, end.count) == (5, everything[-1].chain, len(expected), len(expected))
    checked = log.checksum(reader.author, 5)
    parts = [(entry.chain, bytes(entry.payload)) for entry in expected]
    assert checked.checksum == end.checksum == checksum_of(parts)
    assert (checked.seq, checked.count) == (5, len(expected))
    for entry in everything:
        stream = log.stream(reader.author, entry.stream)
        assert stream == ((entry,) if entry.scope in visible else None)
    assert {hit.subject for hit in log.search(reader.author, "few")} == (
        {"for few"} if "restricted:legal" in visible else set()
    )


def loaded(lines: Iterable[bytes]) -> tuple[SnapshotHead, list[WireEntry], SnapshotEnd]:
    first, *entries, last = b"".join(lines).splitlines()
    return (
        msgspec.json.decode(first, type=SnapshotHead),
        [msgspec.json.decode(line, type=WireEntry) for line in entries],
        msgspec.json.decode(last, type=SnapshotEnd),
    )


def test_somebody_who_sees_little_jumps_to_the_next_entry(story: Workstation, join: Join, engine: Engine) -> None:
    ticket = new_id()
    story.say(opened(), ticket)
    for _ in range(20):
        story.push(*(story.write(sent("noise"), ticket) for _ in range(50)))
    story.push(story.write(pe.EngagementOpened(ticket=new_id()), stream=pe.pro_stream("acme")))
    partner = join("partner", "service", ["pro:acme"])
    page = partner.page(limit=10)
    assert [entry.scope for entry in page.entries] == ["pro:acme", "pro:acme"]
    assert page.next == page.head


def test_a_page_stays_under_its_size(join: Join) -> None:
    ana, ticket = join("Ana"), new_id()
    ana.say(opened(), ticket)
    for _ in range(4):
        ana.push(*(ana.write(sent("x" * 60_000), ticket) for _ in range(8)))
    sizes = []
    while (page := ana.page()).entries:
        sizes.append(len(msgspec.json.encode(page)))
    assert len(sizes) == 2
    assert max(sizes) <= PULL_PAGE_BYTES


def test_a_reader_at_the_head_gets_an_empty_page(story: Workstation) -> None:
    story.pull()
    page = story.page()
    assert (page.entries, page.next, page.chain, page.head) == ((), 5, story.chain, 5)


def test_another_epoch_is_told_before_anything_else(story: Workstation) -> None:
    story.epoch, story.cursor = 9, 99
    with pytest.raises(Conflicted) as caught:
        story.page()
    assert caught.value.conflict.kind == "epoch"
    assert caught.value.conflict.welcome is not None


@pytest.mark.parametrize("cursor", [3, 6, -1, 2**62, 2**80])
def test_a_log_that_is_not_a_part_of_the_hubs_is_diverged(story: Workstation, cursor: int) -> None:
    story.cursor, story.chain = cursor, b"x" * 32
    with pytest.raises(Conflicted) as caught:
        story.page()
    assert caught.value.conflict.kind == "diverged"


def test_a_change_of_rights_is_told_with_the_new_scopes(story: Workstation, join: Join, people: People) -> None:
    ana = join("Ana")
    ana.pull()
    people.grant("Ana", "restricted:legal")
    with pytest.raises(Conflicted) as caught:
        ana.page()
    conflict = caught.value.conflict
    assert conflict.kind == "rescope"
    assert conflict.welcome is not None
    assert conflict.welcome.scopes == ("accounts", "desk", "pro:*", "restricted:legal")
    assert conflict.welcome.scopever == ana.scopever + 1


def test_rights_are_those_of_now_and_not_of_the_author(
    story: Workstation, join: Join, people: People, log: HubLog
) -> None:
    ana = join("Ana", "engineer", ["restricted:legal"])
    author = ana.author
    people.ungrant("Ana", "restricted:legal")
    secret = next(entry.stream for entry in story.pull() if entry.scope == "restricted:legal")
    assert log.stream(author, secret) is None
    assert log.search(author, "few") == []
    assert all(entry.scope != "restricted:legal" for entry in loaded(log.snapshot(author))[1])


def test_a_snapshot_of_gained_scopes_holds_only_those(story: Workstation, log: HubLog) -> None:
    head, entries, _ = loaded(log.snapshot(story.author, ["restricted:legal", "pro:acme"], after=1, upto=4))
    assert [entry.scope for entry in entries] == ["restricted:legal", "pro:acme"]
    assert (head.after, head.seq, head.scopes) == (1, 4, ("restricted:legal", "pro:acme"))


@pytest.mark.parametrize(
    "asked",
    [
        {"scopes": ["restricted:legal"]},
        {"scopes": ["restricted:no such"]},
        {"scopes": ["pro:acme", "nonsense"]},
        {"upto": 6},
        {"upto": -1},
        {"after": 6},
        {"after": -1},
        {"upto": 2**70},
    ],
)
def test_a_snapshot_of_what_is_not_ones_own_or_not_there_is_refused_at_once(
    story: Workstation, join: Join, log: HubLog, asked: dict[str, object]
) -> None:
    ana = join("Ana")
    with pytest.raises(MalformedRequest):
        log.snapshot(ana.author, **asked)  # type: ignore[arg-type]


def test_nobody_sees_all_accounts_for_seeing_one(story: Workstation, join: Join, log: HubLog) -> None:
    partner = join("partner", "service", ["pro:acme"])
    with pytest.raises(MalformedRequest):
        log.snapshot(partner.author, ["pro:*"])


def test_a_snapshot_that_is_given_up_frees_its_connection(story: Workstation, log: HubLog, engine: Engine) -> None:
    freed: list[object] = []
    event.listen(engine, "checkin", lambda connection, _: freed.append(connection))
    author = story.author
    freed.clear()
    lines = log.snapshot(author)
    next(lines)
    assert freed == []
    lines.close()  # type: ignore[attr-defined]
    assert len(freed) == 1


def test_a_snapshot_is_one_state_whatever_is_pushed_meanwhile(story: Workstation, log: HubLog) -> None:
    lines = log.snapshot(story.author)
    story.say(opened("later"), new_id())
    _, entries, end = loaded(lines)
    assert len(entries) == end.count == 5


def test_checksums_go_on_from_what_was_read_before(
    story: Workstation, log: HubLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "STRETCH", 2)
    everything = story.pull()
    for seq in (1, 4, 3, 5, 2, 0):
        parts = [(entry.chain, bytes(entry.payload)) for entry in everything[:seq]]
        assert log.checksum(story.author, seq).checksum == checksum_of(parts)


def test_a_redaction_changes_the_checksum_that_was_kept(
    join: Join, log: HubLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "STRETCH", 1)
    lead, ticket = join("Lea", "lead"), new_id()
    lead.say(opened(), ticket)
    message = lead.say(sent("secret"), ticket)
    log.checksum(lead.author, 2)
    lead.say(ev.EntryRedacted(entry=message.id), ticket)
    checked = log.checksum(lead.author, 2)
    parts = [(entry.chain, bytes(entry.payload)) for entry in lead.pull()]
    assert checked.seq == 3  # before the redaction nobody who pulls now can agree
    assert checked.checksum == checksum_of(parts)


@pytest.mark.parametrize("seq", [-1, 6, 2**70])
def test_there_is_no_checksum_beyond_the_head(story: Workstation, log: HubLog, seq: int) -> None:
    with pytest.raises(MalformedRequest):
        log.checksum(story.author, seq)


def test_a_person_who_is_not_enrolled_reads_nothing(story: Workstation, log: HubLog) -> None:
    stranger = msgspec.structs.replace(story.author, person="Stranger")
    for ask in (lambda: log.checksum(stranger, 0), lambda: log.snapshot(stranger), lambda: log.welcome("Stranger")):
        with pytest.raises(NotSignedIn):
            ask()


@pytest.mark.parametrize("name", ["ticket:nothing", "", "\x00", "pro:"])
def test_a_stream_that_is_not_there_is_none(story: Workstation, log: HubLog, name: str) -> None:
    assert log.stream(story.author, name) is None


def test_search_finds_words_as_people_write_them(join: Join, log: HubLog) -> None:
    ana, ticket, other = join("Ana"), new_id(), new_id()
    ana.push(
        ana.write(opened("Überflutung im Keller", external_ref="INC-7"), ticket),
        ana.write(
            ev.MessageReceived(body="<blockquote>Write to Zoë.Müller@example.com</blockquote>", format="html"), ticket
        ),
        ana.write(ev.CallLogged(public=True, summary="Version 10.4.2 is affected"), ticket),
        ana.write(opened("Another keller"), other),
        ana.write(ev.SubjectSet(subject="Renamed basement"), other),
    )

    def found(words: str) -> list[str]:
        return [hit.ticket for hit in log.search(ana.author, words)]

    assert found("uberflutung") == [ticket]
    assert found("muller example") == [ticket]
    assert found("Muell") == []
    assert found("mül") == [ticket]
    assert found("mül ") == []
    assert found('"example com"') == [ticket]
    assert found('"com example"') == []
    assert found("10.4.2") == [ticket]
    assert sorted(found("keller")) == sorted([ticket, other])
    assert found("blockquote") == []
    hit = next(hit for hit in log.search(ana.author, "basement"))
    assert (hit.subject, hit.number, hit.snippet) == ("Renamed basement", 10_002, "Renamed \u2039basement\u203a")
    assert log.search(ana.author, "version")[0].external_ref == "INC-7"


@pytest.mark.parametrize(
    "words", ["", "  ", "'", "\\", "!!! ???", "a' | 'b", "\x00", ":*", '"', "&|!<->()", "%s %(x)s"]
)
def test_nothing_that_can_be_typed_breaks_the_search(story: Workstation, log: HubLog, words: str) -> None:
    assert log.search(story.author, words) == []


def test_the_newest_of_equal_matches_comes_first_and_the_limit_holds(join: Join, log: HubLog) -> None:
    ana = join("Ana")
    tickets = [new_id() for _ in range(5)]
    ana.push(*(ana.write(opened("printer"), ticket) for ticket in tickets))
    assert [hit.ticket for hit in log.search(ana.author, "printer", 2)] == tickets[:2:-1]


def test_a_snippet_marks_matches_and_leaves_out_the_rest(join: Join, log: HubLog) -> None:
    ana, ticket = join("Ana"), new_id()
    ana.push(ana.write(opened(), ticket), ana.write(sent("word " * 40 + "needle! " + "tail " * 40), ticket))
    (hit,) = log.search(ana.author, "need")
    assert hit.snippet == "\u2026word word word word \u2039needle\u203a! " + " ".join(["tail"] * 11) + "\u2026"


def test_a_welcome_says_who_and_where(story: Workstation, log: HubLog) -> None:
    welcome = log.welcome("Kim")
    assert (welcome.person, welcome.role, welcome.head, welcome.epoch) == ("Kim", "admin", 5, 1)
    assert welcome.scopes == ("accounts", "desk", "pro:*", "restricted:legal")
    assert (welcome.fork_seq, welcome.fork_chain) == (0, bytes(32))
    assert welcome.now_ms == MONDAY
