"""Every setting of spec pro_services.md 4 can be set in `pro.toml`; a mistake in it is one sentence with its line."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console.domain.pro_settings import OTHER_TICKET, PAUSE_KINDS, THIRD_PARTY, DateException, PauseKind, ProSettings
from console.pro_settings_files import FILE_NAME, MOST_BYTES, ProSettingsFileError, load_pro_settings
from tests.domain.new_york import ny

DEFAULTS = ProSettings()

CHANGES: list[tuple[str, str, str, Any]] = [
    ("window.tz", '[window]\ntz = "-05:00"', "window_tz", "-05:00"),
    ("window.open", '[window]\nopen = "08:30"', "window_open", "08:30"),
    ("window.close", '[window]\nclose = "17:00"', "window_close", "17:00"),
    ("window.days", '[window]\ndays = ["mon", "sat"]', "window_days", ("mon", "sat")),
    (
        "window.exceptions",
        '[[window.exceptions]]\ndate = 2027-12-24\nhours = [["09:00", "13:00"]]',
        "window_exceptions",
        (DateException(date(2027, 12, 24), (("09:00", "13:00"),)),),
    ),
    ("calendar.holidays", '[calendar]\nholidays = "none"', "calendar_holidays", "none"),
    ("consent.commencement", '[consent]\ncommencement = "each_day"', "consent_commencement", "each_day"),
    ("consent.withdrawal", '[consent]\nwithdrawal = "not possible"', "consent_withdrawal", "not_possible"),
    ("renewal.instant", '[renewal]\ninstant = "06:00"', "renewal_time", "06:00"),
    ("renewal.instant", '[renewal]\ntz = "America/Chicago"', "renewal_tz", "America/Chicago"),
    ("cancel.hours", '[cancel]\nhours = "at_once"', "cancel_hours", "at_once"),
    ("forfeit.scope", '[forfeit]\nscope = "purchase"', "forfeit_scope", "purchase"),
    ("forfeit.undo_s", "[forfeit]\nundo_s = 0", "forfeit_undo_s", 0),
    ("engineers.metering", '[engineers]\nmetering = "sum"', "engineers_metering", "sum"),
    (
        "pause.kinds",
        '[[pause.kinds]]\nname = "tea"\nside = "engineer"\nmetered = true',
        "pause_kinds",
        (
            PauseKind("tea", "engineer", True),
            PauseKind(OTHER_TICKET, "engineer", False),
            PauseKind(THIRD_PARTY, "partner", True),
        ),
    ),
    ("third_party.wait", '[third_party]\nwait = "excluded"', "third_party_wait", "excluded"),
    ("noshow.after_min", "[noshow]\nafter_min = 30", "noshow_after_min", 30),
    ("noshow.charge", "[noshow]\ncharge = 20", "noshow_charge_min", 20),
    ("rework.metering", '[rework]\nmetering = "new_session"', "rework_metering", "new_session"),
    ("rounding", "rounding = 15", "rounding_min", 15),
    ("estimate.rounding", '[estimate]\nrounding = "none"', "estimate_rounding", "none"),
    ("wrapup.unmetered_min", "[wrapup]\nunmetered_min = 0", "wrapup_unmetered_min", 0),
    ("gap.min_s", "[gap]\nmin_s = 60", "gap_min_s", 60),
    ("gap.default", '[gap]\ndefault = "metered"', "gap_default", "metered"),
    ("idle.action", '[idle]\naction = "prompt"', "idle_action", "prompt"),
    ("clock.max_skew_s", "[clock]\nmax_skew_s = 5", "clock_max_skew_s", 5),
    ("offline.max_h", "[offline]\nmax_h = 24", "offline_max_h", 24),
    ("alerts.pct", "[alerts]\npct = [90, 25]", "alerts_pct", (25, 90)),
    ("alerts.min", "[alerts]\nmin = [1, 10]", "alerts_min", (10, 1)),
    ("parallel.unattended", '[parallel]\nunattended = "with_lead"', "parallel_unattended", "with_lead"),
]
"""The key of the spec's table, a text that sets it, and the field with its new value."""


def read(tmp_path: Path, text: str) -> ProSettings:
    file = tmp_path / FILE_NAME
    file.write_text(text, encoding="utf-8")
    return load_pro_settings(file)


def mistake(tmp_path: Path, text: str) -> str:
    """The sentence about a text, without the folder."""
    with pytest.raises(ProSettingsFileError) as error:
        read(tmp_path, text)
    return error.value.sentence.replace(str(tmp_path / FILE_NAME), FILE_NAME)


