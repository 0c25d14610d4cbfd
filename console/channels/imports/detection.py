"""What a file to import is, by its content. Pure; called by `desk.imports` where the person did not say."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from console.channels.imports.column_mapping import ColumnMapping
from console.channels.imports.errors import ImportFileError

TICKET_EVENTS: Final = "ticket-events"
CSV: Final = "csv"
FORMATS: Final = (TICKET_EVENTS, CSV)

_OBJECT: Final = re.compile(rb'^[ \t]*\{[ \t]*["}]', re.MULTILINE)
_OPEN_ARRAY: Final = re.compile(rb"\s*\[[^\]\n]*(?:\n|\Z)")
"""An array that goes on behind its first line; one that ends there is only a row that will be rejected."""
_EVENT_SUFFIXES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")


def detect(head: bytes, path: Path, mapping: ColumnMapping) -> str:
    """The format of a file, from its first bytes: a heading with the mapping's columns, or JSON objects line by line.

    The name decides only where the content does not. Raises `ImportFileError`, with what was found, for neither.
    """
    columns = heading(head, mapping)
    if mapping.fits(columns):
        return CSV
    if _OBJECT.search(head) and not _OPEN_ARRAY.match(head):
        return TICKET_EVENTS
    if b"\0" in head or not _is_text(head):
        raise ImportFileError(f"{path} is a binary file; an import reads lines of text, plain or gzip.")
    if head.lstrip()[:1] == b"[":
        raise ImportFileError(f"{path} is a JSON array; ticket events are JSON objects, one on each line.")
    if path.name.casefold().endswith(_EVENT_SUFFIXES):
        return TICKET_EVENTS
    raise ImportFileError(
        f"{path} is neither ticket events (a JSON object on each line) nor a CSV with the columns of the mapping "
        f"{mapping.name}: its heading has no {mapping.missing(columns)[0]!r}. Give a mapping that fits, or the format."
    )


def heading(head: bytes, mapping: ColumnMapping) -> list[str]:
    """The column names on the first line of a CSV; an empty list where it cannot be read as text."""
    first = head.lstrip(b"\r\n").split(b"\n", 1)[0]
    try:
        text = first.decode(mapping.encoding).rstrip("\r")
        return [name.strip() for name in next(csv.reader([text], delimiter=mapping.delimiter), [])]
    except (UnicodeDecodeError, csv.Error):
        return []


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) - error.start < 4  # a character cut by the end of the head
    return True
