"""Column mappings: what the columns of a CSV mean, in TOML that a person writes for their help desk.

Touches the file that it is given and the package `resources`, nothing else. The format is in docs/import-format.md; the
shipped mapping, `resources/imports/servicenow.toml`, is an example of it.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from datetime import datetime, tzinfo
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from console.channels.imports.errors import ImportFileError
from console.channels.imports.vocabulary import StatusWord, plain
from console.domain.events import IMPACTS, STATUSES
from console.domain.toml_document import TomlTable, read_toml

MOST_BYTES: Final = 1_000_000
_REQUIRED: Final = ("ticket", "updated_at")
_COLUMNS: Final = (
    *_REQUIRED,
    "sequence",
    "opened_at",
    "status",
    "impact",
    "assignee",
    "channel",
    "contact",
    "account",
    "product",
    "plan",
    "actor",
)
_UNKNOWN: Final = "unknown"


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping that was checked.

    `name` is part of the derived ids, so it must stay the same for the same source. `zone` is that of dates without an
    offset, `date_formats` are `strptime` patterns or `iso`, tried in order; `nulls` are the texts that mean no value.
    `columns` maps what we know to the source's headings; `subject` are the headings that make the subject together,
    `fields` those whose changes become `ticket.field_set`. `statuses` and `impacts` map plain words; a status of None
    is known to be unknown.
    """

    name: str
    encoding: str
    delimiter: str
    nulls: frozenset[str]
    zone: tzinfo
    date_formats: tuple[str, ...]
    columns: dict[str, str]
    subject: tuple[str, ...]
    fields: tuple[str, ...]
    statuses: dict[str, StatusWord | None]
    impacts: dict[str, str]

    def missing(self, heading: Sequence[str]) -> list[str]:
        """The columns without which a row says nothing and that a heading does not have."""
        needed = (*_REQUIRED, "opened_at", "status")
        return [self.columns[key] for key in needed if key in self.columns and self.columns[key] not in heading]

    def fits(self, heading: Sequence[str]) -> bool:
        return not self.missing(heading)


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a file. Raises `ImportFileError` with file, line and reason."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ImportFileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(content) > MOST_BYTES:
        raise ImportFileError(f"{path} is too large to be a column mapping.")
    return read_mapping(content, str(path))


def shipped_mapping() -> ColumnMapping:
    """The mapping for incidents exported from ServiceNow."""
    file = files("resources") / "imports" / "servicenow.toml"
    return read_mapping(file.read_bytes(), file.name)


def read_mapping(content: bytes, source: str) -> ColumnMapping:
    """The mapping in the bytes of a TOML file; `source` names it in errors, which are `ImportFileError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _mistake(source, line, "this is not UTF-8 text") from None
    top = read_toml(text, source, _mistake)
    top.only(
        ("name", "encoding", "delimiter", "null", "zone", "dates", "columns", "subject", "fields", "status", "impact")
    )
    columns = top.table("columns")
    columns.only(_COLUMNS)
    return ColumnMapping(
        name=top.text("name"),
        encoding=_encoding(top),
        delimiter=_delimiter(top),
        nulls=_nulls(top),
        zone=_zone(top),
        date_formats=_date_formats(top),
        columns={key: columns.text(key) for key in _COLUMNS if key in columns.values or key in _REQUIRED},
        subject=top.texts("subject", ()),
        fields=top.texts("fields", ()),
        statuses=_statuses(top.table("status")),
        impacts=_impacts(top.table("impact")),
    )


def _mistake(source: str, line: int | None, reason: str) -> ImportFileError:
    where = f"{source}, line {line}" if line else source
    return ImportFileError(f"{where}: {reason}{'' if reason[-1:] in '.?' else '.'}")


def _encoding(top: TomlTable) -> str:
    name = top.text("encoding", "utf-8")
    try:
        codecs.lookup(name)
        if '\n",;'.encode(name) == b'\n",;':
            return name
    except (LookupError, UnicodeError):
        raise top.wrong(f'unknown encoding "{name}"', "encoding") from None
    raise top.wrong(f'lines cannot be told apart in the encoding "{name}"; save the CSV as UTF-8', "encoding")


def _delimiter(top: TomlTable) -> str:
    value = top.values.get("delimiter", ",")
    if not isinstance(value, str) or len(value) != 1 or not value.isascii() or value in '"\r\n':
        raise top.wrong('"delimiter" must be one character, such as "," or ";" or "\\t"', "delimiter")
    return value


def _nulls(top: TomlTable) -> frozenset[str]:
    value = top.values.get("null", [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise top.wrong('"null" must be a list of texts', "null")
    return frozenset(value) | {""}


def _zone(top: TomlTable) -> tzinfo:
    name = top.text("zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise top.wrong(f'there is no zone "{name}"; name one such as "America/New_York" or "UTC"', "zone") from None


def _date_formats(top: TomlTable) -> tuple[str, ...]:
    """Each format must read back what it writes to the minute, so that no part of a date is dropped or swapped."""
    example = datetime(2025, 10, 14, 16, 5)
    formats = top.texts("dates", ("iso",))
    for index, pattern in enumerate(formats):
        try:
            whole = pattern == "iso" or datetime.strptime(example.strftime(pattern), pattern).replace(tzinfo=None)
        except ValueError:
            whole = None
        if whole not in (True, example) and "%z" not in pattern:
            raise top.wrong(f'"{pattern}" is not a format of date and time, such as "%d-%m-%Y %H:%M"', "dates", index)
    return formats


def _statuses(table: TomlTable) -> dict[str, StatusWord | None]:
    known = (*STATUSES, _UNKNOWN)
    return {
        plain(word): None if (name := table.choice(word, known)) == _UNKNOWN else _STATUS[name] for word in table.values
    }


_STATUS: Final[dict[str, StatusWord]] = {status: status for status in STATUSES}


def _impacts(table: TomlTable) -> dict[str, str]:
    return {plain(word): table.choice(word, IMPACTS) for word in table.values}
