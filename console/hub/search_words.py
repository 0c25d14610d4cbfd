"""What the search index holds of a text, and what it is asked for: plain words, without case, marks and signs.

The same folding on both sides, so that "Müller", "mueller@example.com" and `10.4.2` are found as a person would think:
PostgreSQL's own parser would keep addresses and paths in one piece. Pure. Called by `appending`, `searching`, `verify`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from console.domain.events import Event
from console.domain.plain_text import words_of

_MOST_WORDS: Final = 32
_BETWEEN: Final = re.compile(r"[\W_]+")
_PARTS: Final = re.compile(r'"([^"]*)"|([^\s"]+)')

Searchable = tuple[str, str]


def searchable(event: Event) -> Searchable | None:
    """The folded words of subject and body; None where an event holds none."""
    words = words_of(event)
    return None if words is None else (folded(words[0]), folded(words[1]))


def folded(text: str) -> str:
    """Lower case, without diacritics, one space between words."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in apart if not unicodedata.combining(character))
    return _BETWEEN.sub(" ", text.lower()).strip()


def query(words: str) -> str | None:
    """The `to_tsquery` expression for what a person typed: all words, in any order; "in quotes" as a phrase; the last
    word, if no space and no quote ends it, as a beginning. None where there is no word to look for."""
    found: list[str] = []
    for match in _PARTS.finditer(words):
        phrase = folded(match[1] if match[1] is not None else match[2])
        if phrase:
            open_ended = match[1] is None and match.end() == len(words)
            found.append(f"'{phrase}'" + (":*" if open_ended else ""))
    return " & ".join(found[:_MOST_WORDS]) or None
