"""The lines of a file to import, plain or gzip, whatever is wrong with it. Called by `desk.imports`.

Memory is bounded by the chunk and the longest line that is kept, not by the file. What cannot be read ends the lines
and is said in `damage`; everything before it has been given by then.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Final, Self

from console.channels.imports.errors import ImportFileError

LINE_LIMIT: Final = 1 << 20
"""The longest line that is read, in bytes. A longer one comes cut, and is rejected."""

_CHUNK: Final = 1 << 18
_HEAD: Final = 1 << 16
_GZIP_MAGIC: Final = b"\x1f\x8b"
_UTF8_MARK: Final = b"\xef\xbb\xbf"


class InputFile:
    """An open file to import.

    Attributes: `path`; `head`, its first 64 KiB (unpacked); `damage`, a sentence about why the lines ended too early
    or None, to be read after them; `cut_line`, the number of the line in the middle of which they ended, or None.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file and reads its head. Raises `ImportFileError` where there is nothing to read."""
        self.path = path
        self.damage: str | None = None
        self.cut_line: int | None = None
        self._broken: str | None = None
        self._file = _opened(path)
        self._chunks = self._read()
        head = b""
        while len(head) < _HEAD and (chunk := next(self._chunks, None)) is not None:
            head += chunk
        self.head = head.removeprefix(_UTF8_MARK)
        if not self.head.strip():
            self._file.close()
            raise ImportFileError(f"{path} {self._broken or 'is empty'}, so there is nothing to import.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number, from 1, without its line feed. To be called once.

        A line longer than `LINE_LIMIT` comes cut, yet longer than `LINE_LIMIT`.
        """
        number = 0
        rest = b""
        for chunk in chain((self.head,), self._chunks):
            parts = (rest + chunk).split(b"\n")
            rest = parts.pop()[: LINE_LIMIT + 1]
            for part in parts:
                number += 1
                yield number, part
        if self._broken is not None:
            self.damage = f"The file {self._broken} after line {number:,}; what could be read was imported."
        if rest:
            number += 1
            if self._broken is not None:
                self.cut_line = number
            yield number, rest

    def _read(self) -> Iterator[bytes]:
        try:
            while chunk := self._file.read1(_CHUNK):
                yield chunk
        except EOFError:
            self._broken = "ends in the middle of its gzip data"
        except (gzip.BadGzipFile, zlib.error):
            self._broken = "holds gzip data that is damaged"
        except OSError as error:
            self._broken = f"could not be read further ({error.strerror or error})"


def _opened(path: Path) -> BufferedReader | gzip.GzipFile:
    """The file for reading; gzip is known by its first two bytes, not by the name."""
    try:
        if not path.exists():
            raise ImportFileError(f"There is no file {path}.")
        if path.is_dir():
            raise ImportFileError(f"{path} is a directory; name the file in it that is to be imported.")
        if not path.is_file():
            raise ImportFileError(f"{path} is not a regular file, which an import needs.")
        file = path.open("rb")
        if file.peek(2)[:2] != _GZIP_MAGIC:
            return file
        file.close()
        return gzip.open(path, "rb")
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror or error}.") from None
