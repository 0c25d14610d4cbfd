"""The service starts on a current schema only, and says what to do about any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from console.domain.pro_events import EngagementOpened, LotGranted, SlotBooked, SlotMoved, pro_stream
from console.hub import migrations
from console.hub.database import owner_engine, transaction
from console.hub.errors import HubError, HubNotReady, HubUnavailable
from console.hub.log import HubLog
from console.hub.migrations import migrate, refuse_unless_ready, state
from console.hub.people import People
from console.hub.schema import TABLES, metadata
from console.hub.verify import verify

from .facts import MONDAY, Workstation, new_id


@pytest.fixture
def empty(new_database: Callable[[bool], str]) -> str:
    return new_database(False)


@pytest.fixture
def its_owner(empty: str) -> Iterator[Engine]:
    engine = owner_engine(empty)
    yield engine
    engine.dispose()


def found(engine: Engine) -> str:
    with transaction(engine) as connection:
        return state(connection)


def test_a_database_becomes_current_once(empty: str, its_owner: Engine) -> None:
    assert found(its_owner) == "empty"
    assert migrate(empty) == "empty"
    assert found(its_owner) == "current"
    assert migrate(empty) == "current"


def test_two_migrations_at_once_are_one_after_the_other(empty: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(migrate, [empty, empty])) == ["current", "empty"]


def test_the_migrations_make_what_the_tables_say(owner: Engine) -> None:
    with owner.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_last_migration_is_the_current_one() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "console.hub:migrations")
    known = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(revision.revision for revision in known) == migrations.REVISIONS[::-1]


@pytest.mark.parametrize(
    ("change", "expected", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer", "update the program"),
        ("DELETE FROM alembic_version", "half-migrated", "only partly there"),
        ("DROP TABLE alembic_version", "half-migrated", "only partly there"),
        ("DROP TABLE refused", "half-migrated", "only partly there"),
        ("DROP FUNCTION redact_entry", "half-migrated", "only partly there"),
        ("DELETE FROM head", "half-migrated", "only partly there"),
    ],
)
def test_anything_else_is_refused_at_the_start(
    engine: Engine, owner: Engine, url: str, change: str, expected: str, sentence: str
) -> None:
    with owner.begin() as connection:
        connection.execute(text(change))
    assert found(owner) == expected
    with pytest.raises(HubNotReady, match=sentence):
        refuse_unless_ready(engine)
    with pytest.raises(HubNotReady, match=sentence):
        migrate(url)


def test_an_older_schema_is_refused_until_it_is_migrated(
    engine: Engine, owner: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "CURRENT", "9999")
    monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, "9999"))
    with pytest.raises(HubNotReady, match="hub migrate"):
        refuse_unless_ready(engine)


def test_a_migration_that_breaks_leaves_nothing(empty: str, its_owner: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: object) -> None:
        raise HubError("The last step fails.")

    monkeypatch.setattr(migrations, "grant_service", broken)
    with pytest.raises(HubError, match="last step"):
        migrate(empty)
    assert found(its_owner) == "empty"


def test_an_older_log_comes_with_the_slots_that_it_holds(url: str, owner: Engine, log: HubLog, people: People) -> None:
    kim, ticket, stream = Workstation(log, people, "Kim", "admin"), new_id(), pro_stream("acme")
    granted = LotGranted(reason="trial", seconds=7200, period_end=2 * MONDAY, ticket=ticket)
    booked = SlotBooked(
        engagement=ticket, begins_at=MONDAY + 60_000, ends_at=MONDAY + 120_000, seconds=60, engineer="Ana"
    )
    moved = SlotMoved(slot=new_id(), begins_at=MONDAY, ends_at=MONDAY + 60_000)
    kim.push(*(kim.write(event, stream=stream) for event in (granted, EngagementOpened(ticket=ticket), booked, moved)))
    assert verify(url) == ()
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE slots, uploads, orphans"))
        connection.execute(text("ALTER TABLE persons DROP COLUMN kept_out_at"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    assert found(owner) == "older"
    assert migrate(url) == "older"
    assert verify(url) == ()
    with owner.begin() as connection:
        assert connection.execute(text("SELECT stream, engineer FROM slots")).all() == [(stream, "Ana")]


def test_a_user_who_may_not_make_the_role_is_told_what_to_run(
    empty: str, its_owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.hub import roles

    monkeypatch.setattr(roles, "SERVICE_ROLE", "support_console_other")
    name = empty.partition("?")[0].rpartition("/")[2]
    with its_owner.begin() as connection:
        connection.execute(text("CREATE ROLE plain_owner LOGIN"))
        connection.execute(text(f"ALTER DATABASE {name} OWNER TO plain_owner"))
    its_owner.dispose()
    try:
        with pytest.raises(HubError, match="CREATE ROLE support_console_other"):
            migrate(empty.replace("hub_owner@", "plain_owner@"))
    finally:
        with its_owner.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {name} OWNER TO hub_owner"))
            connection.execute(text("DROP ROLE plain_owner"))


@pytest.mark.parametrize("url", ["", "not a url", "sqlite:///hub.db", "mysql://localhost/hub"])
def test_only_the_url_of_a_postgresql_is_taken(url: str) -> None:
    with pytest.raises(HubError, match=r"PostgreSQL|URL"):
        owner_engine(url)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(HubUnavailable):
        migrate("postgresql://nobody@127.0.0.1:1/hub")


def test_every_table_has_its_rights() -> None:
    from console.hub.roles import _RIGHTS

    assert {table.name for table in TABLES} | {"alembic_version"} == set(_RIGHTS)
