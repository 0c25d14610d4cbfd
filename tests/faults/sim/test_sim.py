"""The sync under simulation: fresh worlds, worlds that failed once, and the broken variants that must be caught.

Source: spec sync.md 4. A failure names its seed, and `python -m tests.faults.sim SEED` replays it with a trace. A seed
means the same world only as long as the simulation itself is not changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.faults.sim.variants import BROKEN, RIGHT, Variant
from tests.faults.sim.world import run

CHUNK = 100
FIXED_CHUNKS = 20
RANDOM_CHUNKS = 20
MOST_SEEDS = 2_000
LONG_SEEDS = 200_000
SEEDS_A_SECOND = 50
_HERE = Path(__file__).parent


def _lines(name: str) -> list[tuple[int, str]]:
    """Seed and note of each line."""
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    parts = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(int(seed), note) for seed, note in parts]


KILLING_SEEDS = {name: seed for seed, name in _lines("killing_seeds.txt")}


def _run_all(seeds: Iterable[int]) -> None:
    for seed in seeds:
        try:
            run(seed)
        except Exception as error:
            raise AssertionError(f"python -m tests.faults.sim {seed}: {type(error).__name__}: {error}") from error


@pytest.mark.parametrize("chunk", range(FIXED_CHUNKS))
def test_every_invariant_holds_in_the_same_worlds_each_time(chunk: int) -> None:
    _run_all(range(chunk * CHUNK, (chunk + 1) * CHUNK))


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", range(RANDOM_CHUNKS))
def test_every_invariant_holds_in_worlds_that_nobody_saw_before(chunk: int) -> None:
    first = int.from_bytes(os.urandom(6), "big")
    print(f"worlds {first} to {first + CHUNK - 1}")
    _run_all(range(first, first + CHUNK))


@pytest.mark.parametrize(("seed", "note"), _lines("past_failures.txt"))
def test_a_world_that_failed_once_holds(seed: int, note: str) -> None:
    _run_all([seed])


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_variant_is_caught(name: str) -> None:
    first = KILLING_SEEDS.get(name, 0)
    assert any(_is_caught(seed, BROKEN[name]) for seed in (first, *range(MOST_SEEDS))), f"{name} survives"


def _is_caught(seed: int, variant: Variant) -> bool:
    try:
        run(seed, variant)
    except Exception:
        return True
    return False


def test_the_same_seed_is_the_same_world() -> None:
    def told(seed: int) -> list[str]:
        lines: list[str] = []
        run(seed, RIGHT, lambda *what: lines.append(" ".join(str(part) for part in what if isinstance(part, str))))
        return lines

    assert told(7) == told(7)


def test_fifty_worlds_a_second_pass_on_one_core() -> None:
    began = time.process_time()
    _run_all(range(CHUNK))
    assert CHUNK / (time.process_time() - began) >= SEEDS_A_SECOND


def test_every_invariant_holds_in_two_hundred_thousand_worlds(long: bool) -> None:
    if not long:
        pytest.skip("only with --long")
    first = int.from_bytes(os.urandom(6), "big")
    print(f"worlds {first} to {first + LONG_SEEDS - 1}")
    with ProcessPoolExecutor() as pool:
        chunks = (range(at, at + CHUNK) for at in range(first, first + LONG_SEEDS, CHUNK))
        for _ in pool.map(_run_all, chunks):
            pass
