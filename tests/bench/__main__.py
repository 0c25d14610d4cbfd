"""`python -m tests.bench [PART ...] [--json FILE]`: measures ratios against peers or floors in the same run.

Parts: calendar, engine, import, pro, window, and of the shared backend sim, hub_append, hub_idle, hub_memory, hub_live
and hub_first. Prints a table and writes JSON. Absolute figures are printed, only ratios are goals; one that is missed
is marked, and nothing fails because of it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

PARTS = (
    "calendar",
    "engine",
    "import",
    "pro",
    "window",
    "sim",
    "hub_append",
    "hub_idle",
    "hub_memory",
    "hub_live",
    "hub_first",
)

UNITS = {"us": "us", "ms": "ms", "s": "s", "mib": "MiB", "per_s": "/s", "percent": "%"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures go")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    figures: dict[str, Any] = {"machine": machine(), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    print(figures["machine"])
    for part in asked.parts or PARTS:
        print(f"\n{part}")
        rows = importlib.import_module(f"tests.bench.{part}_bench").run()
        figures[part] = rows
        show(rows)
    asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(f"\nFigures written to {asked.json}")
    return 0


def machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = f"{len(names)} x {names[0]}" if names else model
    return f"{model}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def show(rows: list[dict[str, Any]]) -> None:
    """Prints rows as a table: what, ours, against what, ratio, goal, verdict."""
    cells = [("what", "ours", "against", "", "ratio", "goal", "")]
    for row in rows:
        ratio = row.get("ratio")
        cells.append(
            (
                str(row["what"]),
                figure(row, "ours"),
                str(row.get("peer", "")),
                figure(row, "peer"),
                "" if ratio is None else f"{ratio:.2f}",
                str(row.get("goal") or ""),
                verdict(row),
            )
        )
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def figure(row: dict[str, Any], whose: str) -> str:
    for unit, shown in UNITS.items():
        value = row.get(f"{whose}_{unit}")
        if value is not None:
            return f"{value:,.2f} {shown}"
    return str(row.get("note", "")) if whose == "peer" else ""


def verdict(row: dict[str, Any]) -> str:
    goal, ratio = row.get("goal"), row.get("ratio")
    if not goal or ratio is None:
        return ""
    sign, limit = str(goal).split()[0], float(str(goal).split()[1])
    return "ok" if (ratio <= limit if sign == "<=" else ratio >= limit) else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
