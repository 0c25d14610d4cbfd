"""The program under test, and its deliberately broken variants by name.

Each must be caught: a survivor means that a fault or an invariant is missing (spec sync.md 4). A variant is the real
thing but for one method, or one function around the core.
"""

from __future__ import annotations

from typing import Final

from tests.faults.sim.variants import of_core, of_hub, of_replica, of_shell
from tests.faults.sim.variants.variant import Variant

RIGHT: Final = Variant()
BROKEN: Final[dict[str, Variant]] = {
    **of_hub.VARIANTS,
    **of_replica.VARIANTS,
    **of_shell.VARIANTS,
    **of_core.VARIANTS,
}
