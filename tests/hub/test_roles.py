"""The running hub appends to the log and cannot change it, whatever statement it sends."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Engine, text

from console.domain import events as ev
from console.hub.database import SERVICE_ROLE, pg_connection
from console.hub.errors import HubNotReady
from console.hub.log import HubLog
from console.hub.migrations import refuse_unless_ready
from console.hub.people import People

from .facts import Workstation, new_id, opened, sent

FORBIDDEN = [
    "UPDATE entries SET payload = ''",
    "UPDATE entries SET effect = 'applied'",
    "DELETE FROM entries",
    "TRUNCATE entries",
    "DROP TABLE entries",
    "ALTER TABLE entries DISABLE TRIGGER ALL",
    "DELETE FROM refused",
    "UPDATE refused SET reason = ''",
    "UPDATE head SET epoch = 2",
    "UPDATE head SET hub_id = ''",
    "DELETE FROM head",
    "INSERT INTO epochs VALUES (2, 0, 0)",
    "DELETE FROM streams",
    "DELETE FROM search",
    "DELETE FROM tokens",
    "DELETE FROM persons",
    "CREATE TABLE mine (id int)",
    "CREATE OR REPLACE FUNCTION redact_entry(text, text, bytea) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "COPY entries TO PROGRAM 'cat'",
    "SET SESSION AUTHORIZATION postgres",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_service_may_not(engine: Engine, statement: str) -> None:
    with pg_connection(engine) as connection, pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.Error)) as e:
        connection.execute(statement.encode())
    assert isinstance(e.value, psycopg.errors.InsufficientPrivilege | psycopg.errors.InvalidParameterValue), e.value


def redact(engine: Engine, redaction: str, target: str) -> bool:
    with pg_connection(engine) as connection:
        row = connection.execute("SELECT redact_entry(%s, %s, 'gone')", (redaction, target)).fetchone()
        connection.commit()
    assert row is not None
    return bool(row[0])


def test_the_service_overwrites_only_what_a_recorded_redaction_names(
    engine: Engine, log: HubLog, people: People
) -> None:
    lead, ticket, elsewhere = Workstation(log, people, "Lea", "lead"), new_id(), new_id()
    lead.push(lead.write(opened(), ticket), lead.write(opened(), elsewhere))
    target, kept = lead.say(sent("secret"), ticket), lead.say(sent("kept"), ticket)
    other = lead.say(sent("elsewhere"), elsewhere)
    redaction = lead.say(ev.EntryRedacted(entry=target.id), ticket)
    assert not redact(engine, redaction.id, kept.id)
    assert not redact(engine, redaction.id, other.id)
    assert not redact(engine, kept.id, target.id)
    assert not redact(engine, new_id(), target.id)
    assert redact(engine, redaction.id, target.id)
    payloads = [bytes(entry.payload) for entry in lead.pull()]
    assert payloads[2:5] == [b"gone", b'{"body":"kept","public":true}', b'{"body":"elsewhere","public":true}']


def test_the_service_runs_as_its_role(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == SERVICE_ROLE
        connection.execute(text("RESET ROLE"))
        assert connection.scalar(text("SELECT current_user")) == SERVICE_ROLE
    refuse_unless_ready(engine)


def test_a_hub_that_could_change_the_log_does_not_start(owner: Engine) -> None:
    with pytest.raises(HubNotReady, match="may update entries"):
        refuse_unless_ready(owner)


def test_a_login_of_its_own_is_enough_for_the_service(url: str, owner: Engine) -> None:
    """The strictest set-up: a login that is a member of the role and owns nothing."""
    from console.hub.database import service_engine

    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE hub_login LOGIN IN ROLE {SERVICE_ROLE}"))
    engine = service_engine(url.replace("hub_owner@", "hub_login@"))
    try:
        refuse_unless_ready(engine)
        log, people = HubLog(engine), People(engine)
        ana = Workstation(log, people, "Ana")
        ana.say(opened(), new_id())
        assert len(ana.pull()) == 1
    finally:
        engine.dispose()
        with owner.begin() as connection:
            connection.execute(text("DROP ROLE hub_login"))


def test_a_server_that_could_forget_is_refused(engine: Engine, owner: Engine, url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    with owner.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    engine.dispose()
    with pytest.raises(HubNotReady, match="synchronous_commit off"):
        refuse_unless_ready(engine)
