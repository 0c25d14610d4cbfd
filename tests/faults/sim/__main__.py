"""Replays a world with a trace: `python -m tests.faults.sim SEED [VARIANT]`; with `--count N` runs N from SEED on.

`--kill` looks for a world that catches each broken variant, writes them to `killing_seeds.txt`, and ends with 1 where
one survives.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from typing import Any

from tests.faults.sim.broken import Broken
from tests.faults.sim.seeds import KILLING_SEEDS, killing_seeds
from tests.faults.sim.settings import MOST_SEEDS
from tests.faults.sim.variants import BROKEN, RIGHT
from tests.faults.sim.world import run

_HEAD = """\
# A world that catches each broken variant: seed, name. Where it does no more, for the simulation or the program was
# changed, the first 2,000 seeds are searched. `python -m tests.faults.sim --kill` writes this file anew.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("variant", choices=BROKEN, nargs="?", metavar="VARIANT")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--kill", action="store_true")
    asked = parser.parse_args()
    variant = BROKEN[asked.variant] if asked.variant else RIGHT
    if asked.kill:
        return _kill()
    if not asked.count:
        run(asked.seed, variant, _say)
        print("All invariants hold.")
        return 0
    return _many(asked.seed, asked.count)


def _kill() -> int:
    known, lines = killing_seeds(), list[str]()
    for name, variant in BROKEN.items():
        for seed in (*known.get(name, ()), *range(MOST_SEEDS)):
            try:
                run(seed, variant)
            except Broken as broken:
                print(f"{seed:6}  {name}: {str(broken)[:110]}", flush=True)
                lines.append(f"{seed} {name}\n")
                break
        else:
            print(f"        {name} SURVIVES", flush=True)
    KILLING_SEEDS.write_text(_HEAD + "".join(lines), encoding="utf-8")
    return 0 if len(lines) == len(BROKEN) else 1


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
