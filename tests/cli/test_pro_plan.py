"""`pro plan`: the planner on the command line, its JSON, what people read, and what it refuses. Needs no workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.holiday_files import HolidaysError, federal_holidays, load_holidays
from tests.cli.conftest import Run, refused

RENEWAL = ("--renewal", "2027-02-01T00:00-05:00")
TUESDAY = ("--start", "2027-01-12T21:30:00Z")


def planned(run: Run, *argv: str | Path) -> dict[str, Any]:
    outcome = run("pro", "plan", *argv, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    answer: dict[str, Any] = json.loads(outcome.out)
    return answer


def starting(run: Run, start: str, *argv: str | Path, renewal: str = "2028-03-01") -> dict[str, Any]:
    return planned(run, "--start", start, "--renewal", renewal, "--hours", "1", *argv)


def test_the_json_has_the_keys_of_the_contract_in_their_order(run: Run, own_folder: Path) -> None:
    answer = planned(run, *TUESDAY, "--hours", "3", *RENEWAL)

    assert list(answer) == [
        "segments",
        "end",
        "left_seconds",
        "forfeited_seconds",
        "expired_seconds",
        "binding",
        "why",
    ]
    assert answer["segments"] == [
        ["2027-01-12T21:30:00.000Z", "2027-01-12T23:00:00.000Z"],
        ["2027-01-13T14:00:00.000Z", "2027-01-13T15:30:00.000Z"],
    ]
    assert (answer["end"], answer["binding"]) == ("exhausted", ["window", "allocation"])
    assert (answer["left_seconds"], answer["forfeited_seconds"], answer["expired_seconds"]) == (0, 0, 0)
    assert not own_folder.exists()


def test_a_refused_plan_is_an_answer_that_names_the_term(run: Run) -> None:
    answer = starting(run, "2027-01-12T18:00")

    assert (answer["segments"], answer["binding"], answer["end"]) == ([], [], "refused")
    assert (answer["left_seconds"], answer["forfeited_seconds"], answer["expired_seconds"]) == (3600, 0, 0)
    assert "(T12)" in answer["why"]


def test_scenario_37_a_start_after_the_renewal_is_refused_by_t7(run: Run) -> None:
    answer = starting(run, "2027-02-02T10:00", renewal="2027-02-01")

    assert (answer["end"], answer["left_seconds"]) == ("refused", 3600)
    assert "(T7)" in answer["why"]


def test_a_completion_forfeits_the_rest(run: Run) -> None:
    answer = starting(run, "2027-01-12T10:00", "--complete", "2027-01-12T10:20:30.500")

    assert (answer["end"], answer["binding"], answer["forfeited_seconds"]) == ("completed", ["completion"], 2369.5)


def test_hours_that_do_not_fit_before_the_renewal_expire(run: Run) -> None:
    answer = planned(run, "--start", "2027-02-10T09:00", "--hours", "2", "--renewal", "2027-02-10T14:37:22Z")

    assert (answer["end"], answer["expired_seconds"]) == ("expired", 3600 + 22 * 60 + 38)


@pytest.mark.parametrize(
    ("hours", "ends"),
    [
        ("2.5", "17:30:00"),
        ("1h30m", "16:30:00"),
        ("1h 30m", "16:30:00"),
        ("PT1H", "16:00:00"),
        ("90m", "16:30:00"),
        (".5", "15:30:00"),
        ("2", "17:00:00"),
        ("0.3333333", "15:20:00"),
        ("45s", "15:00:45"),
    ],
)
def test_hours_are_a_number_or_a_length(run: Run, hours: str, ends: str) -> None:
    answer = planned(run, "--start", "2027-01-12T15:00Z", "--hours", hours, *RENEWAL)

    assert answer["segments"] == [["2027-01-12T15:00:00.000Z", f"2027-01-12T{ends}.000Z"]]


def test_an_instant_without_an_offset_is_a_wall_time_of_the_service_window(run: Run) -> None:
    assert starting(run, "2027-07-06T09:00") == starting(run, "2027-07-06T13:00Z")
    assert starting(run, "2027-01-12T10:00") == starting(run, "2027-01-12T10:00-05:00")


def test_scenario_16_an_offset_of_another_place_is_the_same_instant(run: Run) -> None:
    assert starting(run, "2027-01-12T20:30+05:30") == starting(run, "2027-01-12T10:00")


def test_scenario_15_an_ambiguous_wall_time_asks_for_its_offset(run: Run) -> None:
    sentence = refused(run("pro", "plan", "--start", "2027-11-07T01:30", "--hours", "1", "--renewal", "2027-12-01"))
    assert sentence == (
        "The clocks of America/New_York show 2027-11-07 01:30 twice: write its offset, -04:00 (EDT) or -05:00 (EST)."
    )


def test_scenario_15_a_wall_time_that_does_not_exist_is_refused(run: Run) -> None:
    asked = ("--start", "2027-03-12T10:00", "--complete", "2027-03-14T02:30", "--hours", "1", "--renewal", "2027-04-01")
    assert "never show 2027-03-14 02:30" in refused(run("pro", "plan", *asked))


@pytest.mark.parametrize("zone", [("--zone", "-05:00"), ("--zone=-05:00",)])
def test_scenario_11_est_literal(run: Run, zone: tuple[str, ...]) -> None:
    assert starting(run, "2027-07-06T13:00Z")["end"] == "exhausted"
    assert starting(run, "2027-07-06T13:00Z", *zone)["end"] == "refused"
    whole = planned(run, "--start", "2027-07-06T14:00Z", "--hours", "9", "--renewal", "2027-08-01", *zone)
    assert whole["segments"] == [["2027-07-06T14:00:00.000Z", "2027-07-06T23:00:00.000Z"]]


def test_scenario_29_a_renewal_date_begins_at_midnight_in_new_york(run: Run) -> None:
    evening = ("--consent", "2027-06-30T18:00", "2027-07-01T02:00", "2027-06-29T12:00")

    def expired(renewal: str) -> int:
        asked = ("--start", "2027-06-30T22:00", "--hours", "4", "--renewal", renewal, *evening)
        seconds: int = planned(run, *asked)["expired_seconds"]
        return seconds

    assert expired("2027-07-01") == expired("2027-07-01T04:00Z") == 2 * 3600


def test_consents_are_given_one_by_one(run: Run) -> None:
    answer = planned(
        run,
        *("--start", "2027-01-16T10:00", "--hours", "4", "--renewal", "2027-02-01"),
        *("--consent", "2027-01-16T10:00", "2027-01-16T12:00", "2027-01-15T12:00"),
        *("--consent", "2027-01-16T14:00", "2027-01-16T15:00", "2027-01-15T12:00"),
    )

    assert answer["binding"] == ["consent", "consent", "allocation"]
    assert answer["segments"][2] == ["2027-01-19T14:00:00.000Z", "2027-01-19T15:00:00.000Z"]


def test_scenario_20_a_consent_recorded_after_the_start_is_told_and_does_not_count(run: Run) -> None:
    answer = planned(
        run,
        *("--start", "2027-01-12T16:00", "--hours", "4", "--renewal", "2027-02-01"),
        *("--consent", "2027-01-12T18:00", "2027-01-12T21:00", "2027-01-12T17:30"),
    )

    assert answer["segments"][0][1] == "2027-01-12T23:00:00.000Z"
    assert "recorded at Tue 12 Jan 2027, 5:30 PM ET, not before the work started" in answer["why"]


def test_scenario_4_holidays_are_federal_none_or_a_file(run: Run, tmp_path: Path) -> None:
    company = tmp_path / "company.txt"
    company.write_text("# closed\n2027-01-18, Martin Luther King Day\n\n2027-01-19  inventory # each year\n", "utf-8")

    def resumes(*holidays: str | Path) -> str:
        asked = ("--start", "2027-01-15T17:30", "--hours", "1", *RENEWAL, *holidays)
        instant: str = planned(run, *asked)["segments"][1][0]
        return instant

    assert resumes() == resumes("--holidays", "us-federal") == "2027-01-19T14:00:00.000Z"
    assert resumes("--holidays", "none") == "2027-01-18T14:00:00.000Z"
    assert resumes("--holidays", company) == "2027-01-20T14:00:00.000Z"


def test_the_federal_list_has_observed_days_and_the_eve_of_a_saturday_new_year() -> None:
    listed = {day.isoformat() for day in federal_holidays(2027, 2027)}

    assert {"2027-06-18", "2027-07-05", "2027-12-24", "2027-12-31"} <= listed
    assert not {"2027-02-12", "2027-11-02", "2027-11-26"} & listed


def test_people_read_a_table_and_the_reasons(run: Run) -> None:
    outcome = run("pro", "plan", *TUESDAY, "--hours", "3", *RENEWAL)

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "From                         To                            Worked  Ended by",
        "Tue 12 Jan 2027, 4:30 PM ET  Tue 12 Jan 2027, 6:00 PM ET   1h 30m  window",
        "Wed 13 Jan 2027, 9:00 AM ET  Wed 13 Jan 2027, 10:30 AM ET  1h 30m  allocation",
        "",
        "Exhausted: 3h used.",
        "At Tue 12 Jan 2027, 6:00 PM ET the service window closes, and the session goes on at "
        "Wed 13 Jan 2027, 9:00 AM ET (T9). The 3h are used up at Wed 13 Jan 2027, 10:30 AM ET (T10).",
        "The work takes 2 days, and the terms prefer one (T8); "
        "started by Tue 12 Jan 2027, 3:00 PM ET it would end the same day.",
    ]


def test_people_read_a_refusal_and_the_next_start(run: Run) -> None:
    outcome = run("pro", "plan", "--start", "2027-01-18T10:00", "--hours", "1", *RENEWAL)

    assert outcome.code == 0
    assert outcome.out == (
        "Refused: 1h left.\n"
        "Not started: Mon 18 Jan 2027 is a holiday. Work outside the service window has to be agreed as "
        "time-sensitive before it starts (T12). The next start is Tue 19 Jan 2027, 9:00 AM ET.\n"
    )


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--start", "noon", "--hours", "1", *RENEWAL), '"noon" is not an instant'),
        (("--start", "2027-012T10:00", "--hours", "1", *RENEWAL), '"2027-012T10:00" is not an instant'),
        (("--start", "1969-12-31T10:00Z", "--hours", "1", *RENEWAL), "out of range"),
        (("--start", "9999-12-31T23:00", "--hours", "1", *RENEWAL), "out of range"),
        ((*TUESDAY, "--hours", "0", *RENEWAL), '--hours: "0" is not an amount of work'),
        ((*TUESDAY, "--hours", "0.0001", *RENEWAL), '"0.0001" is not an amount of work'),
        ((*TUESDAY, "--hours", "-1", *RENEWAL), '"-1" is not an amount of work'),
        ((*TUESDAY, "--hours", "soon", *RENEWAL), '"soon" is not an amount of work: write hours such as 2.5'),
        ((*TUESDAY, "--hours", "9" * 400, *RENEWAL), "is not an amount of work"),
        ((*TUESDAY, "--hours", "1"), "--renewal"),
        ((*TUESDAY, "--hours", "1", "--renewal", "2300-01-01"), "2200"),
        ((*TUESDAY, "--hours", "1", *RENEWAL, "--zone", "EST"), '--zone: "EST" has no daylight saving time'),
        ((*TUESDAY, "--hours", "1", *RENEWAL, "--zone", "Mars"), '--zone: "Mars" is not a known time zone'),
        ((*TUESDAY, "--hours", "1", *RENEWAL, "--zone", ""), '--zone: "" is not a known time zone'),
        ((*TUESDAY, "--hours", "1", *RENEWAL, "--complete", "2027-01-12T21:30Z"), "does not come after the start"),
        (
            (*TUESDAY, "--hours", "1", *RENEWAL, "--consent", "2027-01-13T21:00", "2027-01-13T20:00", "now"),
            "--consent: 2027-01-13T20:00 does not come after 2027-01-13T21:00",
        ),
        ((*TUESDAY, "--hours", "1", *RENEWAL, "--consent", "2027-01-13T21:00"), "--consent"),
        (("--start", "2150-01-12T10:00", "--hours", "1", "--renewal", "2150-02-01"), "us-federal: the list ends with"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, argv: tuple[str, ...], said: str) -> None:
    assert said in refused(run("pro", "plan", *argv))


def test_a_renewal_far_away_asks_for_no_holidays_that_work_does_not_reach(run: Run) -> None:
    assert starting(run, "2027-01-12T10:00", renewal="2199-01-01")["end"] == "exhausted"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"2027-01-18\n\n18.1.2027\n", 3, '"18.1.2027" is not a date'),
        (b"2027-01-18\r\n2027-02-30 nowhere\r\n", 2, '"2027-02-30" is not a date'),
        (b"# ours\n1969-12-25\n", 2, "lies outside the years 1970 to 2200"),
        (b"2027-01-18\n\xff\n", 2, "not UTF-8 text"),
        (b"2\x000\x002\x007\x00", None, "a text in UTF-16"),
        (b" " * 1_000_001, None, "more than 1,000,000 bytes"),
    ],
)
def test_a_list_of_holidays_says_its_wrong_line(
    run: Run, tmp_path: Path, content: bytes, line: int | None, said: str
) -> None:
    file = tmp_path / "ours.txt"
    file.write_bytes(content)

    with pytest.raises(HolidaysError) as raised:
        load_holidays(file)
    assert (raised.value.source, raised.value.line) == (str(file), line)
    assert said in raised.value.reason
    sentence = refused(run("pro", "plan", *TUESDAY, "--hours", "1", *RENEWAL, "--holidays", file))
    assert sentence == raised.value.sentence
    assert sentence.startswith(f"{file}: " if line is None else f"{file}, line {line}: ")


def test_a_list_of_holidays_that_is_no_file_is_said(run: Run, tmp_path: Path) -> None:
    asked = ("pro", "plan", *TUESDAY, "--hours", "1", *RENEWAL, "--holidays")
    assert "there is no such file" in refused(run(*asked, tmp_path / "none.txt"))
    assert "this is a folder" in refused(run(*asked, tmp_path))
    assert refused(run(*asked, "a\0b")).endswith("the file cannot be read: embedded null byte.")


def test_pro_has_help_and_completion(run: Run) -> None:
    assert "wall time of the service window" in " ".join(run("pro", "plan", "--help").out.split())
    assert "--renewal" in run("completion", "bash").out
    assert "COMMAND" in refused(run("pro"))
