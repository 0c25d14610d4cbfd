"""Where things stand in a TOML text: the line of every table, key and array item.

`tomllib` reads values but forgets where they stood, and a mistake in a file that a person wrote is worth its line. The
scan follows the grammar of TOML 1.0 only so far as to find the ends of keys and values, so it wants a text that
`tomllib` has already accepted. Pure; called by `toml_document`.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from typing import Final

Path = tuple[str | int, ...]
"""Keys and array indexes from the top: `("target", 2, "seconds")`."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?!")|\'\'\'.*?\'\'\'(?!\')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL
)
_BARE: Final = re.compile(r"[^,\]}#\r\n]+")


class TomlLines:
    """The lines of a text that `tomllib` accepts."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [i for i, char in enumerate(text) if char == "\n"]
        self._starts: dict[Path, int] = {}
        self._last_item: dict[Path, int] = {}
        self._scan()

    def line(self, path: Path) -> int:
        """The line, from 1, of what stands at a path; of the nearest thing around it where nothing does."""
        while path and path not in self._starts:
            path = path[:-1]
        return bisect_left(self._breaks, self._starts.get(path, 0)) + 1

    def _scan(self) -> None:
        """Headers and key-value pairs, one after the other, as they stand."""
        text, at = self._text, self._blank(0)
        here: Path = ()
        while at < len(text):
            start = at
            if text.startswith("[", at):
                is_array = text.startswith("[[", at)
                keys, at = self._keys(at + (2 if is_array else 1))
                here = self._opened(keys, is_array, start)
                at = self._space(at) + (2 if is_array else 1)
            else:
                at = self._pair(here, at)
            at = self._blank(at)

    def _opened(self, keys: list[str], is_array: bool, start: int) -> Path:
        """The path of a table whose header stands at `start`: below an array of tables, it belongs to the last one."""
        path: Path = ()
        for key in keys[:-1]:
            path = (*path, key)
            self._starts.setdefault(path, start)
            if path in self._last_item:
                path = (*path, self._last_item[path])
        path = (*path, keys[-1])
        if is_array:
            self._starts.setdefault(path, start)
            self._last_item[path] = self._last_item.get(path, -1) + 1
            path = (*path, self._last_item[path])
        self._starts[path] = start
        return path

    def _pair(self, table: Path, at: int) -> int:
        """One `key = value` of a table; gives the end of the value."""
        start = at
        keys, at = self._keys(at)
        path = table
        for key in keys:
            path = (*path, key)
            self._starts.setdefault(path, start)
        return self._value(path, self._blank(self._space(at) + 1))

    def _value(self, path: Path, at: int) -> int:
        """Notes the parts of the value that begins at `at`; gives its end."""
        text = self._text
        match text[at : at + 1]:
            case "[":
                at = self._blank(at + 1)
                index = 0
                while not text.startswith("]", at):
                    self._starts[(*path, index)] = at
                    at = self._blank(self._value((*path, index), at))
                    at = self._blank(at + 1) if text.startswith(",", at) else at
                    index += 1
                return at + 1
            case "{":
                at = self._blank(at + 1)
                while not text.startswith("}", at):
                    at = self._blank(self._pair(path, at))
                    at = self._blank(at + 1) if text.startswith(",", at) else at
                return at + 1
            case '"' | "'":
                return self._end(_TEXT, at)
            case _:
                return self._end(_BARE, at)

    def _keys(self, at: int) -> tuple[list[str], int]:
        """A dotted key and its end."""
        keys = []
        while True:
            at = self._space(at)
            end = self._end(_KEY, at)
            keys.append(_unquoted(self._text[at:end]))
            at = self._space(end)
            if not self._text.startswith(".", at):
                return keys, at
            at += 1

    def _blank(self, at: int) -> int:
        return self._end(_BLANK, at)

    def _space(self, at: int) -> int:
        return self._end(_SPACE, at)

    def _end(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self._text, at)
        if found is None:
            raise ValueError(f"not a TOML text at character {at}")
        return found.end()


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    (name,) = tomllib.loads(f"{key} = 0")
    return name
