"""Who may record what and who reads what, through the whole hub: every role pushes every type, and reads every way.

The expected table is the one of `tests.domain.test_access`, written out by hand; here the hub's own way from the token
to the stored verdict is proved.
"""

from __future__ import annotations

import io
from typing import Any, Final, get_type_hints

import msgspec
import pytest
import zstandard

from console.domain.access import NOT_THERE, Role
from console.domain.events import EVENT_TYPES, Event, ticket_stream
from console.domain.pro_events import PRO_EVENTS
from console.wire.messages import Verdict
from tests.domain.test_access import MAY
from tests.hub.running import HubThread
from tests.hub.workstation import Workstation, new_id, problem

WHO: Final[tuple[tuple[Role, tuple[str, ...]], ...]] = (
    ("engineer", ()),
    ("engineer", ("restricted:legal",)),
    ("lead", ()),
    ("billing", ()),
    ("billing", ("desk",)),
    ("admin", ()),
    ("admin", ("restricted:legal",)),
    ("service", ()),
    ("service", ("desk", "pro:Mill")),
)
OF_ROLE: Final[dict[Role, set[str]]] = {
    "engineer": {"desk", "pro:Mill", "pro:Harbour Ltd"},
    "lead": {"desk", "pro:Mill", "pro:Harbour Ltd"},
    "billing": {"pro:Mill", "pro:Harbour Ltd"},
    "admin": {"desk", "pro:Mill", "pro:Harbour Ltd"},
    "service": set(),
}
"""What a role sees of the streams of this test by itself."""
BY_NAME: Final[dict[str, Any]] = {
    "by": "engineer",
    "public": True,
    "state": "queued",
    "impact": "high",
    "status": "open",
    "partner": True,
    "time_sensitive": True,
    "by_engineer": True,
    "by_customer": True,
    "answer": "worked",
}
"""Values of the fields that are one of a few words or a flag; other texts and numbers may be anything."""


def sample(kind: str, target: str) -> Event:
    """The least event of a type; `target` is the id of an entry that it can be about."""
    cls = EVENT_TYPES[kind]
    hints = get_type_hints(cls)
    facts: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        if field.required:
            plain = 5 if hints[field.name] is int else target
            facts[field.name] = BY_NAME.get(field.name, plain)
    return cls(**facts)


class Story:
    """One hub with a ticket for all, a restricted one, and two accounts; each stream with a message or a lot."""

    def __init__(self, server: HubThread) -> None:
        self.server = server
        with self.workstation("admin", ("restricted:legal",), person="Ada Admin") as ada:
            self.streams = {
                "desk": ticket_stream(ada.open_ticket("Zeppelin")),
                "restricted:legal": ticket_stream(ada.open_ticket("Zeppelin", restricted="legal")),
                "pro:Mill": "pro:Mill",
                "pro:Harbour Ltd": "pro:Harbour Ltd",
            }
            self.targets: dict[str, str] = {}
            for scope, stream in self.streams.items():
                kind = "lot.bought" if scope.startswith("pro:") else "call.logged"
                event = ada.event(sample(kind, "x"), stream)
                ada.push(event)
                self.targets[scope] = event.id

    def workstation(self, role: Role, grants: tuple[str, ...], person: str = "") -> Workstation:
        return Workstation(self.server.url, self.server.enrol(person or f"{role} {len(grants)}", role, *grants))


@pytest.fixture
def story(hub_server: HubThread) -> Story:
    return Story(hub_server)


def kinds_of(scope: str) -> list[str]:
    """The types that belong to a stream of the scope."""
    is_pro = scope.startswith("pro:")
    return [kind for kind, cls in EVENT_TYPES.items() if (cls in PRO_EVENTS) == is_pro]


@pytest.mark.parametrize(("role", "grants"), WHO)
def test_every_type_is_recorded_or_refused_as_the_table_says_in_every_scope(
    story: Story, role: Role, grants: tuple[str, ...]
) -> None:
    seen = OF_ROLE[role] | set(grants)
    wrong: list[tuple[str, str, Verdict]] = []
    with story.workstation(role, grants) as station:
        for scope, stream in story.streams.items():
            kinds = kinds_of(scope)
            events = [station.event(sample(kind, story.targets[scope]), stream) for kind in kinds]
            for kind, verdict in zip(kinds, station.push(*events).verdicts, strict=True):
                may = scope in seen and role in MAY[kind]
                if (verdict.outcome == "recorded") != may or (scope not in seen and verdict.reason != NOT_THERE):
                    wrong.append((scope, kind, verdict))
    assert wrong == []


@pytest.mark.parametrize(("role", "grants"), WHO)
def test_every_way_of_reading_gives_what_the_asker_sees_and_nothing_else(
    story: Story, role: Role, grants: tuple[str, ...]
) -> None:
    seen = OF_ROLE[role] | set(grants)
    with story.workstation(role, grants) as station:
        page = station.pull()
        assert {entry.scope for entry in page.entries} == seen
        assert page.next == page.head == 6
        assert _scopes_of_snapshot(station) == seen
        assert station.http.get("/v1/checksum?seq=6").json()["count"] == len(page.entries)
        for scope, stream in story.streams.items():
            answer = station.http.get(f"/v1/streams/{stream}")
            assert (answer.status_code == 200) == (scope in seen)
            if scope not in seen:
                absent = station.http.get(f"/v1/streams/{ticket_stream(new_id())}")
                assert problem(answer, 404) == problem(absent, 404)
        found = {hit["ticket"] for hit in station.http.get("/v1/search?q=zeppelin").json()["hits"]}
        assert found == {
            stream.removeprefix("ticket:")
            for scope, stream in story.streams.items()
            if scope in seen and stream.startswith("ticket:")
        }


def _scopes_of_snapshot(station: Workstation) -> set[str]:
    answer = station.http.get("/v1/snapshot")
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(answer.content)) as stream:
        _, *lines, _ = stream.read().splitlines()
    return {msgspec.json.decode(line)["scope"] for line in lines}


def test_a_workstation_that_is_demoted_is_refused_from_its_next_push_on(story: Story) -> None:
    with story.workstation("lead", (), person="Lea") as lea:
        about = story.targets["desk"]
        redact = sample("entry.redacted", about)
        story.server.hub.people.set_role("Lea", "engineer")
        (verdict,) = lea.push(lea.event(redact, story.streams["desk"])).verdicts
        assert verdict.outcome == "refused"
        assert verdict.reason is not None
        assert "role engineer" in verdict.reason
