"""The demo's Pro hours: an engagement in every state at any time of the week, and nothing that the rulings refuse."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import pytest

from console.desk.sample import sample_entries
from console.domain.events import Entry
from console.domain.metering import measure
from console.domain.pro import fold
from console.domain.pro_account import Account
from console.domain.pro_gate import Standing, standing
from console.domain.pro_rulings import desk_ruling
from console.domain.pro_settings import ProSettings
from console.domain.stamp import Head, stamp
from console.holiday_files import federal_holidays
from tests.desk.test_sample import MOMENTS, ms

SETTINGS = ProSettings()


@cache
def told(moment: str) -> tuple[dict[str, Account], list[str]]:
    """The accounts of a demo by name, and what the rulings objected to on the way."""
    now, objections, head = ms(moment), [], Head(hub_id="demo")
    streams: dict[str, list[Entry]] = {}
    holidays = _holidays(moment)
    for offered, actor in sample_entries(now):
        if not offered.stream.startswith("pro:"):
            continue
        stream = streams.setdefault(offered.stream, [])
        refused = desk_ruling(fold(stream), offered, offered.at, SETTINGS, holidays, engineer=actor)
        if refused is not None:
            objections.append(refused)
        head, entries = stamp(head, [offered], actor=actor, now_ms=offered.at)
        stream += entries
    return {name.partition(":")[2]: fold(entries) for name, entries in streams.items()}, objections


def standings(moment: str) -> dict[str, Standing]:
    found = {}
    for name, account in told(moment)[0].items():
        metering = measure(account, ms(moment), SETTINGS, _holidays(moment))
        assert metering.unmetered == (), "work lies in service windows or under a consent"
        (ticket,) = dict.fromkeys((*account.engagements, *(lot.ticket for lot in account.lots.values())))
        found[name] = standing(account, metering, ticket, SETTINGS)
    return found


def _holidays(moment: str) -> frozenset:
    year = datetime.fromisoformat(moment).year
    return federal_holidays(year - 1, year + 1)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_rulings_allow_every_step(moment: str) -> None:
    assert told(moment)[1] == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_engagement_is_in_every_state(moment: str) -> None:
    found = standings(moment)
    assert {where.state for where in found.values()} == {
        "purchased",
        "preparing",
        "ready",
        "running",
        "carried",
        "closed",
    }
    closed = {where.detail for where in found.values() if where.state == "closed"}
    assert closed == {"completed", "exhausted", "expired", "revoked"}
    assert found["Fabrikam Robotics"] == Standing("running")


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_running_session_has_73_metered_minutes_of_12_hours(moment: str) -> None:
    account = told(moment)[0]["Fabrikam Robotics"]
    metering = measure(account, ms(moment), SETTINGS, _holidays(moment))
    (segment,) = account.open_segments()
    own = sum(run.ends_at - run.begins_at for run in metering.runs if run.segment == segment.id)
    assert own == 73 * 60_000
    assert metering.balance_ms() == (720 - 45 - 135 - 195 - 73) * 60_000


def test_a_gap_waits_for_its_answer_and_is_not_drawn() -> None:
    account = told(MOMENTS[0])[0]["Alpine Ski House"]
    (gap,) = account.unanswered(SETTINGS.gap_min_s * 1000)
    metering = measure(account, ms(MOMENTS[0]), SETTINGS, _holidays(MOMENTS[0]))
    assert gap.ends_at - gap.begins_at == 25 * 60_000
    assert sum(metering.reserved_ms.values()) == 25 * 60_000
