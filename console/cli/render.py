"""What the command line prints: aligned tables for people, JSON for programs.

Texts of customers go to a terminal here, so control characters (and with them escape sequences) are taken out.
"""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

GAP: Final = "  "
_LEAST_LAST_COLUMN: Final = 20
_ELLIPSIS: Final = "…"


def plain(text: str) -> str:
    """One line without control characters: nothing that a customer wrote can steer the terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def width(text: str) -> int:
    """How many columns of a terminal a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with an ellipsis where it was longer."""
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for c in text:
        used += width(c)
        if used > columns:
            break
        kept.append(c)
    return "".join(kept).rstrip() + _ELLIPSIS


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The lines of a table. Columns in `right` are set flush right; the last one is cut to the terminal's width."""
    cells = [list(headings), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(headings))]
    room = _room(sum(widths[:-1]) + len(GAP) * (len(widths) - 1))
    lines = []
    for row in cells:
        parts = []
        for column, cell in enumerate(row[:-1]):
            space = " " * (widths[column] - width(cell))
            parts.append(space + cell if column in right else cell + space)
        last = row[-1] if room is None else cut(row[-1], room)
        if len(row) - 1 in right:
            last = " " * (widths[-1] - width(last)) + last
        lines.append(GAP.join([*parts, last]).rstrip())
    return lines


def _room(taken: int) -> int | None:
    """The columns left for the last column of a table; None where nothing needs to be cut (a file, a pipe)."""
    if not sys.stdout.isatty():
        return None
    return max(_LEAST_LAST_COLUMN, shutil.get_terminal_size().columns - taken)


def print_lines(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_json(value: Any) -> None:
    """One JSON value: an array with an element on each line, an object with its keys indented."""
    if isinstance(value, list):
        sys.stdout.write("[")
        for place, element in enumerate(value):
            sys.stdout.write(("," if place else "") + "\n  " + _json(element))
        sys.stdout.write("\n]\n" if value else "]\n")
    else:
        sys.stdout.write(_json(value, indent=2) + "\n")


def _json(value: Any, indent: int | None = None) -> str:
    """Escaped where the terminal's encoding would lose characters."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    return json.dumps(value, ensure_ascii=not unicode, indent=indent)
