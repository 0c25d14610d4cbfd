"""How names that people type are matched: products, plans, covers, the words of a file. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def name_key(name: str) -> str:
    """What the spellings of one name have in common: `Business-Critical`, `business critical`, `BUSINESS_CRITICAL`."""
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def spelled_as(name: str, known: Iterable[str]) -> str | None:
    """The spelling of a name among the known ones, or None."""
    wanted = name_key(name)
    return next((other for other in known if name_key(other) == wanted), None)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order, each in its first spelling only."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return tuple(found.values())
