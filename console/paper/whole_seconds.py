"""Amounts in whole seconds that add up as they are shown. Pure; called by `session_sheet`.

The ledger counts in milliseconds. Three parts of 400 ms each would be shown as nothing, and their sum as a second: who
adds up a report would find it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable


def whole_seconds(parts_ms: Iterable[int], total_s: int | None = None) -> list[int]:
    """Each part in whole seconds, rounded down or up so that they add up to the total: by default the parts' own sum,
    rounded down. The parts that lose most by rounding down are rounded up.

    A total that the parts are more than a second each away from is the caller's mistake, and is not made up for.
    """
    parts = list(parts_ms)
    whole = [ms // 1000 for ms in parts]
    missing = (sum(parts) // 1000 if total_s is None else total_s) - sum(whole)
    by_loss = sorted(range(len(parts)), key=lambda at: parts[at] % 1000, reverse=True)
    for at in by_loss[: max(0, missing)]:
        if parts[at] % 1000:
            whole[at] += 1
    return whole
