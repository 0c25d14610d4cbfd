"""The shipped guidelines say what spec sla.md 1 says; a person's own file is read, or refused in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.domain.events import IMPACTS, Impact, MetricName
from console.domain.guidelines import Chat, Guidelines, GuidelinesError, Levels, Target
from console.guidelines_files import MOST_BYTES, history_of, load_guidelines, shipped_history

HOUR = 3600
HALF = 1800

STANDARD: dict[Impact, tuple[str, int, int, int]] = {
    "urgent": ("24/7", 1 * HOUR, 1 * HOUR, 2 * HOUR),
    "high": ("24/5", 2 * HOUR, 2 * HOUR, 8 * HOUR),
    "normal": ("business", 8 * HOUR, 8 * HOUR, 33 * HOUR),
    "low": ("business", 22 * HOUR, 22 * HOUR, 55 * HOUR),
}
BUSINESS_CRITICAL: dict[Impact, tuple[str, int, int, int]] = {
    "urgent": ("24/7", HALF, HALF, 1 * HOUR),
    "high": ("24/7", 1 * HOUR, 1 * HOUR, 4 * HOUR),
    "normal": ("business", 4 * HOUR, 4 * HOUR, 22 * HOUR),
    "low": ("business", 11 * HOUR, 11 * HOUR, 55 * HOUR),
}
"""Cover, first reply, next reply, periodic update: the table of spec sla.md 1."""

WHOLE = """version = 7
[[target]]
product = "Desk"
plan = "Standard"
impact = "normal"
metric = "first_reply"
seconds = 3600
cover = "business"
"""


def promised(row: tuple[str, int, int, int], impact: Impact) -> dict[MetricName, Target]:
    cover, first, following, update = row
    last: MetricName = "pausable_update" if impact == "low" else "periodic_update"
    return {
        "first_reply": Target("first_reply", first, cover),
        "next_reply": Target("next_reply", following, cover),
        last: Target(last, update, cover),
    }


@pytest.fixture(scope="module")
def cas() -> Guidelines:
    return shipped_history().at("CAS", 0)


@pytest.fixture(scope="module")
def classroom() -> Guidelines:
    return shipped_history().at("Classroom", 0)


@pytest.mark.parametrize("impact", IMPACTS)
def test_the_shipped_targets_are_those_of_the_table(cas: Guidelines, classroom: Guidelines, impact: Impact) -> None:
    assert cas.targets_for("CAS", "Standard", impact) == promised(STANDARD[impact], impact)
    assert cas.targets_for("CAS", "Business-Critical", impact) == promised(BUSINESS_CRITICAL[impact], impact)
    assert classroom.targets_for("Classroom", "Standard", impact) == promised(STANDARD[impact], impact)


def test_nothing_else_is_promised(cas: Guidelines, classroom: Guidelines) -> None:
    assert sorted(cas.targets) == sorted(
        ("cas", plan, i) for plan in ("standard", "business critical") for i in IMPACTS
    )
    assert sorted(classroom.targets) == sorted(("classroom", "standard", i) for i in IMPACTS)


def test_business_critical_is_not_offered_for_classroom(classroom: Guidelines) -> None:
    assert classroom.plans_of("Classroom") == ("Standard",)
    assert classroom.targets_for("Classroom", "Business-Critical", "high") == promised(STANDARD["high"], "high")


def test_business_critical_includes_people_besides_targets(cas: Guidelines) -> None:
    includes = {plan.name: plan.includes for plan in cas.plans}
    assert includes["Business-Critical"] == ("Technical account manager", "Training", "Quarterly review")
    assert includes["Standard"] == ()


@pytest.mark.parametrize("product", ["CAS", "Classroom"])
def test_the_shipped_guidelines_are_an_assumption_and_answer_at_every_instant(product: str) -> None:
    history = shipped_history()
    found = {history.at(product, at).label for at in (0, 1_500_000_000_000, 1_800_000_000_000, 4_000_000_000_000)}
    assert found == {f"{product} 1, assumed"}
    assert history.label == "CAS 1 and Classroom 1, assumed"


def test_a_ticket_that_says_nothing_is_measured_as_cas_standard_normal() -> None:
    g = shipped_history().at(None, 0)
    assert g.targets_for(None, None, None) == promised(STANDARD["normal"], "normal")
    assert (g.measured_product(None), g.measured_plan(None, None), g.impact_when_unset) == ("CAS", "Standard", "normal")


@pytest.mark.parametrize("product", ["CAS", "Classroom"])
def test_the_shipped_cover_is_new_york_time_without_holidays(product: str) -> None:
    g = shipped_history().at(product, 0)
    monday = 1_736_139_600_000  # 2025-01-06T00:00 in New York
    day, hour = 86_400_000, 3_600_000
    week = (monday, monday + 7 * day)
    assert g.zone == "America/New_York"
    assert g.calendar("business").periods_between(*week) == [
        (monday + n * day + 8 * hour, monday + n * day + 19 * hour) for n in range(5)
    ]
    assert g.calendar("24/5").periods_between(*week) == [(monday, monday + 5 * day)]
    assert g.calendar("24/7").always_open
    christmas_noon = 1_766_682_000_000  # Thursday 2025-12-25T12:00 in New York
    assert g.calendar("business").is_open(christmas_noon)


@pytest.mark.parametrize("product", ["CAS", "Classroom"])
def test_chat_levels_and_on_call_are_shipped(product: str) -> None:
    g = shipped_history().at(product, 0)
    assert g.chat == Chat(300, "business")
    assert g.levels == Levels()
    assert g.next_reply_from == "customer_message"
    assert g.on_call.impacts == ("urgent", "high")
    assert "on call" in g.on_call.rule


@pytest.mark.parametrize("impact", IMPACTS)
def test_each_impact_is_defined_and_classroom_speaks_of_students_and_school(
    cas: Guidelines, classroom: Guidelines, impact: Impact
) -> None:
    ours, theirs = cas.definition("CAS", impact), classroom.definition("Classroom", impact)
    assert ours is not None
    assert theirs is not None
    assert ours != theirs
    assert not {"student", "school"} & set(ours.replace("students", "student").lower().split())
    assert "student" in theirs or "school" in theirs
    assert "  " not in ours + theirs
    assert "\n" not in ours + theirs


def test_a_shipped_file_is_a_good_start_for_ones_own(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parent.parent / "resources" / "guidelines" / "cas.toml"
    own = tmp_path / "own.toml"
    own.write_text(source.read_text(encoding="utf-8").replace("version = 1\n", "version = 2\n"), encoding="utf-8")
    assert history_of(own).label == "CAS 2, assumed"


def test_a_file_of_ones_own_answers_alone(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(WHOLE, encoding="utf-8")
    history = history_of(own)
    assert history.at("CAS", 0) is history.at("Desk", 10**12) is history.at(None, 0)
    assert history.at("CAS", 0).source == str(own)
    assert history.label == "Desk 7"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_may_begin_with_a_byte_order_mark_and_use_any_line_ends(tmp_path: Path, mark: str) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes((mark + WHOLE.replace("\n", "\r\n")).encode())
    assert load_guidelines(own).version == 7


def test_a_mistake_names_the_file_and_the_line(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(WHOLE.replace("3600", "-3600"), encoding="utf-8")
    with pytest.raises(GuidelinesError) as caught:
        load_guidelines(own)
    assert caught.value.sentence == f'{own}, line 7: "seconds" is -3600; it must be at least 1.'


def refused(path: Path) -> str:
    with pytest.raises(GuidelinesError) as caught:
        load_guidelines(path)
    sentence = caught.value.sentence
    assert sentence.startswith(f"{path}")
    return sentence.removeprefix(f"{path}")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.toml") == ": there is no such file."


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == ": this is a folder; name the guidelines file in it."


def test_a_file_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert refused(tmp_path / "file" / "own.toml") == ": the file cannot be read: not a directory."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read every file")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(WHOLE, encoding="utf-8")
    own.chmod(0)
    assert refused(own) == ": the file cannot be read: permission denied."


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x01\x01\x00", WHOLE.encode("utf-16")])
def test_a_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(content)
    assert refused(own) == ": this is a binary file, or a text in UTF-16; save it as UTF-8 text."


def test_another_encoding_is_refused_at_its_line(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(b'version = 1\n\nname = "B\xfcro"\n')
    assert refused(own) == ", line 3: this is not UTF-8 text; save the file as UTF-8."


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(b"#" * (MOST_BYTES + 1))
    assert refused(own) == ": this is not a guidelines file: it has more than 1,000,000 bytes."


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(b"")
    assert refused(own) == ', line 1: "version" is missing at the top of the file, above any table.'
