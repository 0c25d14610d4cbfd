"""The text of a file that a person wrote, or the reason why it is none. Called by the readers of small files."""

from __future__ import annotations

from collections.abc import Callable

from console.domain.errors import ConsoleError


def utf8_text(content: bytes, wrong: Callable[[int | None, str], ConsoleError]) -> str:
    """The text, with or without the mark that some editors put before UTF-8.

    `wrong` makes the error of a line (from 1, or None) and a reason; it is raised for a binary file and for another
    encoding.
    """
    if b"\0" in content:
        raise wrong(None, "this is a binary file, or a text in UTF-16; save it as UTF-8 text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise wrong(line, "this is not UTF-8 text; save the file as UTF-8") from None
