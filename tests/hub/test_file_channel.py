"""Both ways through a running hub: a report in the folder becomes a ticket, a reply becomes a mail and says so."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import offer, ticket_stream
from console.hub.hub_file import FileDropSettings, HubFileError, HubSettings, read_hub_file
from console.wire.messages import Enrolled, Page, Push, Pushed, Welcome, WireEntry, entry_of, wire_event
from tests.hub.facts import new_id, sent

from .running import HubProcess, HubThread, client, until


class Desk:
    """A workstation as far as these tests need one: it pulls all there is and pushes single events."""

    def __init__(self, http: httpx2.Client, enrolled: Enrolled) -> None:
        self._http = http
        self._device = enrolled.device
        self._dseq = 0
        hello = http.post("/v1/hello", json={"app": "test", "device": enrolled.device})
        self._welcome = msgspec.json.decode(hello.content, type=Welcome)

    def pull(self) -> list[WireEntry]:
        asked = {"after": 0, "epoch": self._welcome.epoch, "scopever": self._welcome.scopever}
        answer = self._http.get("/v1/pull", params=asked)
        assert answer.status_code == 200, answer.text
        return list(msgspec.json.decode(answer.content, type=Page).entries)

    def types(self) -> list[str]:
        return [entry.type for entry in self.pull()]

    def say(self, event: ev.Event, ticket: str) -> str:
        self._dseq += 1
        offered = offer(
            event, id=new_id(), stream=ticket_stream(ticket), at=1_760_356_800_000, device=self._device, dseq=self._dseq
        )
        push = Push(
            device=self._device, epoch=self._welcome.epoch, base_dseq=self._dseq - 1, events=(wire_event(offered),)
        )
        answer = self._http.post(
            "/v1/push", content=msgspec.json.encode(push), headers={"Content-Type": "application/json"}
        )
        assert msgspec.json.decode(answer.content, type=Pushed).verdicts[0].outcome == "recorded"
        return offered.id


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    return tmp_path / "drop"


@pytest.fixture
def hub(tmp_path: Path, url: str, drop: Path) -> Iterator[HubThread]:
    settings = HubSettings(file_drop=FileDropSettings(folder=drop, sender="Support <support@hub.example>"))
    with HubThread(tmp_path / "hub", url, settings=settings) as running:
        yield running


def _report(external_id: str, **fields: object) -> str:
    return json.dumps(
        {
            "kind": "message",
            "source": "gateway",
            "external_id": external_id,
            "from": "Maria <maria@riverside.example>",
            "subject": "Labs do not start",
            "body": "Since this morning.",
            "message_id": f"<{external_id}@riverside.example>",
            **fields,
        }
    )


def test_a_conversation_goes_in_and_out_and_in_again(hub: HubThread, drop: Path) -> None:
    (drop / "token").write_text(hub.enrol("Gateway", "service", "desk").token)
    ana = hub.enrol("Ana")
    with client(hub.url, ana) as http:
        desk = Desk(http, ana)
        (drop / "in" / "1.json").write_text(_report("first"))
        until(lambda: desk.types() == ["ticket.opened", "message.received"])
        until(lambda: (drop / "done" / "1.json").exists())
        ticket = desk.pull()[0].stream.partition(":")[2]

        reply = desk.say(sent("Please try again."), ticket)
        until(lambda: desk.types()[3:] == ["message.delivery"])
        delivery = entry_of(desk.pull()[-1])
        assert delivery.event == ev.MessageDelivery(message=reply, state="accepted")
        assert delivery.actor == "Mail delivery"
        mail = email.message_from_bytes((drop / "out" / f"{reply}.eml").read_bytes(), policy=email.policy.default)
        assert mail["In-Reply-To"] == "<first@riverside.example>"
        assert mail["To"] == "Maria <maria@riverside.example>"

        (drop / "in" / "2.json").write_text(_report("second", in_reply_to=mail["Message-ID"], subject="Thanks"))
        until(lambda: desk.types()[4:] == ["message.received"])
        assert desk.pull()[-1].stream == ticket_stream(ticket)


def test_reports_wait_until_the_token_of_a_service_is_there(hub: HubThread, drop: Path) -> None:
    with client(hub.url, hub.enrol("Ana")) as http:
        (drop / "in" / "1.json").write_text(_report("first"))
        (drop / "token").write_text("sc_nobody")
        assert http.get("/v1/health").status_code == 200
    assert (drop / "in" / "1.json").exists()
    (drop / "token").write_text(hub.enrol("Gateway", "service", "desk").token)
    until(lambda: (drop / "done" / "1.json").exists())


def test_what_cannot_be_taken_is_set_aside_with_its_reason(hub: HubThread, drop: Path) -> None:
    (drop / "token").write_text(hub.enrol("Gateway", "service", "desk").token)
    (drop / "in" / "1.json").write_text(_report("first"))
    (drop / "in" / "2.json").write_text(_report("first", body="Other."))
    (drop / "in" / "3.json").write_text(_report("third", restricted="breach"))
    until(lambda: len(list((drop / "rejects").glob("*.json"))) == 2)
    why = [(drop / "rejects" / f"{name}.why.txt").read_text() for name in ("2", "3")]
    assert why == [
        "The external id is known already with other content.\n",
        "There is no such ticket or account.\n",
    ]


def test_a_hub_that_is_killed_while_it_sends_says_that_it_does_not_know(tmp_path: Path, url: str, drop: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "hub.toml").write_text(f'[file_drop]\nfolder = "{drop}"\n')
    with HubProcess(folder, url) as process, HubThread(tmp_path / "other", url) as other:
        until(lambda: (drop / "in").is_dir())
        ana = other.enrol("Ana")
        with client(process.url, ana) as http:
            desk = Desk(http, ana)
            ticket = new_id()
            desk.say(ev.TicketOpened(by="customer", channel="email", subject="Labs"), ticket)
            replies = [desk.say(sent(f"Reply {count}."), ticket) for count in range(10)]
            until(lambda: any((drop / "out").iterdir()))
        process.kill()
        process.start()
        with client(process.url, ana) as http:
            desk = Desk(http, ana)
            until(lambda: desk.types().count("message.delivery") == len(replies), 30)
            events = [entry_of(entry).event for entry in desk.pull() if entry.type == "message.delivery"]
        states = {event.message: event.state for event in events if isinstance(event, ev.MessageDelivery)}
        assert set(states) == set(replies)
        written = {path.stem for path in (drop / "out").glob("*.eml")}
        assert {id for id, state in states.items() if state == "accepted"} <= written
        assert {state for id, state in states.items() if id not in written} <= {"uncertain"}


def test_the_file_of_settings_names_the_folder_and_the_sender(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('[file_drop]\nfolder = "drop"\nsender = "Support <support@hub.example>"\n')
    settings = read_hub_file(tmp_path).file_drop
    assert settings == FileDropSettings(folder=tmp_path / "drop", sender="Support <support@hub.example>")
    (tmp_path / "hub.toml").write_text('[file_drop]\nfolder = "drop"\nsender = "nobody"\n')
    with pytest.raises(HubFileError, match=r"line 3: the sender must be a mail address"):
        read_hub_file(tmp_path)
