"""`support-console hub deliveries`: the messages that did not simply go out, and what a person decides about them.

Declared by `hub.cli`, which also gives the database; the work is in `outbox`.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from console.hub import outbox
from console.hub.clock import now_ms


def told(engine: Engine) -> Sequence[str]:
    """A line for each message that is not done with."""
    lines = []
    for delivery in outbox.listed(engine):
        since = datetime.fromtimestamp(delivery.changed_at / 1000, UTC)
        tries = f"{delivery.attempts} {'try' if delivery.attempts == 1 else 'tries'}"
        reason = f": {delivery.reason}" if delivery.reason else ""
        lines.append(
            f"{delivery.entry}  {delivery.state} since {since:%Y-%m-%d %H:%M} UTC, {tries}, {delivery.stream}{reason}"
        )
    return lines


def resend(engine: Engine, entry: str) -> str:
    outbox.resend(engine, entry, by=getpass.getuser(), now_ms=now_ms())
    return "It is queued, and is sent again with the same message id."


def confirm(engine: Engine, entry: str) -> str:
    outbox.confirm(engine, entry, by=getpass.getuser(), now_ms=now_ms())
    return "It counts as sent."
