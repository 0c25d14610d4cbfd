"""Every operation of the OpenAPI document under requests that nobody thought of: no failure, honest answers, no leak.

`--long` asks a hundred times as often. The hub holds texts, names and a file that the asker may not see; requests are
lured towards them, and nothing of them may stand in any answer.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.domain import events as ev
from console.domain.events import ticket_stream
from console.hub.limits import Limits, Rate
from tests.hub.running import HubThread, bearer
from tests.hub.workstation import Workstation

pytestmark = pytest.mark.thorough

EXAMPLES: Final = 25
LONG: Final = 2_500
ENDLESS: Final = "/v1/poke"
"""A stream that does not end by itself; it has tests of its own."""
LEAVING: Final = "/v1/devices/self"
"""It signs the asker out, after which nothing else would be asked."""
OFTEN: Final = Rate(burst=1e9, per_s=1e9)
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FILE: Final = b"the contract that nobody may read"


@pytest.fixture
def fuzzed(tmp_path: Path, url: str) -> Iterator[HubThread]:
    limits = Limits(sync=OFTEN, snapshot=OFTEN, presence=OFTEN, search=OFTEN, enrol=OFTEN)
    with HubThread(tmp_path, url, limits=limits) as server:
        yield server


def secrets_of(server: HubThread) -> list[str]:
    """What stands in the hub and is not for the asker."""
    with Workstation(server.url, server.enrol("Lea Geheim", "lead", "restricted:verschwiegen")) as lea:
        ticket = lea.open_ticket("Unaussprechlich", restricted="verschwiegen")
        sha256 = hashlib.sha256(FILE).hexdigest()
        headers = {"Content-Type": "application/octet-stream"}
        assert lea.http.put(f"/v1/blobs/{sha256}", content=FILE, headers=headers).status_code == 201
        file = ev.Attachment(name="vertrag.txt", size=len(FILE), sha256=sha256)
        body = ev.MessageReceived(body="Unsagbar.", sender="Dana Verborgen", attachments=(file,))
        lea.push(lea.event(body, ticket_stream(ticket)))
        return [
            ticket,
            "Unaussprechlich",
            "Unsagbar",
            "Verborgen",
            "Lea Geheim",
            "verschwiegen",
            "nobody may read",
            lea.enrolled.token,
            lea.enrolled.device,
            sha256,
        ]


def test_no_request_fails_the_hub_gets_an_answer_that_is_not_described_or_tells_what_is_not_the_askers(
    fuzzed: HubThread, long: bool
) -> None:
    hidden = secrets_of(fuzzed)
    with Workstation(fuzzed.url, fuzzed.enrol("Ana Reyes")) as ana:
        ana.open_ticket("Sign-in loop")
        headers = bearer(ana.enrolled.token)
    document = schemathesis.openapi.from_url(f"{fuzzed.url}/v1/openapi.json")
    statuses: dict[str, set[int]] = defaultdict(set)
    for found in document.exclude(path=ENDLESS).exclude(path=LEAVING).get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=LONG if long else EXAMPLES,
            deadline=None,
            database=None,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), lure=st.none() | st.sampled_from(hidden), data=st.data())
        def ask(case: Any, lure: str | None, data: st.DataObject) -> None:
            if isinstance(case.query, dict):
                case.query.pop("wait", None)
            if lure is not None:
                _lured(case, lure, data)
            given_headers = {name: value for name, value in (case.headers or {}).items() if name != "Authorization"}
            case.headers = {**given_headers, **headers}
            answer = case.call()
            statuses[f"{case.method} {case.path}"].add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)
            told = _content(answer)
            for secret in hidden:
                assert secret not in told or secret == lure, f"{case.method} {case.path} tells {secret}"

        ask()
    assert len(statuses) >= 15
    only_at_the_door = {operation for operation, seen in statuses.items() if seen == {401}}
    assert only_at_the_door <= {"POST /v1/enrol"}, "the requests were signed in"
    assert {operation for operation, seen in statuses.items() if 200 in seen} >= {
        "POST /v1/hello",
        "POST /v1/devices",
        "GET /v1/snapshot",
        "GET /v1/search",
    }


def _lured(case: Any, lure: str, data: st.DataObject) -> None:
    """Puts something that is not the asker's into one place of a request."""
    places = [
        (where, name)
        for where in (case.path_parameters, case.query, case.body)
        if isinstance(where, dict)
        for name, value in where.items()
        if isinstance(value, str)
    ]
    if places:
        where, name = data.draw(st.sampled_from(places))
        where[name] = data.draw(st.sampled_from([lure, f"ticket:{lure}", f"restricted:{lure}"]))


def _content(answer: Any) -> str:
    content = bytes(answer.content)
    if content and answer.headers.get("content-type", [""])[0] == "application/zstd":
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return content.decode("utf-8", "replace")
