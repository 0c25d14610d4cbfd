"""The real incidents, for benchmarks: where they lie, and their rows as lines."""

from __future__ import annotations

import gzip
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "incidents" / "uci_incident_events.jsonl.gz"


def lines() -> list[bytes]:
    """The 162,319 rows; empty where the data is not beside the project."""
    return gzip.decompress(FILE.read_bytes()).splitlines() if FILE.is_file() else []
