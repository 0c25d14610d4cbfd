"""The words of other help desks for impact and status, and a record of what was guessed. Called by the formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from console.channels.imports.errors import ImportFileError
from console.domain.events import IMPACTS, Impact, Status

_BY_DEFAULT: Final[dict[str, Impact]] = {
    "urgent": "urgent",
    "critical": "urgent",
    "1": "urgent",
    "high": "high",
    "2": "high",
    "normal": "normal",
    "medium": "normal",
    "moderate": "normal",
    "3": "normal",
    "low": "low",
    "4": "low",
}
_NUMBERED: Final = re.compile(r"(?:p|sev)?\s*([1-4])\s*(?:[-:.)]\s*(.*))?")

StatusWord = Status

_STATUSES: Final[dict[str, StatusWord]] = {
    "new": "new",
    "open": "open",
    "pending": "pending",
    "hold": "on_hold",
    "on_hold": "on_hold",
    "onhold": "on_hold",
    "solved": "solved",
    "resolved": "solved",
    "closed": "closed",
}


class Guess(msgspec.Struct, frozen=True):
    """What a word of the source was taken for: None when it is unknown and changed nothing. `rows` counts its uses."""

    word: str
    impact: Impact | None
    rows: int


class ImpactWords:
    """Maps the source's words for impact. Case and surrounding space do not matter.

    `1 - Critical` is read by its word, where that is unknown by its digit. What `given` names was said by a person
    and is no guess, and neither is our own word for an impact.
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        """Raises `ImportFileError` where `given` maps to something that is not an impact."""
        self._given: dict[str, Impact] = {}
        for word, impact in (given or {}).items():
            self._given[plain(word)] = as_impact(impact, word)
        self._known: dict[str, Impact | None] = {}
        self._rows: dict[str, int] = {}

    def impact(self, word: str) -> Impact | None:
        """The impact behind a word, None when it is unknown. Counts the use."""
        try:
            impact = self._known[word]
        except KeyError:
            impact = self._known[word] = self._read(plain(word))
        self._rows[word] = self._rows.get(word, 0) + 1
        return impact

    def guesses(self) -> tuple[Guess, ...]:
        """Every word that was used and that nobody had explained, most used first."""
        told = (
            Guess(word, self._known[word], rows)
            for word, rows in self._rows.items()
            if plain(word) not in self._given and self._known[word] != plain(word)
        )
        return tuple(sorted(told, key=lambda guess: (-guess.rows, guess.word)))

    def _read(self, plain: str) -> Impact | None:
        impact = self._given.get(plain) or _BY_DEFAULT.get(plain)
        if impact is None and (numbered := _NUMBERED.fullmatch(plain)):
            digit, word = numbered.groups()
            by_digit = self._given.get(digit) or _BY_DEFAULT[digit]
            impact = self._given.get(word or "") or _BY_DEFAULT.get(word or "") or by_digit
        return impact


def as_impact(name: str, word: str) -> Impact:
    """One of our impacts by its name. Raises `ImportFileError` for another, saying which word was to mean it."""
    for impact in IMPACTS:
        if plain(name) == impact:
            return impact
    raise ImportFileError(f'The impact "{name}" for the word "{word}" is unknown; known are {", ".join(IMPACTS)}.')


def status_word(word: str) -> StatusWord | None:
    """Our status behind a source's word, None when it is unknown. Space, hyphen and underscore are alike."""
    status = _STATUSES.get(word)
    return status if status is not None else _STATUSES.get(re.sub(r"[\s_-]+", "_", word.strip().casefold()))


def plain(word: str) -> str:
    """A word by which others are compared: without case and surrounding space."""
    return word.strip().casefold()
