"""The ledger for billing, read back by a CSV reader: exact, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest

from console.paper.ledger_csv import COLUMNS, IncompleteLedger, ledger_csv, ledger_json
from tests.paper.reports import FORMULA, HOUR, NOW, ledger
from tests.story import ms


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_is_told_with_what_identifies_it_and_when_it_counts() -> None:
    rows = read(ledger_csv(ledger()))

    assert list(rows[0]) == list(COLUMNS)
    assert rows[1] == {
        "account": "Fabrikam Robotics",
        "lot": "PO-20931",
        "kind": "used",
        "cause": "segment-1",
        "at_utc": "2025-10-03T16:15:00.000Z",
        "at_local": "2025-10-03 12:15:00",
        "zone": "America/New_York",
        "text": "Session 1, Mara Okafor",
        "change_ms": "-8100000",
        "change_hours": "-2.2500",
        "balance_ms": "35100000",
        "balance_hours": "9.7500",
    }
    identities = [(row["lot"], row["kind"], row["cause"]) for row in rows]
    assert len(set(identities)) == len(identities)


def test_the_changes_add_up_to_the_balance_exactly() -> None:
    odd = [msgspec.structs.replace(row, change_ms=row.change_ms - 1) for row in ledger().rows]
    rows = read(ledger_csv(ledger(rows=tuple(odd))))

    assert sum(int(row["change_ms"]) for row in rows) == ledger().balance_ms - len(odd)


def test_lines_end_as_rfc_4180_says_and_cells_with_marks_are_quoted() -> None:
    view = ledger(account='Fabrikam, "Robotics"')
    text = ledger_csv(view)

    assert text.count("\r\n") == len(view.rows) + 1
    assert "\n" not in text.replace("\r\n", "")
    assert {row["account"] for row in read(text)} == {'Fabrikam, "Robotics"'}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", " =", "＝"])
def test_a_text_that_begins_as_a_formula_is_a_text(start: str) -> None:
    text = f"{start}1+1"
    row = msgspec.structs.replace(ledger().rows[0], text=text)
    [read_back] = read(ledger_csv(ledger(rows=(row,), account=text)))

    assert read_back["text"] == read_back["account"] == f"'{text.strip()}"


def test_numbers_stay_numbers() -> None:
    rows = read(ledger_csv(ledger(account=FORMULA)))

    assert all(row["account"] == f"'{FORMULA}" for row in rows)
    assert [float(row["change_hours"]) for row in rows][:2] == [12.0, -2.25]


def test_planned_lines_have_not_happened() -> None:
    planned = msgspec.structs.replace(ledger().rows[-1], kind="planned", text="Planned", lot=None, cause=None)
    view = ledger(rows=(*ledger().rows, planned))

    assert {row["kind"] for row in read(ledger_csv(view))} == {"bought", "used", "forfeited"}
    assert len(ledger_json(view)["lines"]) == len(ledger().rows)


def test_remarks_stand_behind_the_ledger_and_change_nothing() -> None:
    *_, last = read(ledger_csv(ledger(remarks=("45m: The lot is not alive any more.",))))

    assert (last["kind"], last["text"]) == ("remark", "45m: The lot is not alive any more.")
    assert (last["lot"], last["change_ms"], last["balance_ms"]) == ("", "", "")


def test_a_ledger_that_a_newer_version_wrote_in_is_not_given_to_billing_unmarked() -> None:
    view = ledger(needs_newer_app=True)

    with pytest.raises(IncompleteLedger, match="Fabrikam Robotics was not exported"):
        ledger_csv(view)
    assert ledger_json(view)["complete"] is False


def test_the_json_says_the_same_with_texts_as_they_were_written() -> None:
    november = ms("2025-11-01T04:00:00Z")
    told = json.loads(json.dumps(ledger_json(ledger(account=FORMULA, period=(NOW - HOUR, november), remarks=("r",)))))

    assert told["account"] == FORMULA
    assert told["period"] == ["2025-10-14T14:47:00.000Z", "2025-11-01T04:00:00.000Z"]
    assert told["complete"] is True
    assert told["remarks"] == ["r"]
    assert told["balance_ms"] == told["lines"][-1]["balance_ms"] == ledger().balance_ms
    assert told["lines"][-1]["change_hours"] == -1.2128
    assert [line["change_ms"] for line in told["lines"]] == [row.change_ms for row in ledger().rows]


def test_the_local_time_is_the_one_of_the_windows_zone() -> None:
    winter = msgspec.structs.replace(ledger().rows[0], at=ms("2027-01-12T15:00:00.250Z"))
    [row] = read(ledger_csv(ledger(rows=(winter,))))

    assert (row["at_utc"], row["at_local"]) == ("2027-01-12T15:00:00.250Z", "2027-01-12 10:00:00")
