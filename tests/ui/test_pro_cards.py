"""What the cards of the session page have in common: every look, and a name for everything."""

from __future__ import annotations

import pytest

from tests.ui import pro_pages as pp
from tests.ui.pro_cards import Build
from tests.ui.pro_cards import asked as asked
from tests.ui.pro_cards import build as build
from ui.pro.gate_card import GateCard
from ui.pro.hours_card import HoursCard
from ui.pro.ledger_card import LedgerCard
from ui.pro.scope_card import ScopeCard
from ui.theme import theme


@pytest.mark.parametrize("kind", [HoursCard, ScopeCard, GateCard, LedgerCard])
@pytest.mark.parametrize("contrast", [False, True], ids=["tokens", "high contrast"])
def test_a_card_is_painted_in_every_look(
    build: Build, kind: type, contrast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.theme._system_wants_contrast", lambda: contrast)
    pictures = []
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        for page in (pp.page(), pp.idle_page(scope=pp.NO_SCOPE, ledger=(), access=())):
            for scale in (1.0, 1.5):
                theme().set_text_scale(scale)
                picture = build(kind, page).grab()
                assert not picture.isNull()
                pictures.append(picture.toImage())
    if not contrast:
        assert pictures[0] != pictures[4], "dark is another picture than light"


@pytest.mark.parametrize("kind", [HoursCard, ScopeCard, GateCard, LedgerCard])
def test_every_act_and_every_figure_has_a_name(build: Build, kind: type) -> None:
    card = build(kind, pp.idle_page())
    assert card.accessibleName()
    for stop in card.stops():  # type: ignore[attr-defined]
        if stop.isVisible():
            assert stop.accessibleName() or stop.text()
