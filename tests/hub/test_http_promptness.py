"""The hub answers at once: nothing between its answer and the wire waits for the other side."""

from __future__ import annotations

import time

from tests.hub.running import HubThread, client


def test_answers_on_a_kept_connection_are_not_held_back_until_the_last_one_is_acknowledged(
    hub_server: HubThread,
) -> None:
    took = []
    with client(hub_server.url) as http:
        for _ in range(20):
            started = time.perf_counter()
            assert http.get("/v1/health").status_code == 200
            took.append(time.perf_counter() - started)
    assert sorted(took)[5] < 0.025  # an acknowledgement may wait for 40 ms
