"""What a copy of the hub's log has to be, so that it goes on where the local one is."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from console.domain.stamp import GENESIS
from console.journal.replica import Position
from console.sync.failures import HubFailure
from console.sync.requests import refuse_another_log
from console.wire.messages import SnapshotHead

HERE = Position(device="d", hub_id="hub", epoch=3, cursor=40, chain=GENESIS, scopever=1, scopes=("desk",))
COPY = SnapshotHead(hub_id="hub", epoch=3, scopever=1, scopes=("desk",), after=40, seq=90, chain=GENESIS, count=50)


def test_a_copy_of_the_same_log_is_taken() -> None:
    refuse_another_log(COPY, HERE)
    refuse_another_log(replace(COPY, seq=40), HERE)


@pytest.mark.parametrize("other", [{"epoch": 4}, {"epoch": 2}, {"hub_id": "another"}, {"seq": 39}])
def test_a_copy_of_another_log_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(HubFailure, match="asked again"):
        refuse_another_log(replace(COPY, **other), HERE)
