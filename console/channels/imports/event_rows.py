"""The rows of ticket events: JSON lines decoded, checked and put in order. Called by `ticket_events`.

What a row must have (`ticket`, `at`, `type`) and may have is in docs/import-format.md. A row that breaks it is refused
with a reason, never guessed at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from console.channels.imports.errors import RowError
from console.channels.imports.facts import Mapped
from console.channels.imports.instants import iso_instant
from console.channels.imports.reading import LINE_LIMIT
from console.channels.imports.staging import Staging, TicketRows

TYPES: Final = frozenset(
    {
        "ticket_created",
        "customer_reply",
        "agent_reply",
        "internal_note",
        "assigned",
        "status_changed",
        "priority_changed",
        "solved",
        "closed",
        "reopened",
        "merged",
    }
)
NAME_LIMIT: Final = 200
"""The longest name of a ticket, in characters."""

_DEPTH_LIMIT: Final = 64
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_DIGITS: Final = re.compile(r"-?[0-9]{1,18}")
_UNREADABLE: Final = (ValueError, RecursionError)
"""What decoding can raise: msgspec's errors and UnicodeDecodeError are ValueErrors."""


class _Name(msgspec.Struct, gc=False):
    """Only the key by which rows are brought together; the rest of a row is skipped at first."""

    ticket: str | int | None = None


_name_of: Final = msgspec.json.Decoder(_Name).decode
_decode: Final = msgspec.json.Decoder().decode
_canonical: Final = msgspec.json.Encoder(order="sorted").encode


class EventRow(msgspec.Struct, frozen=True, gc=False):
    """A row that can be mapped. `at` is in epoch ms; `sequence` identifies the row within its ticket, `order` sorts it
    among rows of one instant; `data` is what stands there besides `ticket`, `at` and `type`, to be consumed.
    """

    line: int
    raw: bytes
    type: str
    at: int
    sequence: str
    order: tuple[float, str]
    data: dict[str, Any]


def stage(lines: Iterable[tuple[int, bytes]], staging: Staging) -> Iterator[int]:
    """Puts each row to its ticket, or among the rejected. Gives the number of rows after each; blank lines are none."""
    count = 0
    last: str | int | None = None
    ticket = ""
    for line, raw in lines:
        if not raw or raw.isspace():
            continue
        count += 1
        try:
            if len(raw) > LINE_LIMIT:
                raise RowError(f"The line is longer than {LINE_LIMIT} bytes.")
            name = _name_of(raw).ticket
            if name != last or name is None or type(name) is not type(last):
                ticket, last = ticket_name(name), name
        except _UNREADABLE:
            staging.reject(line, _why_unreadable(raw), shown(raw))
        except RowError as rejected:
            staging.reject(line, str(rejected), shown(raw))
        else:
            staging.add(ticket, line, raw)
        yield count


def in_order(ticket: TicketRows) -> tuple[list[EventRow], list[Mapped]]:
    """The rows of a ticket by (time, source sequence, line), creation first (spec events.md 2), and the rest: what
    cannot be read, and what an earlier line said already."""
    keyed: list[tuple[bool, int, tuple[float, str], int, EventRow]] = []
    aside: list[Mapped] = []
    seen: dict[str, EventRow] = {}
    occurrences: dict[str, int] = {}
    for line, raw in ticket.rows:
        try:
            row = _row(line, raw, occurrences)
        except RowError as rejected:
            aside.append(Mapped(line, raw, (), str(rejected)))
            continue
        first = seen.setdefault(row.sequence, row)
        if first is row:
            keyed.append((row.type != "ticket_created", row.at, row.order, line, row))
        elif first.raw == raw or _decode(first.raw) == _decode(raw):
            aside.append(Mapped(line, raw))
        else:
            said = f"Line {first.line} has the same ticket and seq with other content; the first is kept."
            aside.append(Mapped(line, raw, (), said))
    keyed.sort()
    return [key[4] for key in keyed], aside


def text_of(data: dict[str, Any], key: str) -> str | None:
    """Takes a text out of a row; a number is taken as it is written. Raises `RowError` for anything else."""
    value = data.pop(key, None)
    if value is None or type(value) is str:
        return value
    if type(value) is int or type(value) is float:
        return str(value)
    raise RowError(f'"{key}" must be a text, not {_kind(value)}.')


