"""Every mistake in a guidelines file is one sentence with the file, the line and the reason.

In these texts `#!` marks the line that the sentence must name.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.guidelines import GuidelinesError
from console.domain.guidelines_document import parse_guidelines

TARGET = """
[[target]]
product = "CAS"
plan = "Standard"
impact = "normal"
metric = "first_reply"
seconds = 3600
cover = "business"
"""
WHOLE = "version = 1\n" + TARGET


def beside(text: str) -> str:
    """A whole file that says something besides."""
    return f"version = 1\n{text}\n{TARGET}"


def marked(text: str) -> int:
    """The line with the mark, from 1."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if "#!" in line)


def changed(key: str, line: str, before: str = "") -> str:
    """A whole file with one line of its target changed and marked; `before` stands above the target."""
    lines = [f"{line} #!" if old.startswith(f"{key} =") else old for old in TARGET.splitlines()]
    return f"version = 1\n{before}" + "\n".join(lines)


def without(key: str) -> str:
    """A whole file with one line of its target left out; the header is marked."""
    lines = [old for old in TARGET.splitlines() if not old.startswith(f"{key} =")]
    return "version = 1\n" + "\n".join(lines).replace("[[target]]", "[[target]] #!")


MISTAKES = {
    "an unknown key": ("versoin = 1 #!\n" + TARGET, 'unknown key "versoin"; did you mean "version"?'),
    "an unknown key far from any": (
        WHOLE + "[level]\nx = 1 #!",
        'unknown key "x" in [level]; known are soon_share, soon_min_seconds, soon_max_seconds, risk_share, '
        "risk_min_seconds, risk_max_seconds.",
    ),
    "an unknown key of a target": (
        changed("seconds", "second = 5"),
        'unknown key "second" in [[target]]; did you mean "seconds"?',
    ),
    "an unknown key of a cover": (
        WHOLE + "[cover.business]\nholiday = [] #!",
        'unknown key "holiday" in [cover.business]; did you mean "holidays"?',
    ),
    "an unknown key of a plan": (
        beside('[[plan]]\nname = "Standard"\nprice = 5 #!\n'),
        'unknown key "price" in [[plan]]; known are name, product, includes.',
    ),
    "an unknown key of an impact": (
        beside('[[impact]]\nnames = "low" #!\n'),
        'unknown key "names" in [[impact]]; did you mean "name"?',
    ),
    "an unknown key of chat": (
        beside("[chat]\ncovers = 'business' #!"),
        'unknown key "covers" in [chat]; did you mean "cover"?',
    ),
    "an unknown key of on call": (
        beside("[on_call]\nimpact = [] #!"),
        'unknown key "impact" in [on_call]; did you mean "impacts"?',
    ),
    "no version": ("#!\n" + TARGET, '"version" is missing at the top of the file, above any table.'),
    "version 0": ("version = 0 #!\n" + TARGET, '"version" is 0; it must be at least 1.'),
    "a version in quotes": ('version = "1" #!\n' + TARGET, '"version" must be a whole number, not the text "1".'),
    "nothing promised": ("#!\nversion = 1", "nothing is promised: the file needs at least one [[target]]."),
    "targets that are no tables": (
        "version = 1\ntarget = 5 #!",
        '"target" must be tables, each written [[target]], not 5.',
    ),
    "a table for a text": (beside("[name] #!\n"), '"name" must be a text in quotes, not a table.'),
    "an assumption in words": (
        beside('assumption = "yes" #!\n'),
        '"assumption" must be true or false, not the text "yes".',
    ),
    "no date": (
        beside('in_force_from = "soon" #!\n'),
        '"in_force_from" must be a date such as 2025-01-01 or an instant such as 2025-01-01T08:00:00Z.',
    ),
    "a number for a date": (
        beside("in_force_from = 20250101 #!\n"),
        '"in_force_from" must be a date such as 2025-01-01 or an instant such as 2025-01-01T08:00:00Z.',
    ),
    "year 1": (beside("in_force_from = 0001-01-01 #!\n"), '"in_force_from" lies outside the years 1970 to 2200.'),
    "year 9999": (
        beside("in_force_from = 9999-12-31T23:59:59-14:00 #!\n"),
        '"in_force_from" lies outside the years 1970 to 2200.',
    ),
    "an unknown impact for unset": (
        beside('impact_when_unset = "nothing" #!\n'),
        'unknown impact_when_unset "nothing"; known are urgent, high, normal, low, none.',
    ),
    "an unknown product for unset": (
        beside('product_when_unset = "Labs" #!\n'),
        'unknown product_when_unset "Labs"; known are CAS.',
    ),
    "an unknown plan for unset": (
        beside('plan_when_unset = "Standart" #!\n'),
        'unknown plan_when_unset "Standart"; did you mean "Standard"?',
    ),
    "an unknown start of next reply": (
        beside('next_reply_from = "the reply" #!\n'),
        'unknown next_reply_from "the reply"; did you mean "previous_reply"?',
    ),
    "an unlisted product": (
        changed("product", 'product = "CAS"', before='products = ["Labs"]\n'),
        'unknown product "CAS"; known are Labs.',
    ),
    "an empty list of products": (
        beside("products = [] #!\n"),
        '"products" is empty: name at least one, or leave the list out.',
    ),
    "a product that is no text": (
        beside('products = [\n"CAS",\n5, #!\n]\n'),
        '"products" must be a list of texts, but holds 5.',
    ),
    "products that are no list": (
        beside('products = "CAS" #!\n'),
        '"products" must be a list of texts, not the text "CAS".',
    ),
    "a product twice": (beside('products = [\n"CAS",\n"cas", #!\n]\n'), 'the product "cas" is listed twice.'),
    "a target without a product": (without("product"), '"product" is missing in [[target]].'),
    "a target without a plan": (without("plan"), '"plan" is missing in [[target]].'),
    "a target without an impact": (without("impact"), '"impact" is missing in [[target]].'),
    "a target without a metric": (without("metric"), '"metric" is missing in [[target]].'),
    "a target without seconds": (without("seconds"), '"seconds" is missing in [[target]].'),
    "a target without a cover": (without("cover"), '"cover" is missing in [[target]].'),
    "a negative target": (changed("seconds", "seconds = -5"), '"seconds" is -5; it must be at least 1.'),
    "a target of nothing": (changed("seconds", "seconds = 0"), '"seconds" is 0; it must be at least 1.'),
    "a target beyond ten years": (
        changed("seconds", "seconds = 999_999_999_999"),
        '"seconds" is 999999999999; it must be at most 316224000.',
    ),
    "half seconds": (changed("seconds", "seconds = 0.5"), '"seconds" must be a whole number, not 0.5.'),
    "seconds of truth": (changed("seconds", "seconds = true"), '"seconds" must be a whole number, not true.'),
    "seconds that are a time": (
        changed("seconds", "seconds = 01:00:00"),
        '"seconds" must be a whole number, not the date or time 01:00:00.',
    ),
    "an unknown impact": (
        changed("impact", 'impact = "criticl"'),
        'unknown impact "criticl"; known are urgent, high, normal, low.',
    ),
    "an unknown metric": (
        changed("metric", 'metric = "first_replies"'),
        'unknown metric "first_replies"; did you mean "first_reply"?',
    ),
    "an unknown cover": (
        changed("cover", 'cover = "always"'),
        'unknown cover "always"; known are business, 24/5, 24/7.',
    ),
    "an empty product": (changed("product", 'product = "  "'), '"product" is empty.'),
    "a target twice": (
        WHOLE + TARGET.replace("[[target]]", "[[target]] #!").replace("CAS", "cas"),
        "a second target for CAS, Standard, normal, first_reply; the first stands on line 3.",
    ),
    "an undeclared plan": (
        changed("plan", 'plan = "Standard"', before='[[plan]]\nname = "Standart"\n'),
        'unknown plan "Standard"; did you mean "Standart"?',
    ),
    "a plan of another product": (
        changed(
            "plan",
            'plan = "Standard"',
            before='products = ["CAS", "Labs"]\n[[plan]]\nname = "Standard"\nproduct = "Labs"\n'
            '[[plan]]\nname = "Gold"\n',
        ),
        'unknown plan "Standard"; known are Gold.',
    ),
    "a plan of an unknown product": (
        beside('[[plan]]\nname = "Standard"\nproduct = "CASS" #!\n'),
        'unknown product "CASS"; did you mean "CAS"?',
    ),
    "a plan twice": (
        beside('[[plan]]\nname = "Standard"\n[[plan]]\nproduct = "CAS"\nname = "STANDARD" #!\n'),
        'the plan "STANDARD" is declared twice.',
    ),
    "a plan without a name": (beside("[[plan]] #!\nincludes = []\n"), '"name" is missing in [[plan]].'),
    "an impact of an unknown product": (
        beside('[[impact]]\nname = "low"\nproduct = "Lab" #!\ndefinition = "x"\n'),
        'unknown product "Lab"; known are CAS.',
    ),
    "an impact with an unknown name": (
        beside('[[impact]]\nname = "lowest" #!\ndefinition = "x"\n'),
        'unknown name "lowest"; did you mean "low"?',
    ),
    "an impact without a definition": (
        beside('[[impact]] #!\nname = "low"\n'),
        '"definition" is missing in [[impact]].',
    ),
    "an impact twice": (
        beside('[[impact]]\nname = "low"\ndefinition = "x"\n[[impact]]\nname = "LOW" #!\ndefinition = "y"\n'),
        'the impact "low" is defined twice.',
    ),
    "covers that are no table": (beside("cover = 5 #!\n"), '"cover" must be a table, written [cover], not 5.'),
    "a cover that is no table": (
        beside("[cover]\nbusiness = 5 #!\n"),
        '"business" must be a table, written [business], not 5.',
    ),
    "a cover twice": (beside("[cover.business]\n[cover.Business] #!\n"), 'the cover "Business" is declared twice.'),
    "a cover without hours": (
        beside('[cover.nights] #!\ntimezone = "America/New_York"\n'),
        'the cover "nights" has no hours: it needs weekly_hours, day by day.',
    ),
    "a cover with empty hours": (
        beside("[cover.business] #!\nweekly_hours = {}\n"),
        'the cover "business" has no hours: it needs weekly_hours, day by day.',
    ),
    "a 24/7 that closes": (
        beside('[cover."24/7"] #!\nholidays = ["2025-12-25"]\n'),
        'the cover "24/7" must always be open: give hours that close another name.',
    ),
    "chat without an objective": (
        beside('[chat] #!\ncover = "business"\n'),
        '"average_response_seconds" is missing in [chat].',
    ),
    "chat in no time": (
        beside("[chat]\naverage_response_seconds = 0 #!\n"),
        '"average_response_seconds" is 0; it must be at least 1.',
    ),
    "chat in an unknown cover": (
        beside('[chat]\naverage_response_seconds = 300\ncover = "busines" #!\n'),
        'unknown cover "busines"; did you mean "business"?',
    ),
    "on call for an unknown impact": (
        beside('[on_call]\nimpacts = [\n"high",\n"urgnt", #!\n]\n'),
        'unknown name "urgnt" in "impacts"; did you mean "urgent"?',
    ),
    "on call for an unknown product": (
        beside('[on_call]\nproducts = ["Labs"] #!\n'),
        'unknown name "Labs" in "products"; known are CAS.',
    ),
    "a share above 1": (beside("[level]\nsoon_share = 25 #!\n"), '"soon_share" is 25; it must be at most 1.'),
    "a share below 0": (beside("[level]\nrisk_share = -0.1 #!\n"), '"risk_share" is -0.1; it must be at least 0.'),
    "a share that is no number": (
        beside("[level]\nrisk_share = nan #!\n"),
        '"risk_share" is nan; it must be at least 0.',
    ),
    "a share in words": (
        beside('[level]\nrisk_share = "a tenth" #!\n'),
        '"risk_share" must be a number, not the text "a tenth".',
    ),
    "a negative bound": (
        beside("[level]\nsoon_min_seconds = -1 #!\n"),
        '"soon_min_seconds" is -1; it must be at least 0.',
    ),
    "bounds the wrong way round": (
        beside("[level]\n\nsoon_min_seconds = 20_000 #!\n"),
        '"soon_min_seconds" (20000) is more than "soon_max_seconds" (14400).',
    ),
    "an upper bound below the lower": (
        beside("[level]\nrisk_max_seconds = 60 #!\n"),
        '"risk_min_seconds" (300) is more than "risk_max_seconds" (60).',
    ),
    "at risk before due soon": (
        beside("[level]\nsoon_share = 0.05 #!\n"),
        '"risk_share" (0.1) is more than "soon_share" (0.05).',
    ),
}


