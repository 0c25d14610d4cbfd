"""What goes wrong between a workstation and its hub, as one error with a sentence. Pure.

Raised by `http` and `snapshot`; `engine` hands it to the core.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from console.domain.errors import ConsoleError
from console.wire.messages import Conflict, Problem

_REVOKED: Final = "/revoked"
_BY_A_PROXY_TOO: Final = frozenset({401, 403, 409, 422, 426})
"""What counts only where the hub itself says it, in a problem document: a proxy's sign-in page is no answer."""


class HubFailure(ConsoleError):
    """A request that failed. `status` is None where the hub did not answer; `revoked`: this device may never come
    again; `conflict` comes with a 409; `first` is the id of the first event of a push."""

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        conflict: Conflict | None = None,
        revoked: bool = False,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s
        self.conflict = conflict
        self.revoked = revoked
        self.first: str | None = None


class WrongCopy(HubFailure):
    """A snapshot is not what its checksum says: what was taken of it has to go."""


def failure_of(status: int, headers: Mapping[str, str], content: bytes, not_a_hub: str) -> HubFailure:
    """An answer other than success. `not_a_hub` is said where it is no answer of a hub."""
    retry_after_s = _seconds(headers.get("retry-after"))
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = None
    if problem is not None:
        return HubFailure(
            problem.detail,
            status=status,
            retry_after_s=retry_after_s,
            conflict=problem.conflict,
            revoked=status == 401 and problem.type.endswith(_REVOKED),
        )
    if status < 400 or status in _BY_A_PROXY_TOO:
        return HubFailure(not_a_hub, retry_after_s=retry_after_s)
    return HubFailure(f"The hub answered {status}.", status=status, retry_after_s=retry_after_s)


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` as seconds from now; it may be an instant."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
