"""Who may record what, in all cells: role x event type x scope x (own, imported, adopted).

The table here is written out by hand from the spec (events.md 3 to 6), not derived from the one under test.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import pytest

from console.domain import access
from console.domain.access import NOT_THERE, ROLES, Role, refusal, scopes_of, sees
from console.domain.events import EVENT_TYPES

#                                    engineer lead billing admin service
_TABLE: Final = """
    ticket.opened                       E      L      -      A      S
    message.received                    E      L      -      A      S
    message.sent                        E      L      -      A      -
    call.logged                         E      L      -      A      -
    message.delivery                    -      -      -      -      S
    ticket.assigned                     E      L      -      A      -
    ticket.impact_set                   E      L      -      A      -
    ticket.product_set                  E      L      -      A      -
    ticket.plan_set                     E      L      -      A      -
    ticket.account_set                  E      L      -      A      -
    ticket.subject_set                  E      L      -      A      -
    ticket.field_set                    E      L      -      A      -
    ticket.status_set                   E      L      -      A      -
    ticket.solved                       E      L      -      A      -
    ticket.closed                       E      L      -      A      -
    ticket.reopened                     E      L      -      A      -
    ticket.merged                       E      L      -      A      -
    ticket.split                        E      L      -      A      -
    ticket.followed_up                  E      L      -      A      S
    ticket.tagged                       E      L      -      A      -
    ticket.untagged                     E      L      -      A      -
    ticket.linked                       E      L      -      A      S
    ticket.snoozed                      E      L      -      A      -
    ticket.woken                        E      L      -      A      -
    ticket.watched                      E      L      -      A      -
    ticket.escalated                    E      L      -      A      -
    ticket.marked_spam                  E      L      -      A      -
    ticket.unmarked_spam                E      L      -      A      -
    alert.fired                         -      -      -      -      S
    alert.resolved                      -      -      -      -      S
    entry.redacted                      -      L      -      A      -
    lot.bought                          -      -      B      A      S
    lot.refunded                        -      -      B      A      S
    lot.granted                         -      -      B      A      S
    period.renewal_set                  -      -      B      A      S
    engagement.opened                   E      L      -      A      S
    engagement.joined                   E      L      -      A      -
    engagement.handed_over              E      L      -      A      -
    scope.agreed                        E      L      -      A      -
    scope.item_done                     E      L      -      A      -
    scope.requested                     E      L      -      A      -
    access.listed                       E      L      -      A      -
    access.received                     E      L      -      A      -
    access.lost                         E      L      -      A      -
    contact.set                         E      L      -      A      -
    slot.booked                         E      L      -      A      -
    slot.moved                          E      L      -      A      -
    slot.released                       E      L      -      A      -
    consent.given                       E      L      -      A      -
    consent.withdrawn                   E      L      -      A      -
    segment.started                     E      L      -      A      -
    segment.beat                        E      L      -      A      -
    segment.stopped                     E      L      -      A      -
    segment.item_set                    E      L      -      A      -
    segment.noted                       E      L      -      A      -
    pause.began                         E      L      -      A      -
    pause.ended                         E      L      -      A      -
    gap.found                           E      L      -      A      -
    gap.classified                      E      L      -      A      -
    engagement.completed                E      L      -      A      -
    engagement.completion_undone        E      L      B      A      -
    correction.made                     -      L      -      A      -
    period.closed                       -      -      B      A      -
"""
_COLUMNS: Final[tuple[Role, ...]] = ("engineer", "lead", "billing", "admin", "service")
_IMPORTED: Final = ("ticket.", "message.", "call.", "alert.")
"""The types that another system's history consists of; leads, admins and services bring all of them."""

MAY: Final[dict[str, frozenset[str]]] = {
    words[0]: frozenset(role for role, mark in zip(_COLUMNS, words[1:], strict=True) if mark != "-")
    for words in map(str.split, _TABLE.strip().splitlines())
}

SCOPES: Final = ("desk", "accounts", "pro:Harbour Ltd", "pro:Mill", "restricted:legal", "restricted:board")
_OF_ROLE: Final[dict[str, frozenset[str]]] = {
    "engineer": frozenset({"desk", "accounts", "pro:Harbour Ltd", "pro:Mill"}),
    "lead": frozenset({"desk", "accounts", "pro:Harbour Ltd", "pro:Mill"}),
    "billing": frozenset({"accounts", "pro:Harbour Ltd", "pro:Mill"}),
    "admin": frozenset({"desk", "accounts", "pro:Harbour Ltd", "pro:Mill"}),
    "service": frozenset(),
}
"""What a role sees of SCOPES by itself."""
GRANTS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("restricted:legal",),
    ("desk",),
    ("pro:Mill",),
    ("pro:*", "restricted:board"),
)
_CASES: Final = tuple(product(ROLES, sorted(MAY), SCOPES, GRANTS, (False, True), (False, True)))


