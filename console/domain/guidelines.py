"""What is promised: products, plans, impacts, hours of cover, targets. Shapes and look-ups only.

Source: spec sla.md 1 and 4. Pure: `guidelines_document` makes these shapes from a file's text, and
`console.guidelines_files` reads the files. `sla` asks for targets, calendars and levels at every clock, so the look-ups
are one dict each.

Names of products, plans and covers are matched without regard to case; space, underscore and hyphen are alike. Every
way in has a clock, so a product or plan that is not offered is measured as the one for unset.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from console.domain.calendar import BusinessCalendar
from console.domain.errors import ConsoleError
from console.domain.events import Impact, MetricName
from console.domain.names import name_key, spelled_as

NextReplyFrom = Literal["customer_message", "previous_reply"]

POLICY_COVER: Final = "business"
"""The cover whose zone is the policy's zone."""

_CACHE_LIMIT: Final = 4096
"""Plans and products of tickets are free text; a log with many of them must not grow the caches for ever."""


class GuidelinesError(ConsoleError):
    """A mistake in a guidelines file: one sentence with the file, the line where there is one, and the reason.

    Attributes: `source` the file as the caller named it, `line` from 1 or None, `reason` the rest of the sentence.
    """

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        self.source = source
        self.line = line
        self.reason = reason
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {reason}{'' if reason[-1:] in '.?' else '.'}")


class Target(msgspec.Struct, frozen=True, gc=False):
    """So many open seconds of a cover until the metric's clock is due."""

    metric: MetricName
    seconds: int
    cover: str


class Plan(msgspec.Struct, frozen=True, gc=False):
    """A plan and what it includes besides targets; `product` None when every product offers it."""

    name: str
    product: str | None = None
    includes: tuple[str, ...] = ()


class ImpactDefinition(msgspec.Struct, frozen=True, gc=False):
    """What an impact means, for the person who assesses; `product` None when it reads the same for every product."""

    impact: Impact
    definition: str
    product: str | None = None


class Levels(msgspec.Struct, frozen=True, gc=False):
    """When a running clock is due soon and at risk (spec sla.md 4). Shares of the target, bounds in open seconds."""

    soon_share: float = 0.25
    soon_min_s: int = 900
    soon_max_s: int = 14400
    risk_share: float = 0.1
    risk_min_s: int = 300
    risk_max_s: int = 3600

    def soon_left_s(self, target_seconds: int) -> int:
        """The open seconds left at which a clock becomes due soon; never more than the target itself."""
        return _left_s(target_seconds, self.soon_share, self.soon_min_s, self.soon_max_s)

    def risk_left_s(self, target_seconds: int) -> int:
        """The open seconds left at which a clock becomes at risk; never more than the target itself."""
        return _left_s(target_seconds, self.risk_share, self.risk_min_s, self.risk_max_s)


def _left_s(target_seconds: int, share: float, least_s: int, most_s: int) -> int:
    return min(target_seconds, max(least_s, min(most_s, int(target_seconds * share))))


class Chat(msgspec.Struct, frozen=True, gc=False):
    """The objective for chat: an average response time within a cover, not a clock of one ticket."""

    average_response_seconds: int
    cover: str = POLICY_COVER


class OnCall(msgspec.Struct, frozen=True, gc=False):
    """What goes to the engineer on call while a clock runs and business hours do not; no product named means all."""

    impacts: tuple[Impact, ...] = ("urgent", "high")
    products: tuple[str, ...] = ()
    rule: str = ""


Promise = tuple[str, str, Impact]
"""Product and plan as `name_key`, and an impact."""

_NOTHING: Final[Mapping[MetricName, Target]] = MappingProxyType({})


