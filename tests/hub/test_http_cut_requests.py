"""A request that ends before it is whole changes nothing, and is no failure of the hub."""

from __future__ import annotations

import logging
import socket

import pytest

from tests.hub.running import HubThread, client, until


def test_a_push_that_is_cut_off_is_counted_as_the_network_s_and_not_logged_as_a_failure(
    hub_server: HubThread, caplog: pytest.LogCaptureFixture
) -> None:
    enrolled = hub_server.enrol("Mara Okafor")
    head = (
        f"POST /v1/push HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {enrolled.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    )
    with caplog.at_level(logging.WARNING), client(hub_server.url) as http:
        with socket.create_connection(("127.0.0.1", hub_server.port)) as connection:
            connection.sendall(head.encode() + b'{"device": "')
        until(lambda: 'route="/v1/push",status="400"' in http.get("/metrics").text)
    assert not caplog.records
