"""Who gets in, as whom, and for how long."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from console.hub.errors import CodeRefused, HubError, NotSignedIn, UnknownPerson
from console.hub.log import HubLog
from console.hub.people import CODE_MS, TOKEN_MS, People

from .facts import MINUTE, MONDAY, Clock


def test_a_code_gives_a_device_and_a_token_once(people: People, log: HubLog) -> None:
    code = people.enrol("Ana", "engineer")
    enrolled = people.redeem(code, "laptop")
    assert (enrolled.person, enrolled.role, enrolled.hub_id) == ("Ana", "engineer", log.head().hub_id)
    author = people.who(enrolled.token)
    assert author is not None
    assert (author.person, author.role, author.device, author.enrolled_at) == (
        "Ana",
        "engineer",
        enrolled.device,
        MONDAY,
    )
    assert author.scopes == ("accounts", "desk", "pro:*")
    with pytest.raises(CodeRefused):
        people.redeem(code, "laptop")


def test_a_code_is_taken_as_people_type_it(people: People) -> None:
    code = people.enrol("Ana", "engineer")
    assert people.redeem(f" {code.lower().replace('-', ' ')} ", "laptop").person == "Ana"


@pytest.mark.parametrize("code", ["", "ABCDEF-ABCDEF-ABCDEF-ABCDEF", "\x00", "x" * 10_000])
def test_a_code_that_nobody_gave_is_refused(people: People, code: str) -> None:
    people.enrol("Ana", "engineer")
    with pytest.raises(CodeRefused):
        people.redeem(code, "laptop")


def test_a_code_is_good_for_ten_minutes(people: People, clock: Clock) -> None:
    early, late = people.enrol("Ana", "engineer"), people.enrol("Ana", "engineer")
    clock.now += CODE_MS - 1
    people.redeem(early, "laptop")
    clock.now += 1
    with pytest.raises(CodeRefused):
        people.redeem(late, "laptop")


def test_no_secret_is_stored(people: People, owner: Engine) -> None:
    code = people.enrol("Ana", "engineer")
    token = people.redeem(code, "laptop").token
    assert token.startswith("sc_")
    with owner.connect() as connection:
        stored = " ".join(
            str(connection.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t")))
            for table in ("codes", "tokens", "devices", "persons")
        )
    for secret in (code, code.replace("-", ""), token, token.removeprefix("sc_")):
        assert secret not in stored
        assert secret.encode().hex() not in stored


def test_a_token_ends_after_a_year(people: People, clock: Clock) -> None:
    token = people.redeem(people.enrol("Ana", "engineer"), "laptop").token
    clock.now += TOKEN_MS - 1
    assert people.standing(token) == "valid"
    clock.now += 1
    assert people.who(token) is None
    assert people.standing(token) == "expired"


@pytest.mark.parametrize("token", ["", "sc_", "sc_" + "x" * 43, "\x00", "ü"])
def test_a_token_that_nobody_gave_is_nobody(people: People, token: str) -> None:
    assert people.who(token) is None
    assert people.standing(token) == "unknown"


def test_the_last_use_is_noted_at_most_once_a_minute(people: People, clock: Clock) -> None:
    token = people.redeem(people.enrol("Ana", "engineer"), "laptop").token

    def last_use() -> int | None:
        people.who(token)
        return people.list()[0].devices[0].last_used_at

    assert people.list()[0].devices[0].last_used_at is None
    assert last_use() == MONDAY
    clock.now += MINUTE - 1
    assert last_use() == MONDAY
    clock.now += 1
    assert last_use() == MONDAY + MINUTE


def test_a_revoked_device_is_out_with_its_clones_and_nobody_else(people: People) -> None:
    laptop, desktop = (people.redeem(people.enrol("Ana", "engineer"), name) for name in ("laptop", "desktop"))
    other = people.redeem(people.enrol("Ben", "engineer"), "laptop")
    author = people.who(laptop.token)
    assert author is not None
    people.new_device(author)
    assert people.revoke("Ana", laptop.device) == 2
    assert people.standing(laptop.token) == "revoked"
    assert people.who(laptop.token) is None
    assert people.standing(desktop.token) == people.standing(other.token) == "valid"
    assert [device.revoked for device in people.list()[0].devices].count(True) == 2
    with pytest.raises(NotSignedIn):
        people.new_device(author)


def test_a_person_who_leaves_is_out_everywhere(people: People) -> None:
    tokens = [people.redeem(people.enrol("Ana", "engineer"), name).token for name in ("laptop", "desktop")]
    code = people.enrol("Ana", "engineer")
    assert people.revoke("Ana") == 2
    assert [people.standing(token) for token in tokens] == ["revoked", "revoked"]
    with pytest.raises(CodeRefused):
        people.redeem(code, "phone")
    assert people.revoke("Ana") == 0


def test_every_change_of_rights_raises_the_scope_version_and_no_other(people: People, log: HubLog) -> None:
    people.enrol("Ana", "engineer")
    versions = [log.welcome("Ana").scopever]

    def step() -> int:
        versions.append(log.welcome("Ana").scopever)
        return versions[-1] - versions[-2]

    people.grant("Ana", "restricted:legal")
    assert step() == 1
    people.grant("Ana", "restricted:legal")
    assert step() == 0
    people.set_role("Ana", "lead")
    assert step() == 1
    people.set_role("Ana", "lead")
    assert step() == 0
    people.enrol("Ana", "lead")
    assert step() == 0
    people.enrol("Ana", "admin", ["restricted:legal", "restricted:board"])
    assert step() == 1
    people.ungrant("Ana", "restricted:legal")
    assert step() == 1
    people.ungrant("Ana", "restricted:legal")
    assert step() == 0
    (ana,) = people.list()
    assert (ana.role, ana.grants, ana.scopever) == ("admin", ("restricted:board",), versions[-1])


def test_the_look_of_whoever_waits_sees_changes_of_people(people: People, log: HubLog) -> None:
    before = log.look()
    people.enrol("Ana", "engineer")
    assert log.look().people == before.people + 1
    people.who("nobody")
    assert log.look().people == before.people + 1


@pytest.mark.parametrize("name", ["", " ", "Ana ", " Ana", "a\nb", "\x00", "x" * 201])
def test_a_name_is_one_line(people: People, name: str) -> None:
    with pytest.raises(HubError):
        people.enrol(name, "engineer")


@pytest.mark.parametrize("scope", ["", "everything", "pro:", "restricted:", "desk ", "*", "restricted:a\nb"])
def test_only_scopes_that_there_are_can_be_granted(people: People, scope: str) -> None:
    people.enrol("Ana", "engineer")
    with pytest.raises(HubError):
        people.grant("Ana", scope)


def test_what_is_asked_about_a_stranger_says_so(people: People) -> None:
    for ask in (
        lambda: people.revoke("Nobody"),
        lambda: people.set_role("Nobody", "lead"),
        lambda: people.grant("Nobody", "desk"),
        lambda: people.ungrant("Nobody", "desk"),
        lambda: people.admit("Nobody", "laptop"),
        lambda: people.link_identity("Nobody", "https://id.example", "1"),
    ):
        with pytest.raises(UnknownPerson):
            ask()


def test_an_identity_signs_in_as_its_person(people: People) -> None:
    people.enrol("Ana", "engineer")
    assert people.person_of("https://id.example", "17") is None
    people.link_identity("Ana", "https://id.example", "17")
    assert people.person_of("https://id.example", "17") == "Ana"
    assert people.person_of("https://other.example", "17") is None
    assert people.who(people.admit("Ana", "laptop").token) is not None


def test_the_name_of_a_device_is_one_line(people: People) -> None:
    people.redeem(people.enrol("Ana", "engineer"), "lap\ntop\x00" + "x" * 500)
    assert people.list()[0].devices[0].name == ("laptop" + "x" * 500)[:200]
