"""Where guidelines come from: the files that are shipped, or one that a person names.

Touches the file system and the package `resources`, nothing else; the reading of the text is pure
(`console.domain.guidelines_document`). Called by the desk (`--guidelines FILE`, else the shipped ones).
"""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

from console.domain.guidelines import Guidelines, GuidelinesError, GuidelinesHistory
from console.domain.guidelines_document import parse_guidelines
from console.utf8_text import utf8_text

MOST_BYTES: Final = 1_000_000
"""A guidelines file has some kilobytes; a larger file is another file, and is not read to its end."""


def load_guidelines(path: Path | str) -> Guidelines:
    """The guidelines in a file. GuidelinesError when it cannot be read or does not say what it should."""
    source = str(path)
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise GuidelinesError(source, None, "this is a folder; name the guidelines file in it") from None
    except FileNotFoundError:
        raise GuidelinesError(source, None, "there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise GuidelinesError(source, None, f"the file cannot be read: {reason.lower()}") from None
    return parse_guidelines(_text(content, source), source)


def history_of(path: Path | str) -> GuidelinesHistory:
    """The history in which one file answers for every product and every instant. GuidelinesError as above."""
    return GuidelinesHistory([load_guidelines(path)])


def shipped_history() -> GuidelinesHistory:
    """The guidelines that come with the program (`resources/guidelines/*.toml`), in the order of their names."""
    folder = files("resources") / "guidelines"
    shipped = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return GuidelinesHistory(parse_guidelines(_text(file.read_bytes(), file.name), file.name) for file in shipped)


def _text(content: bytes, source: str) -> str:
    """The text of a file, with or without the mark that some editors put before UTF-8."""
    if len(content) > MOST_BYTES:
        raise GuidelinesError(source, None, f"this is not a guidelines file: it has more than {MOST_BYTES:,} bytes")
    return utf8_text(content, partial(GuidelinesError, source))
