"""Importing the real incidents into a fresh database, against decoding plus `executemany` into the same tables and
indexes; and how the cost grows."""

from __future__ import annotations

import gzip
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from console.desk.imports import run_import
from console.guidelines_files import shipped_history
from console.journal.driver import choose_driver
from console.journal.store import Journal
from tests.bench import incidents

GOAL = "<= 3"
NOW_MS = 1_767_225_600_000
TABLES = ("entries", "tickets", "search")


def run() -> list[dict[str, Any]]:
    lines = incidents.lines()
    if not lines:
        return [{"what": "import", "note": "the incidents are not beside this checkout"}]
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        took = min(import_into(folder / f"{n}.db", incidents.FILE) for n in range(2))
        started = time.perf_counter()
        decoder = msgspec.json.Decoder()
        for line in lines:
            decoder.decode(line)
        decoding = time.perf_counter() - started
        floor = decoding + min(insert_again(folder / "0.db", folder / f"floor{n}.db") for n in range(2))
        rows.append(
            {
                "what": f"import of {len(lines):,} rows into a fresh database",
                "ours_s": took,
                "peer": "decode + executemany into the same tables",
                "peer_s": floor,
                "ratio": took / floor,
                "goal": GOAL,
            }
        )
        for count in (1_000, 10_000, 100_000):
            part = folder / f"{count}.jsonl.gz"
            part.write_bytes(gzip.compress(b"\n".join(lines[:count]) + b"\n", 1))
            took = import_into(folder / f"grow{count}.db", part)
            rows.append({"what": f"  a row, of {count:,}", "ours_us": took / count * 1e6})
    return rows


def import_into(database: Path, source: Path) -> float:
    """Seconds to import a file into a fresh journal, opening and closing left out."""
    with Journal.open(database, history=shipped_history(), now_ms=NOW_MS) as journal:
        started = time.perf_counter()
        report = run_import(journal, source, rejects_folder=database.parent, now_ms=NOW_MS)
        took = time.perf_counter() - started
        assert report.read == report.taken, report
    return took


def insert_again(filled: Path, fresh: Path) -> float:
    """Seconds to put all rows of one database into another of the same schema, in one transaction."""
    Journal.open(fresh, history=shipped_history(), now_ms=NOW_MS).close()
    driver = choose_driver().module
    source, target = driver.connect(str(filled)), driver.connect(str(fresh), isolation_level=None)
    try:
        rows = {table: source.execute(f"SELECT rowid, * FROM {table}").fetchall() for table in TABLES}
        names = {table: [column[1] for column in source.execute(f"PRAGMA table_info({table})")] for table in TABLES}
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=FULL")
        started = time.perf_counter()
        target.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            if not rows[table]:
                continue
            columns = names[table]
            offset = 0 if len(rows[table][0]) == len(columns) + 1 and table == "search" else 1
            listed = ", ".join(["rowid", *columns] if offset == 0 else columns)
            marks = ", ".join("?" * (len(columns) + 1 - offset))
            target.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", (r[offset:] for r in rows[table]))
        target.execute("COMMIT")
        return time.perf_counter() - started
    finally:
        source.close()
        target.close()
