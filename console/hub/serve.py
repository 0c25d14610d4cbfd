"""Runs one hub process: database, application, server, and a graceful end. Called by the command line.

Without a database URL it keeps an embedded PostgreSQL in its data folder and migrates it itself; another database has
to be migrated by hand (`support-console hub migrate`), which needs rights that the service has not. Plain HTTP is
spoken to this machine only, unless a proxy in front of the hub speaks TLS. Any number of processes may serve one
database: each polls the head; blobs need a data folder in common.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec
import uvicorn
from fastapi import FastAPI

from console.domain.errors import ConsoleError
from console.hub.app import create_app
from console.hub.database import service_engine
from console.hub.embedded import Embedded
from console.hub.hub import Hub
from console.hub.hub_file import read_hub_file
from console.hub.migrations import migrate, refuse_unless_ready
from console.hub.terms import terms_of

GRACE_S: Final = 10
"""What answers under way have to end, after a signal."""
KEEP_ALIVE_S: Final = 65
"""Longer than the usual 60 s of a proxy, so that it is the proxy that closes."""
_BACKLOG: Final = 1024


class ServeError(ConsoleError):
    """The hub cannot be served like that."""


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asked for. `proxies` are the addresses whose `X-Forwarded-For` is believed, None where
    there is no proxy; port 0 takes a free one."""

    folder: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8470
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] | None = None


def serve(asked: Serving, say: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM. `say` is given the hub's address once it answers. Raises ConsoleError where it
    cannot be started; nothing was changed then but an embedded database made or migrated."""
    refuse_unsafe_address(asked)
    _refuse_unread_certificate(asked)
    asked.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings, terms = read_hub_file(asked.folder), terms_of(asked.folder)
    with contextlib.ExitStack() as ending:
        listening = ending.enter_context(listen(asked))
        url, revive = asked.database, None
        if url is None:
            embedded = ending.enter_context(Embedded(asked.folder))
            url, revive = embedded.url, embedded.start
            migrate(url)
        engine = service_engine(url)
        ending.callback(engine.dispose)
        refuse_unless_ready(engine)
        hub = Hub(
            engine,
            asked.folder,
            settings=settings,
            rules=terms,
            trusts_loopback=asked.proxies is None,
            revive=revive,
        )
        scheme = "https" if asked.certificate is not None else "http"
        address = f"{scheme}://{_written(listening)}"
        server = HubServer(hub, create_app(hub), asked, lambda: say(address))
        _log_to_stderr()
        server.run(sockets=[listening])


class HubServer(uvicorn.Server):
    """uvicorn, which at its end first lets go those who wait, and leaves the exit code to its caller."""

    def __init__(self, hub: Hub, app: FastAPI, asked: Serving, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                ssl_certfile=asked.certificate,
                ssl_keyfile=asked.key,
                proxy_headers=asked.proxies is not None,
                forwarded_allow_ips=list(asked.proxies or ()),
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._hub = hub
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Unlike uvicorn's own it does not raise the signal again, which would end the process before its database."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def refuse_unsafe_address(asked: Serving) -> None:
    """Plain HTTP would show tokens and texts to the network (spec sync.md 3). Raises ServeError."""
    if asked.certificate is None and asked.key is not None:
        raise ServeError("Give --tls-cert as well as --tls-key.")
    if asked.certificate is not None or asked.proxies is not None or _is_loopback(asked.host):
        return
    raise ServeError(
        f"Plain HTTP is spoken to this machine only, not to {asked.host}: give --tls-cert and --tls-key, or "
        "--behind-proxy where a proxy in front of the hub speaks TLS."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_unread_certificate(asked: Serving) -> None:
    if asked.certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(asked.certificate, asked.key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        raise ServeError(f"The certificate {asked.certificate} cannot be used: {reason}.") from None


def listen(asked: Serving) -> socket.socket:
    """A socket that listens already, so that its port is known. Raises ServeError."""
    family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    try:
        listening = socket.create_server((asked.host, asked.port), family=family, backlog=_BACKLOG)
        listening.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # asyncio forgets it for a socket made like this
        return listening
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise ServeError(f"The hub cannot listen on {asked.host}, port {asked.port}: {reason}.") from None


def _written(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _log_to_stderr() -> None:
    """Warnings and errors, with the process that they come from: several may serve one database."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s hub[{os.getpid()}] %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
