"""Worlds that are known for something: the seeds that catch broken variants, and those that failed once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

KILLING_SEEDS: Final = Path(__file__).parent / "killing_seeds.txt"
PAST_FAILURES: Final = Path(__file__).parent / "past_failures.txt"


class PastFailure(msgspec.Struct, frozen=True):
    """`variant` is the broken variant that has the fault again; None where a later check mends what it does."""

    seed: int
    variant: str | None
    note: str


def killing_seeds() -> dict[str, tuple[int, ...]]:
    """By the name of the variant."""
    return {name: (seed,) for seed, name in _lines(KILLING_SEEDS)}


def past_failures() -> list[PastFailure]:
    found = []
    for seed, rest in _lines(PAST_FAILURES):
        variant, _, note = rest.partition(": ")
        found.append(PastFailure(seed, None if variant == "-" else variant, note))
    return found


def _lines(file: Path) -> list[tuple[int, str]]:
    """The seed and the rest of each line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    parts = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(int(seed), rest) for seed, rest in parts]
