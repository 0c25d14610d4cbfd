"""A TOML file that a person wrote, read key by key, so that every complaint names the file, the line and the reason.

Pure; called by the readers of such files (`guidelines_document`). A reader opens a document, takes what it knows from
each `TomlTable`, and calls `only` to refuse the rest.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from console.domain.errors import ConsoleError
from console.domain.names import distinct, name_key, spelled_as
from console.domain.toml_lines import Path, TomlLines

_SYNTAX_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")
_SYNTAX_END: Final = " (at end of document)"
_ENDLESS_NUMBER: Final = re.compile(r"[0-9_]{1000}")


class Mistake(Protocol):
    """Makes the error to raise: the file as the caller named it, the line from 1 or None, the reason."""

    def __call__(self, source: str, line: int | None, reason: str) -> ConsoleError: ...


class TomlTable:
    """One table of a document. Its readers give a checked value, or raise the document's error with the key's line.

    A key without a `default` is required.
    """

    def __init__(self, values: Mapping[str, Any], path: Path, lines: TomlLines, source: str, mistake: Mistake) -> None:
        self.values = values
        self.path = path
        self._lines = lines
        self._source = source
        self._mistake = mistake

    @property
    def line(self) -> int:
        """The line of the table's header or first key, from 1."""
        return self._lines.line(self.path)

    def wrong(self, reason: str, *keys: str | int) -> ConsoleError:
        """The error to raise about what stands below `keys`, or about the table as a whole."""
        return self._mistake(self._source, self._lines.line((*self.path, *keys)), reason)

    def only(self, known: Iterable[str]) -> None:
        """Refuses a key that nobody reads: a slip of the pen must not pass for a setting."""
        names = list(known)
        for key in self.values:
            if key not in names:
                raise self.wrong(f'unknown key "{key}"{_place(self.path)}; {nearest(key, names)}', key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty, without the space around it."""
        value = self._value(key, default)
        if not isinstance(value, str):
            raise self._not_a("a text in quotes", key)
        if key in self.values and not value.strip():
            raise self.wrong(f'"{key}" is empty', key)
        return value.strip()

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self._not_a("true or false", key)
        return value

    def whole(self, key: str, default: int | None = None, *, least: int, most: int) -> int:
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._not_a("a whole number", key)
        return int(self._within(key, value, least, most))

    def number(self, key: str, default: float | None = None, *, least: float, most: float) -> float:
        value = self._value(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._not_a("a number", key)
        return float(self._within(key, value, least, most))

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        value = self._value(key, default)
        if not isinstance(value, list | tuple):
            raise self._not_a("a list of texts", key)
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                raise self.wrong(f'"{key}" must be a list of texts, but holds {_said(item)}', key, index)
        return tuple(item.strip() for item in value)

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """One of the known names, in their spelling (`names.name_key`)."""
        name = self.text(key, default)
        found = spelled_as(name, known)
        if found is None:
            raise self.wrong(f'unknown {key} "{name}"; {nearest(name, known)}', key)
        return found

    def choices(self, key: str, known: Sequence[str], default: Sequence[str] | None = None) -> tuple[str, ...]:
        """A list of known names, in their spelling, each once."""
        names = self.texts(key, default)
        for index, name in enumerate(names):
            if spelled_as(name, known) is None:
                raise self.wrong(f'unknown name "{name}" in "{key}"; {nearest(name, known)}', key, index)
        return distinct(spelled_as(name, known) or name for name in names)

    def table(self, key: str) -> TomlTable:
        """The table below a key; an empty one where there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self._not_a(f"a table, written [{key}]", key)
        return self._below(value, key)

    def tables(self, key: str) -> list[TomlTable]:
        """The tables of an array, in the order of the file; none where there is no such key."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._not_a(f"tables, each written [[{key}]]", key)
        return [self._below(item, key, index) for index, item in enumerate(value)]

    def _below(self, values: Mapping[str, Any], *keys: str | int) -> TomlTable:
        return TomlTable(values, (*self.path, *keys), self._lines, self._source, self._mistake)

    def _value(self, key: str, default: object) -> object:
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(f'"{key}" is missing{_place(self.path) or " at the top of the file, above any table"}')
        return value

    def _within(self, key: str, value: float, least: float, most: float) -> float:
        if not least <= value <= most:  # also refuses nan
            limit = f"at most {most}" if value > most else f"at least {least}"
            raise self.wrong(f'"{key}" is {_said(value)}; it must be {limit}', key)
        return value

    def _not_a(self, wanted: str, key: str) -> ConsoleError:
        return self.wrong(f'"{key}" must be {wanted}, not {_said(self.values[key])}', key)


def read_toml(text: str, source: str, mistake: Mistake) -> TomlTable:
    """The top table of a TOML text; raises the `mistake` with the line of an error of syntax."""
    try:
        values = tomllib.loads(text)
        lines = TomlLines(text)
    except tomllib.TOMLDecodeError as error:
        reason, line = str(error), None
        if found := _SYNTAX_LINE.search(reason):
            reason, line = reason[: found.start()], int(found[1])
        elif reason.endswith(_SYNTAX_END):
            reason, line = reason.removesuffix(_SYNTAX_END) + " at the end of the file", text.rstrip().count("\n") + 1
        raise mistake(source, line, f"not TOML: {reason[:1].lower()}{reason[1:]}") from None
    except RecursionError:
        raise mistake(source, None, "lists or tables are nested too deeply to be read") from None
    except ValueError:  # Python refuses to read an integer of thousands of digits
        endless = _ENDLESS_NUMBER.search(text)
        line = None if endless is None else text.count("\n", 0, endless.start()) + 1
        raise mistake(source, line, "a number is too long to be read") from None
    return TomlTable(values, (), lines, source, mistake)


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or all that there is."""
    plain = {name_key(name): name for name in known}
    close = difflib.get_close_matches(name_key(word), plain, n=1)
    return f'did you mean "{plain[close[0]]}"?' if close else "known are " + ", ".join(known)


def _place(path: Path) -> str:
    """` in [[target]]`, ` in [cover.business]`, nothing at the top."""
    if not path:
        return ""
    name = ".".join(str(key) for key in path if not isinstance(key, int))
    return f" in [[{name}]]" if isinstance(path[-1], int) else f" in [{name}]"


def _said(value: object) -> str:
    """A value as a person wrote it, short."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'the text "{value[:40]}"' if value.strip() else "an empty text"
        case int() | float():
            return f"{value}"[:40]
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"the date or time {value}"