def flag_of(data: dict[str, Any], key: str, default: bool) -> bool:
    value = data.pop(key, None)
    if value is None:
        return default
    if type(value) is bool:
        return value
    raise RowError(f'"{key}" must be true or false, not {_kind(value)}.')


def shown(raw: bytes) -> str:
    """A line as a text for the rejects file; one over the limit is cut, bytes that are not UTF-8 are escaped."""
    if len(raw) > LINE_LIMIT:
        return raw[:200].decode(errors="backslashreplace") + "..."
    return raw.rstrip(b"\r").decode(errors="backslashreplace")


def _row(line: int, raw: bytes, occurrences: dict[str, int]) -> EventRow:
    """A row, decoded and checked; `occurrences` counts the rows of its ticket that say the same without a seq."""
    try:
        data = _decode(raw)
    except _UNREADABLE:
        raise RowError(_why_unreadable(raw)) from None
    if raw.count(b"[") + raw.count(b"{") > _DEPTH_LIMIT and _depth(data) > _DEPTH_LIMIT:
        raise RowError(f"The row is nested more than {_DEPTH_LIMIT} deep.")
    name = data.get("type")
    if type(name) is not str or name not in TYPES:
        raise RowError('The row has no "type".' if name is None else f"The type {_said(name)} is unknown.")
    at = data.get("at")
    if at is None:
        raise RowError('The row has no "at".')
    at = iso_instant(at)
    number = data.get("seq")
    order: tuple[float, str]
    if type(number) is int:
        sequence, order = str(number), (number, "")
    elif number is None:
        sequence, order = _sequence_by_content(data, occurrences), (-math.inf, "")
    else:
        sequence, order = _sequence_as_text(number)
    del data["at"], data["ticket"], data["type"]
    return EventRow(line, raw, name, at, sequence, order, data)


def _sequence_by_content(data: dict[str, Any], occurrences: dict[str, int]) -> str:
    """What identifies a row that has no seq: its content, and how many of its ticket said the same before it."""
    digest = sha256(_canonical(data)).hexdigest()
    occurrence = occurrences[digest] = occurrences.get(digest, 0) + 1
    return f"sha256:{digest}:{occurrence}"


def _sequence_as_text(value: object) -> tuple[str, tuple[float, str]]:
    """A seq that is not a whole number in JSON: digits in a text are the same number, anything else sorts as text."""
    if isinstance(value, float) and value.is_integer():
        value = str(int(value))
    if not isinstance(value, str) or not value or _CONTROL.search(value):
        raise RowError('"seq" must be a number or a text.')
    if _DIGITS.fullmatch(value):
        return str(int(value)), (int(value), "")
    return value, (math.inf, value)


def ticket_name(name: str | int | None) -> str:
    """A ticket's name in the source, checked. Raises `RowError`."""
    if name is None:
        raise RowError('The row has no "ticket".')
    ticket = str(name).strip() if type(name) is str else str(name)
    if not ticket or _CONTROL.search(ticket) or len(ticket) > NAME_LIMIT:
        raise RowError(f'"ticket" must be a name of 1 to {NAME_LIMIT} characters.')
    return ticket


def _why_unreadable(raw: bytes) -> str:
    """The reason, for a person, why a line is no row."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"The line is not UTF-8 (byte {error.start + 1})."
    if b"\0" in raw:
        return "The line holds NUL bytes."
    try:
        value = _decode(raw)
    except RecursionError:
        return f"The row is nested more than {_DEPTH_LIMIT} deep."
    except ValueError as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        return f"The line is not JSON: {reason[:1].lower()}{reason[1:]}."
    if type(value) is not dict:
        return f"The line is {_kind(value)}, not a JSON object."
    if type(value.get("ticket")) not in (str, int):
        return f'"ticket" must be a text, not {_kind(value.get("ticket"))}.'
    return "The line cannot be read."


def _depth(value: object) -> int:
    """How deep lists and objects are nested, without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth - 1


def _said(value: object) -> str:
    return f'"{value[:40]}"' if isinstance(value, str) else _kind(value)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
