"""By which terms the hub judges guarded acts of Pro work: `pro.toml` in its data folder, else the defaults.

The same file as a workspace's (`pro_settings_files`); a team that changes it gives it to the hub as well, for the hub
decides. Touches the file system at the start of the hub, and the list of holidays once a year.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from console.domain.push import Rules
from console.holiday_files import holidays_named
from console.hub.clock import now_ms
from console.pro_settings_files import FILE_NAME, load_pro_settings

_YEARS_AHEAD: Final = 3
_YEAR_MS: Final = 31_556_952_000
_EPOCH_YEAR: Final = 1970


def terms_of(folder: Path, clock: Callable[[], int] = now_ms) -> Callable[[], Rules]:
    """What the log asks at each push. Raises ConsoleError for a file with mistakes, now and not later."""
    settings = load_pro_settings(folder / FILE_NAME)

    @lru_cache(maxsize=1)
    def of_year(year: int) -> Rules:
        return Rules(pro=settings, holidays=holidays_named(settings.calendar_holidays, year - 1, year + _YEARS_AHEAD))

    def rules() -> Rules:
        return of_year(_EPOCH_YEAR + clock() // _YEAR_MS)

    rules()
    return rules
