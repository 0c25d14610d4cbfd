"""What is promised: names that match, defaults, fall-backs, levels, versions (spec sla.md 1, 3, 4)."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from console.domain.events import IMPACTS
from console.domain.guidelines import Guidelines, GuidelinesError, GuidelinesHistory, Levels, OnCall, Plan, Target
from console.domain.guidelines_document import parse_guidelines

DAY_MS = 86_400_000
JAN_2025_MS = 1_735_707_600_000
"""2025-01-01T00:00 in New York."""


def target(
    product: str = "CAS",
    plan: str = "Standard",
    impact: str = "normal",
    metric: str = "first_reply",
    seconds: int = 28800,
    cover: str = "business",
) -> str:
    return (
        f'[[target]]\nproduct = "{product}"\nplan = "{plan}"\nimpact = "{impact}"\n'
        f'metric = "{metric}"\nseconds = {seconds}\ncover = "{cover}"\n'
    )


def guidelines(*targets: str, head: str = "", version: int = 1) -> Guidelines:
    return parse_guidelines(f"version = {version}\n{head}\n" + "".join(targets or [target()]), "own.toml")


# A file that says little


def test_a_version_and_one_target_are_a_whole_file() -> None:
    g = guidelines()
    assert (g.name, g.version, g.in_force_from, g.assumption, g.source) == ("CAS", 1, 0, False, "own.toml")
    assert (g.products, g.plans) == (("CAS",), (Plan("Standard", "CAS"),))
    assert (g.product_when_unset, g.plan_when_unset, g.impact_when_unset) == ("CAS", "Standard", "normal")
    assert g.next_reply_from == "customer_message"
    assert g.targets_for(None, None, None) == {"first_reply": Target("first_reply", 28800, "business")}
    assert (g.levels, g.chat, g.on_call) == (Levels(), None, OnCall(("urgent", "high"), ()))
    assert g.definition("CAS", "urgent") is None


def test_the_hours_of_the_three_covers_are_there_without_being_declared() -> None:
    g = guidelines()
    assert g.zone == "America/New_York"
    week = (JAN_2025_MS + 5 * DAY_MS, JAN_2025_MS + 12 * DAY_MS)  # Monday 6 January to Monday 13 January
    assert g.calendar("business").elapsed_ms(*week) == 55 * 3_600_000
    assert g.calendar("24/5").periods_between(*week) == [(week[0], week[0] + 5 * DAY_MS)]
    assert g.calendar("24/7").always_open
    first = (week[0] + 8 * 3_600_000, week[0] + 19 * 3_600_000)
    assert g.calendar("business").periods_between(*week)[0] == first


def test_a_file_may_change_the_hours_and_add_a_cover() -> None:
    g = guidelines(
        target(cover="Week-ends"),
        head='[cover.Business]\ntimezone = "Europe/London"\n'
        '[cover."week ends".weekly_hours]\nsat = [["10:00", "12:00"]]',
    )
    assert g.zone == "Europe/London"
    assert {g.calendar(cover).timezone for cover in ("24/5", "24/7", "week ends")} == {"Europe/London"}
    assert g.targets_for(None, None, None)["first_reply"].cover == "week ends"
    assert g.calendar("WEEK_ENDS") is g.calendar("week ends")


def test_holidays_close_business_hours_and_24_5_and_never_24_7() -> None:
    g = guidelines(head='[cover.business]\nholidays = [2025-01-06]\nyearly_holidays = ["01-07"]')
    monday_noon = JAN_2025_MS + 5 * DAY_MS + DAY_MS // 2
    for cover in ("business", "24/5"):
        assert [g.calendar(cover).is_open(monday_noon + day * DAY_MS) for day in range(3)] == [False, False, True]
    assert g.calendar("24/7").is_open(monday_noon)


def test_24_5_may_have_holidays_of_its_own() -> None:
    g = guidelines(head='[cover.business]\nholidays = ["2025-01-06"]\n[cover."24/5"]\nholidays = []')
    assert g.calendar("24/5").is_open(JAN_2025_MS + 5 * DAY_MS)


def test_a_cover_that_nobody_declared_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(GuidelinesError, match='no cover "always"; there are business, 24/5, 24/7'):
        guidelines().calendar("always")


@pytest.mark.parametrize(
    ("written", "expected_ms"),
    [
        ("2025-01-01", JAN_2025_MS),
        ('"2025-01-01"', JAN_2025_MS),
        ("2025-01-01T00:00:00", JAN_2025_MS),
        ("2025-01-01T00:00:00-05:00", JAN_2025_MS),
        ("2025-01-01T05:00:00.250Z", JAN_2025_MS + 250),
        ('"2025-01-01T05:00:00Z"', JAN_2025_MS),
    ],
)
def test_a_version_is_in_force_from_midnight_in_the_policy_zone_or_from_an_instant(
    written: str, expected_ms: int
) -> None:
    assert guidelines(head=f"in_force_from = {written}").in_force_from == expected_ms


# Whose targets

TWO_PRODUCTS = (
    target(seconds=1),
    target(plan="Business-Critical", seconds=2),
    target(product="Class_Room", seconds=3),
    target(impact="urgent", metric="periodic_update", seconds=4, cover="24/7"),
)


@pytest.mark.parametrize("product", ["Class_Room", "class room", "CLASS-ROOM", "  class  Room "])
def test_a_product_is_matched_whatever_its_case_and_its_joints(product: str) -> None:
    assert guidelines(*TWO_PRODUCTS).targets_for(product, "STANDARD", "normal")["first_reply"].seconds == 3


@pytest.mark.parametrize("plan", ["Business-Critical", "business critical", "BUSINESS_CRITICAL"])
def test_a_plan_is_matched_whatever_its_case_and_its_joints(plan: str) -> None:
    assert guidelines(*TWO_PRODUCTS).targets_for("cas", plan, "normal")["first_reply"].seconds == 2


def test_a_product_that_nobody_named_is_measured_as_the_one_for_unset() -> None:
    g = guidelines(*TWO_PRODUCTS, head='product_when_unset = "class room"')
    assert g.product_when_unset == "Class_Room"
    assert g.targets_for("Foo", None, "normal") == g.targets_for(None, None, "normal")
    assert g.targets_for("Foo", None, "normal")["first_reply"].seconds == 3


def test_a_plan_that_a_product_does_not_offer_is_measured_as_the_one_for_unset() -> None:
    g = guidelines(*TWO_PRODUCTS)
    assert g.plans_of("Class_Room") == ("Standard",)
    assert g.measured_plan("class room", "Business-Critical") == "Standard"
    assert g.targets_for("class room", "Business-Critical", "normal")["first_reply"].seconds == 3


def test_a_ticket_without_a_plan_is_measured_as_standard_or_as_the_one_that_the_file_names() -> None:
    targets = [target(plan="Gold", seconds=1), target(plan="STANDARD", seconds=2), target(plan="Silver", seconds=3)]
    assert guidelines(*targets).targets_for("CAS", None, "normal")["first_reply"].seconds == 2
    named = guidelines(*targets, head='plan_when_unset = "silver"')
    assert named.targets_for("CAS", "Bronze", "normal")["first_reply"].seconds == 3


def test_a_product_without_the_plan_for_unset_is_measured_by_its_first() -> None:
    g = guidelines(target(plan="Gold"), target(product="Labs", plan="School", seconds=7))
    assert g.plan_when_unset == "Gold"
    assert g.targets_for("Labs", None, "normal")["first_reply"].seconds == 7


def test_a_product_without_any_plan_is_promised_nothing() -> None:
    g = guidelines(target(), head='products = ["CAS", "Labs"]')
    assert g.targets_for("Labs", "Standard", "urgent") == {}
    assert g.promised_metrics("Labs", None) == frozenset()


def test_a_plan_declared_without_a_product_is_offered_by_all() -> None:
    g = guidelines(
        target(plan="gold"),
        target(product="Labs", plan="GOLD"),
        head='[[plan]]\nname = "Gold"\nincludes = ["A person"]',
    )
    assert g.plans == (Plan("Gold", None, ("A person",)),)
    assert g.plans_of("CAS") == g.plans_of("Labs") == ("Gold",)
    assert g.targets_for("Labs", "Gold", "normal") != {}


def test_a_ticket_without_impact_is_measured_as_the_impact_for_unset() -> None:
    g = guidelines(target(impact="high", seconds=5), head='impact_when_unset = "High"')
    assert g.targets_for(None, None, None)["first_reply"].seconds == 5


def test_with_none_a_ticket_without_impact_has_no_target_until_it_is_assessed() -> None:
    g = guidelines(*TWO_PRODUCTS, head='impact_when_unset = "none"')
    assert g.impact_when_unset is None
    assert g.targets_for("CAS", "Standard", None) == {}
    assert g.targets_for("CAS", "Standard", "normal")["first_reply"].seconds == 1


def test_promised_metrics_are_those_with_a_target_at_any_impact() -> None:
    g = guidelines(*TWO_PRODUCTS)
    assert g.promised_metrics("CAS", None) == {"first_reply", "periodic_update"}
    assert g.promised_metrics("CAS", "business critical") == {"first_reply"}
    assert g.promised_metrics("Foo", "Bar") == g.promised_metrics(None, None)


def test_answers_stay_right_however_many_names_are_asked() -> None:
    g = guidelines(*TWO_PRODUCTS)
    history = GuidelinesHistory([g])
    for number in range(10_000):
        assert history.at(f"product {number}", 0) is g
        assert g.targets_for(f"product {number}", f"plan {number}", "normal")["first_reply"].seconds == 1
    assert g.targets_for("class room", None, "normal")["first_reply"].seconds == 3


def test_a_product_has_its_own_wording_of_an_impact_where_there_is_one() -> None:
    g = guidelines(
        *TWO_PRODUCTS,
        head='[[impact]]\nname = "low"\ndefinition = "A detail."\n'
        '[[impact]]\nname = "Low"\nproduct = "class room"\ndefinition = "One student."\n',
    )
    assert g.definition("CAS", "low") == "A detail."
    assert g.definition("Class_Room", "low") == "One student."
    assert g.definition(None, "high") is None


# Levels


@pytest.mark.parametrize(
    ("target_hours", "soon_minutes", "risk_minutes"),
    [
        (0.5, 15, 5),  # the lower bounds
        (2, 30, 12),  # the shares: 25 % and 10 %
        (8, 120, 48),
        (55, 240, 60),  # the upper bounds
    ],
)
def test_due_soon_and_at_risk_are_shares_of_the_target_within_bounds(
    target_hours: float, soon_minutes: int, risk_minutes: int
) -> None:
    seconds = int(target_hours * 3600)
    assert Levels().soon_left_s(seconds) == soon_minutes * 60
    assert Levels().risk_left_s(seconds) == risk_minutes * 60


@given(st.integers(1, 10**9))
def test_a_level_never_begins_before_the_clock_and_at_risk_never_before_due_soon(seconds: int) -> None:
    assert Levels().risk_left_s(seconds) <= Levels().soon_left_s(seconds) <= seconds


def test_levels_are_editable() -> None:
    g = guidelines(head="[level]\nsoon_share = 1\nsoon_max_seconds = 100_000\nrisk_min_seconds = 0\nrisk_share = 0")
    assert (g.levels.soon_left_s(50_000), g.levels.risk_left_s(50_000)) == (50_000, 0)


# Versions


def version(number: int, day: str, product: str = "CAS", assumed: bool = False) -> Guidelines:
    head = f"in_force_from = {day}T00:00:00Z\nassumption = {str(assumed).lower()}"
    return guidelines(target(product=product, seconds=number), head=head, version=number)


def ms(day: int) -> int:
    """Midnight UTC of a day of January 2026."""
    return 1_767_225_600_000 + (day - 1) * DAY_MS


def test_the_newest_version_in_force_answers_from_its_instant_on() -> None:
    history = GuidelinesHistory([version(2, "2026-01-10"), version(1, "2026-01-05")])
    asked = [history.at("cas", at).version for at in (ms(5), ms(10) - 1, ms(10), ms(30))]
    assert asked == [1, 1, 2, 2]


def test_before_the_first_version_in_force_the_first_answers() -> None:
    history = GuidelinesHistory([version(2, "2026-01-10"), version(1, "2026-01-05")])
    assert history.at("CAS", 0).version == 1


def test_an_older_version_that_comes_into_force_later_does_not_replace_a_newer_one() -> None:
    history = GuidelinesHistory([version(1, "2026-01-01"), version(2, "2026-01-20"), version(3, "2026-01-10")])
    assert [history.at("CAS", ms(day)).version for day in (1, 10, 20)] == [1, 3, 3]


def test_of_two_alike_the_later_given_answers() -> None:
    first, second = version(1, "2026-01-01"), version(1, "2026-01-01")
    assert GuidelinesHistory([first, second]).at("CAS", ms(2)) is second


def test_each_product_is_answered_by_the_documents_that_name_it() -> None:
    cas, labs = version(4, "2026-01-01"), version(1, "2026-01-20", product="Labs")
    history = GuidelinesHistory([cas, labs])
    assert history.at("labs", ms(2)) is labs
    assert history.at("LABS", ms(25)) is labs
    assert history.at("CAS", ms(25)) is cas


def test_a_product_that_nobody_names_is_answered_as_the_one_for_unset() -> None:
    history = GuidelinesHistory([version(1, "2026-01-01", product="Labs"), version(1, "2026-01-01")])
    assert history.at(None, ms(2)).name == history.at("Foo", ms(2)).name == "Labs"


def test_a_history_needs_a_document() -> None:
    with pytest.raises(ValueError, match="at least one"):
        GuidelinesHistory([])


def test_the_digest_changes_with_the_content_and_not_with_a_comment() -> None:
    texts = ["version = 1\n" + target(), "version = 1 # a word\n" + target(), "version = 2\n" + target()]
    same, commented, changed = (GuidelinesHistory([parse_guidelines(text, "own.toml")]).digest for text in texts)
    assert same == commented != changed
    assert len(same) == 64


def test_the_digest_of_a_history_covers_every_document() -> None:
    one, two = version(1, "2026-01-01"), version(2, "2026-01-10")
    assert len({GuidelinesHistory(documents).digest for documents in ([one], [two], [one, two])}) == 3


@pytest.mark.parametrize(
    ("documents", "label"),
    [
        ([version(3, "2026-01-01")], "CAS 3"),
        ([version(1, "2026-01-01", assumed=True)], "CAS 1, assumed"),
        ([version(1, "2026-01-01"), version(2, "2026-01-05"), version(1, "2026-01-01", "Labs")], "CAS 2 and Labs 1"),
        ([version(1, "2026-01-01", assumed=True), version(1, "2026-01-01", "Labs")], "CAS 1 (assumed) and Labs 1"),
    ],
)
def test_a_history_is_called_by_its_newest_versions_and_says_what_is_assumed(
    documents: list[Guidelines], label: str
) -> None:
    assert GuidelinesHistory(documents).label == label


def test_guidelines_are_called_by_name_and_version() -> None:
    assert version(1, "2026-01-01", assumed=True).label == "CAS 1, assumed"
    assert guidelines(head='name = "Our desk"').label == "Our desk 1"


def test_chat_and_on_call_are_read_with_their_names_in_the_declared_spelling() -> None:
    g = guidelines(
        *TWO_PRODUCTS,
        head='[chat]\naverage_response_seconds = 300\ncover = "Business"\n'
        '[on_call]\nimpacts = ["URGENT"]\nproducts = ["class room"]\nrule = "Ring twice."\n',
    )
    assert g.chat is not None
    assert (g.chat.average_response_seconds, g.chat.cover) == (300, "business")
    assert g.on_call == OnCall(("urgent",), ("Class_Room",), "Ring twice.")


def test_next_reply_may_be_counted_from_the_previous_reply() -> None:
    assert guidelines(head='next_reply_from = "previous_reply"').next_reply_from == "previous_reply"


def test_every_impact_may_have_targets() -> None:
    g = guidelines(*(target(impact=impact, seconds=number + 1) for number, impact in enumerate(IMPACTS)))
    assert [g.targets_for("CAS", None, impact)["first_reply"].seconds for impact in IMPACTS] == [1, 2, 3, 4]