@pytest.mark.parametrize(("key", "text", "field", "value"), CHANGES, ids=[f"{c[0]}-{c[2]}" for c in CHANGES])
def test_each_setting_of_the_table_can_be_set(tmp_path: Path, key: str, text: str, field: str, value: Any) -> None:
    found = read(tmp_path, text)
    assert getattr(found, field) == value
    assert getattr(DEFAULTS, field) != value
    consequences = {"pause_kinds"} if key == "third_party.wait" else set()
    for other in ProSettings.__struct_fields__:
        if other not in {field, *consequences}:
            assert getattr(found, other) == getattr(DEFAULTS, other)


def test_every_field_is_set_by_some_key() -> None:
    """`renewal.anchor` has one value only; it is read, and changes nothing."""
    assert {change[2] for change in CHANGES} | {"renewal_anchor"} == set(ProSettings.__struct_fields__)


def test_without_a_file_the_defaults_stand(tmp_path: Path) -> None:
    assert load_pro_settings(tmp_path / FILE_NAME) == DEFAULTS
    assert load_pro_settings(tmp_path / "no folder" / FILE_NAME) == DEFAULTS
    assert read(tmp_path, "# nothing is said\n") == DEFAULTS


def test_the_defaults_can_be_written_out(tmp_path: Path) -> None:
    text = """rounding = "exact"
        noshow.charge = "none"
        calendar.holidays = "us-federal"
        renewal = { instant = "00:00", anchor = "clamp_keep_anchor" }
        alerts = { pct = [50, 80, 95, 100], min = [30, 15, 5] }
        """
    assert read(tmp_path, text) == DEFAULTS


def test_a_renewal_in_utc_is_written_with_a_z(tmp_path: Path) -> None:
    found = read(tmp_path, '[renewal]\ninstant = "00:00Z"')
    assert (found.renewal_time, found.renewal_tz) == ("00:00", "+00:00")
    assert read(tmp_path, '[renewal]\ninstant = "00:00Z"\ntz = "UTC"') == found
    both = '[renewal]\ntz = "America/New_York"\ninstant = "00:00Z"'
    assert mistake(tmp_path, both) == 'pro.toml, line 3: "instant" 00:00Z is in UTC, and "tz" says America/New_York.'


def test_a_file_of_holidays_lies_beside_the_settings(tmp_path: Path) -> None:
    beside = read(tmp_path, '[calendar]\nholidays = "days/ours.txt"').calendar_holidays
    assert Path(beside) == tmp_path / "days" / "ours.txt"
    elsewhere = tmp_path / "elsewhere.txt"
    assert Path(read(tmp_path, f"[calendar]\nholidays = '{elsewhere}'").calendar_holidays) == elsewhere
    assert read(tmp_path, '[calendar]\nholidays = "US-Federal"').calendar_holidays == "us-federal"


@pytest.mark.parametrize(
    ("published", "at"),
    [
        ("2027-12-01", "2027-12-01 00:00"),
        ("2027-12-01T10:30:00", "2027-12-01 10:30"),
        ("2027-12-01T10:30:00Z", "2027-12-01T10:30Z"),
    ],
)
def test_an_exception_counts_from_its_publication_in_the_windows_zone(tmp_path: Path, published: str, at: str) -> None:
    found = read(tmp_path, f"[[window.exceptions]]\ndate = 2027-12-24\npublished = {published}")
    assert found.window_exceptions == (DateException(date(2027, 12, 24), (), ny(at)),)


