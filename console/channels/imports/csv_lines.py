"""The records of a CSV from its lines, whatever is wrong with one of them. Called by `snapshots`.

The dialect is RFC 4180 with any one-character delimiter. A quote that never closes would take the rest of the file for
one value: such a line is given up alone, and the lines behind it are read again.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from console.channels.imports.event_rows import shown
from console.channels.imports.reading import LINE_LIMIT

LINES_LIMIT: Final = 1000
"""The most lines that one record may have."""


class Record(NamedTuple):
    """One record: the number of its first line, its text, its values, or the reason why it cannot be read."""

    line: int
    text: str
    values: list[str]
    rejected: str | None = None


def records(lines: Iterable[tuple[int, bytes]], *, encoding: str, delimiter: str) -> Iterator[Record]:
    """Each record of the file; blank lines are none."""
    source = iter(lines)
    again: deque[tuple[int, bytes]] = deque()
    while (first := again.popleft() if again else next(source, None)) is not None:
        number, raw = first
        if not raw.strip():
            continue
        if len(raw) > LINE_LIMIT:
            yield Record(number, shown(raw), [], f"The line is longer than {LINE_LIMIT} bytes.")
            continue
        used = [first]
        try:
            if b'"' not in raw:
                text = raw.rstrip(b"\r").decode(encoding)
                yield Record(number, text, text.split(delimiter))
                continue
            values = next(csv.reader(_text(used, again, source, encoding), delimiter=delimiter, strict=True))
            yield Record(number, "\n".join(line.rstrip(b"\r").decode(encoding) for _, line in used), values)
        except UnicodeDecodeError:
            again.extendleft(reversed(used[1:]))
            yield Record(number, shown(raw), [], f"The line is not text in the encoding {encoding}.")
        except csv.Error as error:
            again.extendleft(reversed(used[1:]))
            yield Record(number, shown(raw), [], f"The line is not CSV: {error}.")


def _text(
    used: list[tuple[int, bytes]], again: deque[tuple[int, bytes]], source: Iterator[tuple[int, bytes]], encoding: str
) -> Iterator[str]:
    """The text of the record that begins with the one line in `used`, which gathers the lines that it goes on in."""
    yield used[0][1].decode(encoding) + "\n"
    size = len(used[0][1])
    while len(used) < LINES_LIMIT and size < LINE_LIMIT:
        following = again.popleft() if again else next(source, None)
        if following is None:
            return
        used.append(following)
        size += len(following[1])
        yield following[1].decode(encoding) + "\n"
    raise csv.Error("a quote is not closed")
