"""Fixtures of the channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from console.domain.events import Event
from tests.channels.event_lines import mapped

Events = Callable[..., list[Event]]


@pytest.fixture
def events() -> Events:
    """The events of some rows; none of them may be rejected."""

    def of(*rows: Mapping[str, Any], impacts: Mapping[str, str] | None = None) -> list[Event]:
        facts, rejected, _ = mapped(rows, impacts)
        assert rejected == []
        assert [fact.rejected for fact in facts if fact.rejected] == []
        return [offer.event for fact in facts for offer in fact.offers]

    return of