def test_third_party_waits_are_a_kind_of_their_own_that_the_setting_excludes(tmp_path: Path) -> None:
    assert DEFAULTS.pause_kinds == (*PAUSE_KINDS, PauseKind(THIRD_PARTY, "partner", metered=True))
    excluded = read(tmp_path, '[third_party]\nwait = "excluded"')
    assert excluded.pause_kinds[-1] == PauseKind(THIRD_PARTY, "partner", metered=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[windows]\ntz = "-05:00"', 'line 1: unknown key "windows"; did you mean "window"?'),
        ('[window]\nopens = "09:00"', 'line 2: unknown key "opens" in [window]; did you mean "open"?'),
        (
            '[consent]\ncommencement = "later"',
            'line 2: unknown commencement "later"; known are first_start, each_day.',
        ),
        ('[forfeit]\nundo_s = "5 min"', 'line 2: "undo_s" must be a whole number, not the text "5 min".'),
        ("[forfeit]\nundo_s = 4000", 'line 2: "undo_s" is 4000; it must be at most 3600.'),
        ("[window]\nopen = 9", 'line 2: "open" must be a text in quotes, not 9.'),
        (
            '[window]\n\nopen = "9:00"',
            'line 3: window.open: "9:00" is not a time of day; write it like 08:00, at most 24:00.',
        ),
        ('[window]\nopen = "18:00"', "line 1: window.close: 18:00 does not come after 18:00."),
        ('[window]\ndays = ["monday"]', 'line 2: unknown name "monday" in "days"; did you mean "mon"?'),
        ("[window]\ndays = []", 'line 2: "days" is empty: name at least one of mon, tue, wed, thu, fri, sat, sun.'),
        ("rounding = true", 'line 1: "rounding" must be "exact" or a whole number of minutes.'),
        ('rounding = "nearest"', 'line 1: "rounding" must be "exact" or a whole number of minutes.'),
        ("[noshow]\ncharge = 0", 'line 2: "charge" is 0; it must be at least 1.'),
        ("[alerts]\npct = 50", 'line 2: "pct" must be a list of whole numbers, such as pct = [50, 80].'),
        ("[alerts]\npct = [50,\n 101]", 'line 3: "pct" must be a list of whole numbers from 1 to 100, but holds 101.'),
        ('[pause]\nkinds = "lunch"', 'line 2: "kinds" must be tables, each written [[kinds]], not the text "lunch".'),
        ('[[pause.kinds]]\nname = "tea"\nside = "ours"', 'line 3: unknown side "ours"; known are engineer, partner.'),
        ('[[pause.kinds]]\nname = "tea"\nside = "partner"', 'line 1: "metered" is missing in [[pause.kinds]].'),
        (
            "[[window.exceptions]]\nday = 2027-12-24",
            'line 2: unknown key "day" in [[window.exceptions]]; known are date, hours, published.',
        ),
        (
            '[[window.exceptions]]\ndate = "2027-12-24"',
            'line 2: "date" must be a date without quotes, such as 2027-12-24.',
        ),
        (
            '[[window.exceptions]]\ndate = 2027-12-24\nhours = "09:00"',
            'line 3: "hours" must be a list of times such as [["09:00", "13:00"]]; left out, it is closed.',
        ),
        (
            "[[window.exceptions]]\ndate = 2027-12-24\n[[window.exceptions]]\ndate = 2027-12-24",
            "line 4: a second exception for 2027-12-24.",
        ),
        (
            "[[window.exceptions]]\ndate = 2027-12-24\npublished = 2027-11-07T01:30:00",
            "line 3: The clocks of America/New_York show 2027-11-07 01:30 twice: write its offset, -04:00 (EDT) or "
            "-05:00 (EST).",
        ),
        ("window = 3", 'line 1: "window" must be a table, written [window], not 3.'),
        ("[window", "line 1: not TOML: expected ']' at the end of a table declaration at the end of the file."),
    ],
)
def test_a_mistake_is_one_sentence_with_the_line_and_what_is_possible(tmp_path: Path, text: str, said: str) -> None:
    assert mistake(tmp_path, text) == f"{FILE_NAME}, {said}"


def test_est_is_refused_because_it_has_no_summer(tmp_path: Path) -> None:
    assert mistake(tmp_path, '[window]\ntz = "EST"').startswith('pro.toml, line 2: window.tz: "EST" has no daylight')


def test_hours_of_an_exception_that_cannot_be_are_refused(tmp_path: Path) -> None:
    said = mistake(tmp_path, '[[window.exceptions]]\ndate = 2027-12-24\nhours = [["9", "13:00"]]')
    assert said.startswith('pro.toml, line 3: the hours of 2027-12-24: "9" is not a time of day')


@pytest.mark.parametrize("year", ["1900", "9999"])
def test_dates_that_no_calendar_reaches_are_refused(tmp_path: Path, year: str) -> None:
    published = f"[[window.exceptions]]\ndate = 2027-12-24\npublished = {year}-12-31"
    assert mistake(tmp_path, published) == 'pro.toml, line 3: "published" lies outside the years 1970 to 2200.'
    dated = f"[[window.exceptions]]\ndate = {year}-12-31"
    assert mistake(tmp_path, dated) == 'pro.toml, line 2: "date" lies outside the years 1970 to 2200.'


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    for content, said in (
        (b"\0", "binary file"),
        (b"# \xff", "not UTF-8"),
        (b"#" * (MOST_BYTES + 1), "more than 1,000,000 bytes"),
    ):
        file.write_bytes(content)
        with pytest.raises(ProSettingsFileError, match=said):
            load_pro_settings(file)
    with pytest.raises(ProSettingsFileError, match="folder"):
        load_pro_settings(tmp_path)


def test_the_mark_of_some_editors_is_skipped(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbfrounding = 15\n")
    assert load_pro_settings(tmp_path / FILE_NAME).rounding_min == 15


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="file modes do not hold for this user")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text("", encoding="utf-8")
    file.chmod(0)
    with pytest.raises(ProSettingsFileError, match="cannot be read: permission denied"):
        load_pro_settings(file)