def _granted(grant: tuple[str, ...]) -> set[str]:
    pro = {scope for scope in SCOPES if scope.startswith("pro:")} if "pro:*" in grant else set()
    return {*grant, *pro} - {"pro:*"}


def _expected(role: str, kind: str, scope: str, grant: tuple[str, ...], imported: bool, adopted: bool) -> bool:
    if scope not in _OF_ROLE[role] | _granted(grant):
        return False
    is_person_at_a_workstation = role in {"engineer", "lead", "admin"}
    if adopted and not is_person_at_a_workstation:
        return False
    if imported and not (role in {"lead", "admin", "service"} or adopted):
        return False
    return role in MAY[kind] or ((imported or adopted) and kind.startswith(_IMPORTED))


def test_the_table_names_every_role_and_every_type_once() -> None:
    assert set(_COLUMNS) == set(ROLES)
    assert set(MAY) == set(EVENT_TYPES)
    assert len(MAY) == len(_TABLE.strip().splitlines())


def test_every_cell_is_as_the_table_says() -> None:
    wrong = [case for case in _CASES if (_refusal_of(*case) is None) is not _expected(*case)]
    assert wrong == []


def _refusal_of(role: Role, kind: str, scope: str, grant: tuple[str, ...], imported: bool, adopted: bool) -> str | None:
    return refusal(role, kind, scope, scopes_of(role, grant), imported=imported, adopted=adopted)


def test_a_scope_that_is_not_seen_reads_as_if_nothing_were_there_for_every_role_and_type() -> None:
    told = {
        _refusal_of(role, kind, scope, grant, imported, adopted)
        for role, kind, scope, grant, imported, adopted in _CASES
        if scope not in _OF_ROLE[role] | _granted(grant)
    }
    assert told == {NOT_THERE}


def test_no_sentence_of_a_refusal_tells_a_scope() -> None:
    for case in _CASES:
        sentence = _refusal_of(*case)
        assert sentence is None or not any(scope in sentence for scope in SCOPES if scope != "desk")


def test_a_grant_never_takes_anything_away() -> None:
    for role, kind, scope, grant, imported, adopted in _CASES:
        if _refusal_of(role, kind, scope, (), imported, adopted) is None:
            assert _refusal_of(role, kind, scope, grant, imported, adopted) is None


def test_a_grant_gives_no_right_that_the_role_lacks() -> None:
    for role, kind, scope, grant, _, _ in _CASES:
        if role not in MAY[kind]:
            assert _refusal_of(role, kind, scope, grant, False, False) is not None


def test_every_type_is_recorded_by_somebody() -> None:
    assert {kind for kind, roles in MAY.items() if not roles} == set()


def test_a_lead_may_all_that_an_engineer_may_and_an_admin_all_that_a_person_may() -> None:
    may = access.EVENT_TYPES_BY_ROLE
    assert may["engineer"] < may["lead"] < may["admin"]
    assert may["billing"] < may["admin"]


@pytest.mark.parametrize("role", ROLES)
def test_restricted_circles_are_seen_by_grant_only(role: Role) -> None:
    assert not sees(scopes_of(role), "restricted:legal")
    assert sees(scopes_of(role, ("restricted:legal",)), "restricted:legal")
    assert not sees(scopes_of(role, ("restricted:legal",)), "restricted:legal-hold")


def test_a_service_sees_nothing_by_itself() -> None:
    assert scopes_of("service") == ()


def test_the_wildcard_covers_accounts_and_nothing_else() -> None:
    assert sees(("pro:*",), "pro:Any account at all")
    assert not any(sees(("pro:*",), scope) for scope in ("desk", "accounts", "restricted:pro:x", "pro"))


def test_the_name_of_an_account_is_no_pattern() -> None:
    assert not sees(("pro:Mill",), "pro:Mill & Sons")
    assert not sees(("restricted:*",), "restricted:legal")


def test_a_refusal_for_the_role_names_who_may() -> None:
    sentence = refusal("engineer", "period.closed", "pro:Mill", scopes_of("engineer"))
    assert sentence == "Not allowed for the role engineer: period.closed is recorded by admin or billing."
