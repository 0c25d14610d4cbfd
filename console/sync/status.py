"""What a person can be told of the connection: one frozen value, made anew at every change. Pure.

Made by `engine` from the core's state, shown by rail, banner, drawer and command line. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from console.wire.messages import Presence

Link = Literal[
    "connecting",
    "loading",
    "syncing",
    "synced",
    "offline",
    "signed_out",
    "revoked",
    "app_too_old",
    "other_hub",
    "stuck",
]
"""`loading` is the first copy or a long way behind, with `done` of `of` entries; `syncing` has something under way;
`stuck` waits for the operator (the hub is older than this app, or was set back)."""


class LinkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting` own entries are not at the hub yet, the oldest of `oldest_at`; `offline_since` and `next_try_at` where
    there is no network; `error` is a sentence; `synced_at` when both sides were last level; `skew_ms` is how far this
    machine's clock is ahead of the hub's, None before the first contact."""

    link: Link = "connecting"
    url: str = ""
    person: str = ""
    role: str = ""
    waiting: int = 0
    refused: int = 0
    oldest_at: int | None = None
    offline_since: int | None = None
    next_try_at: int | None = None
    synced_at: int | None = None
    error: str | None = None
    done: int = 0
    of: int = 0
    skew_ms: int | None = None
    presence: tuple[Presence, ...] = ()
