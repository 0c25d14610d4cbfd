"""Cores that are broken: `core.step` with one thing about it another way."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from console.sync import core
from console.wire.messages import Page, Pushed, Welcome
from tests.faults.sim.variants.variant import OfCore, Stepped


def _late_answers_taken(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """What answers an earlier request of the same kind is taken for the answer to the present one."""
    if isinstance(told, core.Answered) and state.flying and not any(s.request == told.request for s in state.flying):
        kinds: dict[type[object], core.Kind] = {Page: "pull", Pushed: "push", Welcome: "hello"}
        kind = kinds.get(type(told.answer))
        present = next((sent for sent in state.flying if sent.kind == kind), None)
        if present is not None:
            told = core.Answered(present.request, told.answer)
    return core.step(state, told, now, luck)


def _failures_hidden(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    state, outputs = core.step(state, told, now, luck)
    return replace(state, hub_trouble=replace(state.hub_trouble, error=None)), outputs


def _full_disk_ignored(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """A change that could not be made is taken for made."""
    if isinstance(told, core.NotStored):
        told = core.Stored(state.position, state.outbox)
    return core.step(state, told, now, luck)


def _refusals_not_refused(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """A status of 401 empties the outbox."""
    if isinstance(told, core.Failed) and told.status == 401:
        told = replace(told, status=413)
    return core.step(state, told, now, luck)


def _no_check(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    state, outputs = core.step(replace(state, check_at=None), told, now, luck)
    return replace(state, check_at=None), outputs


def _gap_ignored(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    if isinstance(told, core.Failed) and told.conflict is not None and told.conflict.kind == "gap":
        told = replace(told, conflict=None)
    return core.step(state, told, now, luck)


def _snapshot_without_chain(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """A snapshot is asked for as soon as the hub is far ahead, whatever log that is."""
    far_behind = state.known_head - state.position.cursor > state.config.snapshot_lag
    return core.step(replace(state, far_behind=far_behind), told, now, luck)


def _pokes_trusted(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    return core.step(replace(state, poll_at=float("inf")) if state.polled else state, told, now, luck)


def _poke_forgotten(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """A poke that comes while a page is under way: the page's older head takes its place."""
    if isinstance(told, core.Poked) and state.is_flying("pull"):
        told = core.Ticked()
    return core.step(state, told, now, luck)


def _too_old_unsaid(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """A hub that wants a newer app is like one that is away."""
    if isinstance(told, core.Failed) and told.status == 426:
        told = replace(told, status=503)
    return core.step(state, told, now, luck)


def _newer_is_refused(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """What the hub takes after its upgrade is taken for refused."""
    if isinstance(told, core.Answered) and isinstance(told.answer, Pushed):
        verdicts = tuple(
            replace(said, outcome="refused", reason="Too new.") if said.outcome == "retry_after_upgrade" else said
            for said in told.answer.verdicts
        )
        told = core.Answered(told.request, replace(told.answer, verdicts=verdicts))
    return core.step(state, told, now, luck)


def _heard_after_revocation(state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
    """What was under way when the device was revoked is stored when it comes."""
    after, outputs = core.step(state, told, now, luck)
    if after.stopped == "revoked" and isinstance(told, core.Failed):
        after = replace(after, flying=tuple(sent for sent in state.flying if sent.request != told.request))
    return after, outputs


VARIANTS: Final = {
    "late answers taken": OfCore(_late_answers_taken),
    "failures hidden": OfCore(_failures_hidden),
    "full disk ignored": OfCore(_full_disk_ignored),
    "signing out empties the outbox": OfCore(_refusals_not_refused),
    "no check": OfCore(_no_check),
    "gap ignored": OfCore(_gap_ignored),
    "snapshot without a chain": OfCore(_snapshot_without_chain),
    "pokes trusted": OfCore(_pokes_trusted),
    "poke forgotten while a pull is under way": OfCore(_poke_forgotten),
    "too old unsaid": OfCore(_too_old_unsaid),
    "newer event taken for refused": OfCore(_newer_is_refused),
    "heard after the revocation": OfCore(_heard_after_revocation),
}
