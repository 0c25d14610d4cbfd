"""What a person sees, as SQL: the one place where a read of the log is filtered by scope (spec sync.md 5).

Called by every read path (`reading`, `checksums`, `searching`), which puts `SEES` into its WHERE and `Sight.asked` into
its parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from console.hub.schema import IN_PRO

ALL_PRO: Final = "pro:*"

SEES: Final = f"(scope = ANY(%(scopes)s) OR (%(all_pro)s AND {IN_PRO}))"
"""Of rows with a column `scope`, those that somebody sees."""


class Sight(msgspec.Struct, frozen=True):
    """Exact scopes, and whether every account's Pro stream is among them. Each row is seen by one reason only."""

    scopes: tuple[str, ...]
    all_pro: bool

    @property
    def asked(self) -> dict[str, Any]:
        """The parameters of `SEES`."""
        return {"scopes": list(self.scopes), "all_pro": self.all_pro}


def sight(scopes: Iterable[str]) -> Sight:
    known = set(scopes)
    all_pro = ALL_PRO in known
    exact = sorted(scope for scope in known if scope != ALL_PRO and not (all_pro and scope.startswith("pro:")))
    return Sight(tuple(exact), all_pro)
