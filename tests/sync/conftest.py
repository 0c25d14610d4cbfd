"""A real hub for each test, on the session's PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.conftest import new_database as new_database
from tests.hub.conftest import server as server
from tests.hub.conftest import url as url
from tests.hub.running import HubThread


@pytest.fixture
def hub(tmp_path: Path, url: str) -> Iterator[HubThread]:
    with HubThread(tmp_path / "hub", url) as running:
        yield running