@pytest.mark.parametrize(("text", "reason"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_sentence_with_file_line_and_reason(text: str, reason: str) -> None:
    with pytest.raises(GuidelinesError) as caught:
        parse_guidelines(text, "own.toml")
    assert caught.value.sentence == f"own.toml, line {marked(text)}: {reason}"
    assert (caught.value.source, caught.value.line) == ("own.toml", marked(text))


SYNTAX = {
    "not TOML": "version = 1\nproduct = = 2 #!\n",
    "a key twice": "version = 1\nversion = 2 #!\n",
    "a text without an end": 'version = 1\nname = """ #!',
    "an endless number": f"version = 1\n\nassumption = {'9' * 5000} #!",
    "a date that does not exist": "in_force_from = 2025-02-30 #!\n",
    "year 0": "in_force_from = 0000-01-01 #!\n",
}


@pytest.mark.parametrize("text", SYNTAX.values(), ids=SYNTAX.keys())
def test_what_is_not_toml_is_refused_on_its_line(text: str) -> None:
    with pytest.raises(GuidelinesError) as caught:
        parse_guidelines(text, "own.toml")
    assert caught.value.line == marked(text)
    assert caught.value.sentence.startswith(f"own.toml, line {marked(text)}: ")
    assert "(at" not in caught.value.sentence


HOURS = {
    "an unknown zone": ('timezone = "Mars/Olympus" #!', "Mars/Olympus"),
    "a zone that is no text": ("timezone = 5 #!", "5"),
    "an unknown day": (
        'weekly_hours = { mon = [["08:00", "19:00"]] }\n[cover.business.breaks]\nmonday = [] #!',
        "monday",
    ),
    "a bad hour": ('[cover.business.weekly_hours]\nmon = [["08:00", "19:00"]]\ntue = [["08:00", "25:00"]] #!', "25:00"),
    "hours that are no table": ('weekly_hours = "always" #!', "always"),
    "a bad holiday": ('holidays = [\n"2025-12-25",\n"2025-12-32", #!\n]', "2025-12-32"),
    "a holiday in the year 9999": ("holidays = [9999-12-25] #!", "9999-12-25"),
    "a bad yearly holiday": ('yearly_holidays = ["12-25",\n"25-12", #!\n]', "25-12"),
    "a bad override": ('[cover.business.date_overrides]\n2025-12-24 = [["08:00"]] #!', '["08:00"]'),
    "a bad date of a break": ('[cover.business.breaks]\n24-12-2025 = [["08:00", "09:00"]] #!', "24-12-2025"),
    "holidays that are no list": ("holidays = 5 #!", "5"),
}


@pytest.mark.parametrize(("hours", "value"), HOURS.values(), ids=HOURS.keys())
def test_wrong_hours_are_found_on_their_line(hours: str, value: str) -> None:
    text = beside(f"[cover.business]\n{hours}")
    with pytest.raises(GuidelinesError) as caught:
        parse_guidelines(text, "own.toml")
    assert caught.value.line == marked(text)
    assert caught.value.sentence.startswith(f"own.toml, line {marked(text)}: [cover.business] ")
    assert value in caught.value.sentence.replace("'", '"')


def test_a_text_nested_without_end_is_refused_in_words() -> None:
    with pytest.raises(GuidelinesError, match="nested too deeply"):
        parse_guidelines("version = " + "[" * 100_000, "own.toml")


KEYS = [
    "name",
    "version",
    "in_force_from",
    "assumption",
    "products",
    "impact_when_unset",
    "product_when_unset",
    "plan_when_unset",
    "next_reply_from",
    "cover",
    "cover.business",
    "cover.business.timezone",
    "cover.business.weekly_hours",
    "cover.business.weekly_hours.mon",
    "cover.business.holidays",
    "cover.business.yearly_holidays",
    "cover.business.date_overrides",
    "cover.business.breaks",
    "cover.business.breaks.2025-01-01",
    "plan",
    "impact",
    "level",
    "level.soon_share",
    "level.risk_max_seconds",
    "chat",
    "chat.cover",
    "on_call",
    "on_call.impacts",
    "on_call.rule",
    "x",
]
VALUES = [
    "5",
    "-1",
    "1e400",
    "nan",
    '""',
    '"x"',
    "[]",
    "[[]]",
    "[5]",
    '["x"]',
    "{}",
    "{ x = 5 }",
    "true",
    "2025-01-01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "1" * 30,
    "08:00:00",
]


def mistake(text: str) -> GuidelinesError | None:
    try:
        parse_guidelines(text, "own.toml")
    except GuidelinesError as error:
        return error
    return None


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3))
def test_any_value_of_any_key_is_taken_or_refused_in_a_sentence_with_a_line(values: dict[str, str]) -> None:
    lines = [f"{key} = {value}" for key, value in ({"version": "1"} | values).items()]
    error = mistake("\n".join(lines) + TARGET)
    if error is not None:
        assert error.line in range(1, len(lines) + 3)
        assert error.sentence.startswith(f"own.toml, line {error.line}: ")
        assert "Error" not in error.sentence
