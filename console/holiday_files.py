"""Where holidays come from: the federal list of the United States, none, or a file that a person names.

Touches the file system and the package `holidays`, nothing else. Source: spec pro_services.md 3 (4, 5) and 4. Called by
`pro plan` and the desk. The package costs 130 ms to import, so it is imported with the first question.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from console.domain.errors import ConsoleError
from console.domain.opening_hours import CalendarError, read_date
from console.domain.pro_settings import FEDERAL, NO_HOLIDAYS
from console.utf8_text import utf8_text

MOST_BYTES: Final = 1_000_000
"""A list of holidays has some kilobytes; a larger file is another file, and is not read to its end."""

_COMMENT: Final = "#"


class HolidaysError(ConsoleError):
    """Holidays that cannot be read: one sentence with the file, the line where there is one, and the reason.

    Attributes: `source` the file or list as the caller named it, `line` from 1 or None, `reason` the rest.
    """

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        self.source = source
        self.line = line
        self.reason = reason
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {reason}{'' if reason[-1:] in '.?' else '.'}")


def holidays_named(name: str, first_year: int, last_year: int) -> frozenset[date]:
    """The holidays that a setting or an option names, at least those of the years asked for.

    `us-federal` is the federal list with its observed days, `none` has none, anything else is the path of a file.
    HolidaysError where the list does not reach so far, or the file cannot be read.
    """
    if name == NO_HOLIDAYS:
        return frozenset()
    if name == FEDERAL:
        return federal_holidays(first_year, last_year)
    return load_holidays(Path(name))


def federal_holidays(first_year: int, last_year: int) -> frozenset[date]:
    """The federal holidays of the United States in some years, each on its day and on the day of its observance.

    The 31st of December is among them where New Year's Day falls on a Saturday. HolidaysError after the last year that
    the list knows.
    """
    from holidays import country_holidays

    federal = country_holidays("US", years=range(first_year, last_year + 1), observed=True)
    if last_year > federal.end_year:
        reason = f'the list ends with the year {federal.end_year}; give a file of dates, or "{NO_HOLIDAYS}"'
        raise HolidaysError(FEDERAL, None, reason)
    return frozenset(federal)


def load_holidays(path: Path) -> frozenset[date]:
    """The dates in a file: one a line (`YYYY-MM-DD`), then a space or comma and a name if one likes.

    Empty lines, and whatever follows a `#`, are skipped. HolidaysError with the line that is none of these.
    """
    source = str(path)
    found: set[date] = set()
    for number, line in enumerate(utf8_text(_content(path, source), partial(HolidaysError, source)).splitlines(), 1):
        words = line.partition(_COMMENT)[0].replace(",", " ").split(maxsplit=1)
        if not words:
            continue
        try:
            found.add(read_date(words[0], "holidays"))
        except CalendarError as error:
            raise HolidaysError(source, number, error.sentence.removeprefix("holidays: ")) from None
    return frozenset(found)


def _content(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise HolidaysError(source, None, "this is a folder; name the file of holidays in it") from None
    except FileNotFoundError:
        reason = f'there is no such file; holidays are "{FEDERAL}", "{NO_HOLIDAYS}" or a file of dates'
        raise HolidaysError(source, None, reason) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise HolidaysError(source, None, f"the file cannot be read: {reason.lower()}") from None
    if len(content) > MOST_BYTES:
        raise HolidaysError(source, None, f"this is not a list of holidays: it has more than {MOST_BYTES:,} bytes")
    return content
