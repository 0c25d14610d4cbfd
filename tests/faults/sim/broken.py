"""The one error of the simulation's invariants."""

from __future__ import annotations


class Broken(AssertionError):
    """An invariant does not hold."""
