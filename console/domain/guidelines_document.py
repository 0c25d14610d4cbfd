"""The text of a guidelines file -> `Guidelines`, or one sentence with the file, the line and the reason.

Source: spec sla.md 1, where the format stands. Pure; called by `console.guidelines_files`. Only `version` and one
`[[target]]` are required: what a short file leaves out is filled in as the spec says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final, cast, get_args

import msgspec

from console.domain.events import IMPACTS, Impact, MetricName
from console.domain.guidelines import (
    POLICY_COVER,
    Chat,
    Guidelines,
    GuidelinesError,
    ImpactDefinition,
    Levels,
    NextReplyFrom,
    OnCall,
    Plan,
    Promise,
    Target,
)
from console.domain.guidelines_covers import read_covers
from console.domain.names import distinct, name_key, spelled_as
from console.domain.opening_hours import FIRST_YEAR, LAST_YEAR, RANGE_END_MS, RANGE_START_MS, read_zone
from console.domain.toml_document import TomlTable, read_toml

MOST_SECONDS: Final = 10 * 366 * 86400
"""No promise is longer than ten years; a longer one is a slip of the keyboard."""

_METRICS: Final[tuple[MetricName, ...]] = get_args(MetricName)
_REPLIES: Final[tuple[NextReplyFrom, ...]] = get_args(NextReplyFrom)
_NO_IMPACT: Final = "none"
_STANDARD: Final = "Standard"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CANONICAL: Final = msgspec.json.Encoder(order="sorted")

_TOP_KEYS: Final = (
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
    "plan",
    "impact",
    "target",
    "level",
    "chat",
    "on_call",
)


def parse_guidelines(text: str, source: str) -> Guidelines:
    """Reads one version of the guidelines. `source` names the file in errors and for people.

    GuidelinesError for the first mistake that is found.
    """
    top = read_toml(text, source, GuidelinesError)
    top.only(_TOP_KEYS)
    version = top.whole("version", least=1, most=999_999)
    hours, calendars = read_covers(top.table("cover"))
    rows = top.tables("target")
    if not rows:
        raise top.wrong("nothing is promised: the file needs at least one [[target]]")
    products = _products(top, rows)
    plans = _plans(top, rows, products)
    return Guidelines(
        name=top.text("name", " and ".join(products)),
        version=version,
        in_force_from=_in_force_from(top, calendars[POLICY_COVER].timezone),
        assumption=top.flag("assumption", False),
        source=source,
        products=products,
        plans=plans,
        impacts=_impacts(top, products),
        impact_when_unset=_impact_when_unset(top),
        product_when_unset=top.choice("product_when_unset", products, products[0]),
        plan_when_unset=_plan_when_unset(top, plans),
        next_reply_from=cast(NextReplyFrom, top.choice("next_reply_from", _REPLIES, _REPLIES[0])),
        calendars=calendars,
        targets=_targets(rows, products, plans, tuple(calendars)),
        levels=_levels(top.table("level")),
        chat=_chat(top.table("chat"), tuple(calendars)),
        on_call=_on_call(top.table("on_call"), products),
        digest=hashlib.sha256(_CANONICAL.encode([top.values, hours])).hexdigest(),  # last: checked values only
    )


def _products(top: TomlTable, rows: Sequence[TomlTable]) -> tuple[str, ...]:
    """The list `products` where there is one, else every product with a target, in the order of the file."""
    if "products" not in top.values:
        return distinct(row.text("product") for row in rows)
    listed = top.texts("products")
    if not listed:
        raise top.wrong('"products" is empty: name at least one, or leave the list out', "products")
    for index, name in enumerate(listed):
        if spelled_as(name, listed[:index]) is not None:
            raise top.wrong(f'the product "{name}" is listed twice', "products", index)
    return listed


def _plans(top: TomlTable, rows: Sequence[TomlTable], products: Sequence[str]) -> tuple[Plan, ...]:
    """The `[[plan]]` tables where there are some, else every plan with a target, product by product."""
    plans: list[Plan] = []
    for table in top.tables("plan"):
        table.only(("name", "product", "includes"))
        name, product = table.text("name"), _product(table, products)
        for other in plans:
            if name_key(other.name) == name_key(name) and (product is None or other.product in (None, product)):
                raise table.wrong(f'the plan "{name}" is declared twice', "name")
        plans.append(Plan(name, product, table.texts("includes", ())))
    if plans:
        return tuple(plans)
    offered = [(row.choice("product", products), row.text("plan")) for row in rows]
    return tuple(
        Plan(name, product)
        for product in products
        for name in distinct(plan for owner, plan in offered if owner == product)
    )


def _product(table: TomlTable, products: Sequence[str]) -> str | None:
    """The product that a table speaks of; None where it speaks of all."""
    return table.choice("product", products) if "product" in table.values else None


def _plan_when_unset(top: TomlTable, plans: Sequence[Plan]) -> str:
    names = distinct(plan.name for plan in plans)
    return top.choice("plan_when_unset", names, spelled_as(_STANDARD, names) or names[0])


def _impacts(top: TomlTable, products: Sequence[str]) -> tuple[ImpactDefinition, ...]:
    found: dict[tuple[Impact, str | None], ImpactDefinition] = {}
    for table in top.tables("impact"):
        table.only(("name", "product", "definition"))
        impact, product = cast(Impact, table.choice("name", IMPACTS)), _product(table, products)
        if (impact, product) in found:
            raise table.wrong(f'the impact "{impact}" is defined twice', "name")
        found[impact, product] = ImpactDefinition(impact, table.text("definition"), product)
    return tuple(found.values())


def _impact_when_unset(top: TomlTable) -> Impact | None:
    word = top.choice("impact_when_unset", (*IMPACTS, _NO_IMPACT), "normal")
    return None if word == _NO_IMPACT else cast(Impact, word)


def _in_force_from(top: TomlTable, zone: str) -> int:
    """Epoch ms. A date is its midnight in the policy's zone, and a time without an offset is read there too; a file
    that does not say was always in force."""
    key = "in_force_from"
    value = top.values.get(key, _EPOCH)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise top.wrong(f'"{key}" must be a date such as 2025-01-01 or an instant such as 2025-01-01T08:00:00Z', key)
    if value.tzinfo is None:
        value = value.replace(tzinfo=read_zone(zone))
    at_ms = (value - _EPOCH) // timedelta(milliseconds=1)
    if not RANGE_START_MS <= at_ms < RANGE_END_MS:
        raise top.wrong(f'"{key}" lies outside the years {FIRST_YEAR} to {LAST_YEAR}', key)
    return at_ms


def _targets(
    rows: Sequence[TomlTable], products: Sequence[str], plans: Sequence[Plan], covers: Sequence[str]
) -> Mapping[Promise, Mapping[MetricName, Target]]:
    found: dict[Promise, dict[MetricName, Target]] = {}
    lines: dict[tuple[Promise, MetricName], int] = {}
    for row in rows:
        row.only(("product", "plan", "impact", "metric", "seconds", "cover"))
        product = row.choice("product", products)
        plan = row.choice("plan", [plan.name for plan in plans if plan.product in (None, product)])
        promise = (name_key(product), name_key(plan), cast(Impact, row.choice("impact", IMPACTS)))
        metric = cast(MetricName, row.choice("metric", _METRICS))
        seconds = row.whole("seconds", least=1, most=MOST_SECONDS)
        if (promise, metric) in lines:
            said = f"{product}, {plan}, {promise[2]}, {metric}"
            raise row.wrong(f"a second target for {said}; the first stands on line {lines[promise, metric]}")
        lines[promise, metric] = row.line
        found.setdefault(promise, {})[metric] = Target(metric, seconds, row.choice("cover", covers))
    return MappingProxyType({promise: MappingProxyType(by_metric) for promise, by_metric in found.items()})


def _levels(table: TomlTable) -> Levels:
    """The defaults of `Levels` where the file is silent. At risk never begins before due soon."""
    default = Levels()
    names = {f"{name}econds" if name.endswith("_s") else name: name for name in Levels.__struct_fields__}
    table.only(names)
    figures: dict[str, Any] = {}
    for key, name in names.items():
        if name == key:
            figures[name] = table.number(key, getattr(default, name), least=0, most=1)
        else:
            figures[name] = table.whole(key, getattr(default, name), least=0, most=MOST_SECONDS)
    _ordered(table, figures, "soon_min_seconds", "soon_max_seconds")
    _ordered(table, figures, "risk_min_seconds", "risk_max_seconds")
    for part in ("share", "min_seconds", "max_seconds"):
        _ordered(table, figures, f"risk_{part}", f"soon_{part}")
    return Levels(**figures)


def _ordered(table: TomlTable, figures: Mapping[str, float], low: str, high: str) -> None:
    """Refuses a figure above the one that bounds it, at the line of the one that the file gives."""
    least, most = figures[low.replace("_seconds", "_s")], figures[high.replace("_seconds", "_s")]
    if least > most:
        raise table.wrong(f'"{low}" ({least}) is more than "{high}" ({most})', low if low in table.values else high)


def _chat(table: TomlTable, covers: Sequence[str]) -> Chat | None:
    table.only(("average_response_seconds", "cover"))
    if not table.values:
        return None
    seconds = table.whole("average_response_seconds", least=1, most=MOST_SECONDS)
    return Chat(seconds, table.choice("cover", covers, POLICY_COVER))


def _on_call(table: TomlTable, products: Sequence[str]) -> OnCall:
    """Urgent and High of every product, unless the file says otherwise; `impacts = []` promises nobody on call."""
    table.only(("impacts", "products", "rule"))
    default = OnCall()
    return OnCall(
        impacts=cast(tuple[Impact, ...], table.choices("impacts", IMPACTS, default.impacts)),
        products=table.choices("products", products, default.products),
        rule=table.text("rule", default.rule),
    )
