"""Replays a world with a trace: `python -m tests.faults.sim SEED [VARIANT]`; with `--count N` runs N from SEED on."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from typing import Any

from tests.faults.sim.variants import BROKEN, RIGHT
from tests.faults.sim.world import run

MOST_SEEDS = 2_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?")
    parser.add_argument("variant", nargs="?")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--kill", action="store_true", help="how many worlds each broken variant survives")
    asked = parser.parse_args()
    variant = BROKEN[asked.variant] if asked.variant else RIGHT
    if asked.kill:
        return _kill(asked.variant, asked.seed or 0)
    if not asked.count:
        run(asked.seed, variant, _say)
        print("All invariants hold.")
        return 0
    return _many(asked.seed or 0, asked.count)


def _kill(only: str | None, first: int) -> int:
    survivors = 0
    for name, variant in BROKEN.items():
        if only not in (None, name):
            continue
        for seed in range(first, first + MOST_SEEDS):
            try:
                run(seed, variant)
            except Exception as error:
                print(f"{seed - first + 1:6}  {name}: {type(error).__name__} {str(error)[:110]}", flush=True)
                break
        else:
            survivors += 1
            print(f"        {name} SURVIVES", flush=True)
    return survivors


def _say(*what: Any) -> None:
    print(*(str(part)[:300] for part in what))


def _many(first: int, count: int) -> int:
    began, broken = time.process_time(), Counter[str]()
    seeds: dict[str, list[int]] = {}
    for seed in range(first, first + count):
        try:
            run(seed)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} {where.name}:{where.lineno}"
            broken[what] += 1
            seeds.setdefault(what, []).append(seed)
    took = time.process_time() - began
    for what, times in broken.most_common():
        print(f"{times:6}  {what}  seeds {seeds[what][:8]}")
    print(f"{count} worlds in {took:.1f} s of one core, {count / took:.0f} a second, {sum(broken.values())} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