class Guidelines(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One version of the guidelines for one or several products.

    `in_force_from` is epoch ms. `assumption` marks figures that are not the vendor's own: every screen that shows them
    says so. `source` names the file for people; `digest` is SHA-256 (hex) of all that the document says. `calendars`
    are keyed by the name of the cover, `targets` by `Promise`; every product and plan in them is declared.
    """

    name: str
    version: int
    in_force_from: int
    assumption: bool
    source: str
    digest: str
    products: tuple[str, ...]
    plans: tuple[Plan, ...]
    impacts: tuple[ImpactDefinition, ...] = ()
    impact_when_unset: Impact | None = "normal"
    product_when_unset: str
    plan_when_unset: str
    next_reply_from: NextReplyFrom = "customer_message"
    calendars: Mapping[str, BusinessCalendar]
    targets: Mapping[Promise, Mapping[MetricName, Target]]
    levels: Levels = Levels()
    chat: Chat | None = None
    on_call: OnCall = OnCall()
    _targets_as_asked: dict[tuple[str | None, str | None, Impact | None], Mapping[MetricName, Target]] = msgspec.field(
        default_factory=dict
    )
    _metrics_as_asked: dict[tuple[str | None, str | None], frozenset[MetricName]] = msgspec.field(default_factory=dict)

    @property
    def label(self) -> str:
        """`CAS 1`, or `CAS 1, assumed`."""
        return f"{self.name} {self.version}" + (", assumed" if self.assumption else "")

    @property
    def zone(self) -> str:
        """The policy's zone, in which days are grouped: that of the cover `business` (IANA name)."""
        return self.calendars[POLICY_COVER].timezone

    def targets_for(self, product: str | None, plan: str | None, impact: Impact | None) -> Mapping[MetricName, Target]:
        """The targets of a ticket by metric; empty when nothing is promised.

        None is measured as `product_when_unset`, `plan_when_unset`, `impact_when_unset`, and so is a product or plan
        that these guidelines do not offer. Impact None is promised nothing when `impact_when_unset` is None.
        """
        found = self._targets_as_asked.get((product, plan, impact))
        return self._resolve_targets(product, plan, impact) if found is None else found

    def promised_metrics(self, product: str | None, plan: str | None) -> frozenset[MetricName]:
        """The metrics with a target at any impact: those for which a ticket of this product and plan has clocks."""
        found = self._metrics_as_asked.get((product, plan))
        return self._resolve_metrics(product, plan) if found is None else found

    def calendar(self, cover: str) -> BusinessCalendar:
        """The hours of a cover, by its name. GuidelinesError for a cover that is neither built in nor declared."""
        found = self.calendars.get(cover)
        if found is not None:
            return found
        spelled = spelled_as(cover, self.calendars)
        if spelled is None:
            known = ", ".join(self.calendars)
            raise GuidelinesError(self.source, None, f'there is no cover "{cover}"; there are {known}')
        return self.calendars[spelled]

    def names(self, product: str) -> bool:
        """Whether the guidelines speak of a product."""
        return spelled_as(product, self.products) is not None

    def measured_product(self, product: str | None) -> str:
        """The product as which a ticket is measured, in the guidelines' spelling."""
        named = None if product is None else spelled_as(product, self.products)
        return self.product_when_unset if named is None else named

    def plans_of(self, product: str | None) -> tuple[str, ...]:
        """The plans that a product offers, in the guidelines' order."""
        measured = self.measured_product(product)
        return tuple(plan.name for plan in self.plans if plan.product is None or plan.product == measured)

    def measured_plan(self, product: str | None, plan: str | None) -> str:
        """The plan as which a ticket is measured: its own where the product offers it, else the one for unset, else the
        product's first. A product without a plan gives `plan_when_unset`, which then promises nothing."""
        offered = self.plans_of(product)
        named = None if plan is None else spelled_as(plan, offered)
        return named or spelled_as(self.plan_when_unset, offered) or next(iter(offered), self.plan_when_unset)

    def definition(self, product: str | None, impact: Impact) -> str | None:
        """What an impact means for a product, in its own wording where it has one; None where nothing is written."""
        measured = self.measured_product(product)
        found = {entry.product: entry.definition for entry in self.impacts if entry.impact == impact}
        return found.get(measured, found.get(None))

    def _resolve_targets(
        self, product: str | None, plan: str | None, impact: Impact | None
    ) -> Mapping[MetricName, Target]:
        measured = impact if impact is not None else self.impact_when_unset
        found = _NOTHING
        if measured is not None:
            key = (name_key(self.measured_product(product)), name_key(self.measured_plan(product, plan)), measured)
            found = self.targets.get(key, _NOTHING)
        if len(self._targets_as_asked) >= _CACHE_LIMIT:
            self._targets_as_asked.clear()
        self._targets_as_asked[product, plan, impact] = found
        return found

    def _resolve_metrics(self, product: str | None, plan: str | None) -> frozenset[MetricName]:
        measured = (name_key(self.measured_product(product)), name_key(self.measured_plan(product, plan)))
        found = frozenset(
            metric for key, by_metric in self.targets.items() if key[:2] == measured for metric in by_metric
        )
        if len(self._metrics_as_asked) >= _CACHE_LIMIT:
            self._metrics_as_asked.clear()
        self._metrics_as_asked[product, plan] = found
        return found


class _Line(msgspec.Struct, frozen=True, eq=False):
    """The versions of one product: from `starts[i]` on (epoch ms), `versions[i]` answers."""

    starts: tuple[int, ...]
    versions: tuple[Guidelines, ...]


class GuidelinesHistory:
    """Every published version of the guidelines of every product. Guidelines that change do not rewrite history: a
    clock asks for the version in force at its activation (spec sla.md 3).

    Attributes: `documents` as given, `metrics` those with a target in any of them, `digest` SHA-256 (hex) that changes
    when the content of any document does.
    """

    def __init__(self, documents: Iterable[Guidelines]) -> None:
        """Takes documents in any order; of two alike in product, version and `in_force_from` the later given answers.
        The first document's `product_when_unset` stands for products that nobody names."""
        self.documents = tuple(documents)
        if not self.documents:
            raise ValueError("a history of guidelines needs at least one document")
        self.digest = hashlib.sha256("\n".join(document.digest for document in self.documents).encode()).hexdigest()
        self.metrics: frozenset[MetricName] = frozenset(
            metric for document in self.documents for by_metric in document.targets.values() for metric in by_metric
        )
        self._named = {
            name_key(product): _line(product, self.documents)
            for document in self.documents
            for product in document.products
        }
        self._unnamed = self._named[name_key(self.documents[0].product_when_unset)]
        self._as_asked: dict[str | None, _Line] = {None: self._unnamed}

    def at(self, product: str | None, instant_ms: int) -> Guidelines:
        """The newest version in force at an instant (epoch ms) that names the product; before the first in force, the
        first. None and a product that nobody names are answered as `product_when_unset`."""
        line = self._as_asked.get(product)
        if line is None:
            line = self._resolve(product)
        if len(line.versions) == 1:
            return line.versions[0]
        return line.versions[max(bisect_right(line.starts, instant_ms) - 1, 0)]

    @property
    def label(self) -> str:
        """The newest version of each document: `CAS 1 and Classroom 1, assumed`."""
        newest: dict[str, Guidelines] = {}
        for document in self.documents:
            if document.name not in newest or document.version >= newest[document.name].version:
                newest[document.name] = document
        if all(document.assumption for document in newest.values()):
            return _listed([f"{document.name} {document.version}" for document in newest.values()]) + ", assumed"
        return _listed([f"{g.name} {g.version}" + (" (assumed)" if g.assumption else "") for g in newest.values()])

    def _resolve(self, product: str | None) -> _Line:
        line = self._unnamed if product is None else self._named.get(name_key(product), self._unnamed)
        if len(self._as_asked) >= _CACHE_LIMIT:
            self._as_asked.clear()
        self._as_asked[product] = line
        return line


def _line(product: str, documents: tuple[Guidelines, ...]) -> _Line:
    """The steps of a product: an older version that comes into force later does not replace a newer one."""
    starts: list[int] = []
    versions: list[Guidelines] = []
    for document in sorted((d for d in documents if d.names(product)), key=lambda d: d.in_force_from):
        if not versions or document.version >= versions[-1].version:
            starts.append(document.in_force_from)
            versions.append(document)
    return _Line(tuple(starts), tuple(versions))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
