"""What customers and engineers wrote, as data on paper: on one line, never markup, never a formula.

Pure; every paper takes its texts through here. A spreadsheet runs a cell that begins with `=`, and Markdown reads
asterisks, pipes and angle brackets: neither is for the writer of a ticket's subject to decide.
"""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffc]")
"""Control characters, line ends, embedded objects, and the marks that make text read in another order."""
_HALF_CHARACTERS: Final = re.compile("[\ud800-\udfff]")
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>#|~&!]|:(?=//)|(?<=www)\.")
_FORMULA_STARTS: Final = frozenset("=+-@＝＋－＠")


def one_line(text: str) -> str:
    """The text on one line, without what cannot be seen or encoded."""
    return " ".join(_HALF_CHARACTERS.sub("\ufffd", _UNSEEN.sub(" ", text)).split())


def markdown_text(text: str) -> str:
    """A text that Markdown shows as it was written, in a table's cell too, and links to nothing.

    It has to stand behind something on its line: marks that count only at a line's beginning stay as they are.
    """
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def spreadsheet_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that would begin as such gets an apostrophe before it."""
    line = one_line(text)
    return f"'{line}" if line[:1] in _FORMULA_STARTS else line
