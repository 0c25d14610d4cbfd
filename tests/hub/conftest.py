"""A real PostgreSQL server for the session, from the wheel, and a fresh migrated database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import Engine

from console.hub.database import owner_engine, service_engine
from console.hub.embedded import Embedded
from console.hub.log import HubLog
from console.hub.migrations import migrate
from console.hub.people import People
from tests.conftest import quick_folder

from .facts import Clock
from .reporting import service as service
from .running import hub_server as hub_server

_names = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """Not below pytest's own folder: each session of pytest closes that to others, and a server that root started
    runs as another user."""
    with TemporaryDirectory(prefix="hub-", dir=quick_folder()) as folder, Embedded(Path(folder)) as embedded:
        migrate(embedded.url)  # the template of every test's database
        yield embedded


@pytest.fixture
def new_database(server: Embedded) -> Iterator[Callable[[bool], str]]:
    """Makes databases, migrated or empty, and tells their owner's URL."""
    made: list[str] = []
    admin = psycopg.connect(server.url.replace("/hub?", "/postgres?"), autocommit=True)

    def make(migrated: bool = True) -> str:
        name = f"test_{next(_names)}"
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {'hub' if migrated else 'template0'}")
        made.append(name)
        return server.url.replace("/hub?", f"/{name}?")

    with admin:
        yield make
        for name in made:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """The owner's URL of a migrated database that nobody else uses."""
    return new_database()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """As the running hub: with the rights of the service."""
    made = service_engine(url)
    yield made
    made.dispose()


@pytest.fixture
def owner(url: str) -> Iterator[Engine]:
    made = owner_engine(url)
    yield made
    made.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(engine: Engine, clock: Clock) -> HubLog:
    return HubLog(engine, clock=clock)


@pytest.fixture
def people(engine: Engine, clock: Clock) -> People:
    return People(engine, clock=clock)
