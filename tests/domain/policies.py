"""Guidelines for tests, written as a user would write them."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.guidelines import GuidelinesHistory
from console.domain.guidelines_document import parse_guidelines


def policy(
    targets: Mapping[str, int | tuple[int, str]],
    *,
    impacts: tuple[str, ...] = ("urgent", "high", "normal", "low"),
    head: str = "",
    extra: str = "",
) -> GuidelinesHistory:
    """A history of one document: each metric's target in seconds (24/7, or with a cover) for every impact."""
    rows = []
    for metric, given in targets.items():
        seconds, cover = given if isinstance(given, tuple) else (given, "24/7")
        rows += [_row(impact, metric, seconds, cover) for impact in impacts]
    return document(rows, head=head, extra=extra)


def by_impact(metric: str, targets: Mapping[str, tuple[int, str]], *, head: str = "") -> GuidelinesHistory:
    """A history of one document with one metric and a target per impact."""
    return document([_row(impact, metric, s, cover) for impact, (s, cover) in targets.items()], head=head)


def by_impact_and_metric(targets: Mapping[tuple[str, str], tuple[int, str]]) -> GuidelinesHistory:
    """A history of one document with a target for each metric and impact that is named, in this order."""
    return document([_row(impact, metric, s, cover) for (metric, impact), (s, cover) in targets.items()])


def document(rows: list[str], *, head: str = "", extra: str = "") -> GuidelinesHistory:
    text = f'name = "Test"\nversion = 1\nin_force_from = 2015-01-01\n{head}\n{extra}\n' + "\n".join(rows)
    return GuidelinesHistory([parse_guidelines(text, "test.toml")])


def _row(impact: str, metric: str, seconds: int, cover: str) -> str:
    return (
        f'[[target]]\nproduct = "CAS"\nplan = "Standard"\nimpact = "{impact}"\nmetric = "{metric}"\n'
        f'seconds = {seconds}\ncover = "{cover}"'
    )
