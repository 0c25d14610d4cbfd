"""The workstation's core, input by input. Source: spec sync.md 2-3.

What holds for whole worlds under faults is in `tests/faults/sim`; here is what each answer leads to.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from console.journal.replica import (
    Basis,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    Outbox,
    Position,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.sync import core
from console.wire.messages import Conflict, Page, Pushed, Verdict, Welcome

CHAIN = bytes(32)
DESK = ("accounts", "desk")
JOINED = Position(device="D", hub_id="hub", epoch=2, cursor=10, chain=CHAIN, scopever=3, scopes=DESK)
WELCOME = Welcome(
    hub_id="hub",
    epoch=2,
    fork_seq=0,
    fork_chain=CHAIN,
    head=10,
    scopes=DESK,
    scopever=3,
    person="Ana",
    role="engineer",
    now_ms=0,
)
EMPTY = Outbox()
WAITING = Outbox(new=3, oldest_at=0)


class Shell:
    """Tells the core, and keeps what it wanted."""

    def __init__(self, position: Position = JOINED, outbox: Outbox = EMPTY, **config: Any) -> None:
        self.now = 100.0
        self.luck = 0.0
        self.outputs: list[core.Output] = []
        began = core.Began(position, outbox)
        self.state = core.begin(began, core.Config(**config))
        self.tell(began)

    def tell(self, told: core.Input) -> None:
        self.state, outputs = core.step(self.state, told, self.now, self.luck)
        self.outputs = list(outputs)

    @property
    def sent(self) -> list[core.Send]:
        return [output for output in self.outputs if isinstance(output, core.Send)]

    @property
    def kinds(self) -> list[str]:
        return [sent.kind for sent in self.sent]

    @property
    def changes(self) -> list[Any]:
        return [output.change for output in self.outputs if isinstance(output, core.Do)]

    @property
    def wakes(self) -> list[float]:
        return [output.at for output in self.outputs if isinstance(output, core.Wake)]

    def flying(self, kind: str) -> core.Send:
        (sent,) = (sent for sent in self.state.flying if sent.kind == kind)
        return sent

    def answer(self, kind: str, answer: object) -> None:
        self.tell(core.Answered(self.flying(kind).request, answer))

    def fail(self, kind: str, status: int | None = None, **more: Any) -> None:
        self.tell(core.Failed(self.flying(kind).request, "It failed.", status=status, **more))

    def conflict(self, kind: str, conflict: str, welcome: Welcome | None = None, **more: Any) -> None:
        self.fail(kind, 409, conflict=Conflict(kind=conflict, welcome=welcome, **more))  # type: ignore[arg-type]

    def store(self, outbox: Outbox | None = None, **position: Any) -> None:
        """The change was made, and this is what is different now."""
        at = replace(self.state.position, **position)
        self.tell(core.Stored(at, self.state.outbox if outbox is None else outbox))


def _page(**fields: Any) -> Page:
    return Page(**{"entries": (), "next": 10, "chain": CHAIN, "head": 10, **fields})


def _pushed(*outcomes: str) -> Pushed:
    return Pushed(verdicts=tuple(Verdict(id=str(n), outcome=o) for n, o in enumerate(outcomes)), head=10)  # type: ignore[arg-type]


def _greeted(outbox: Outbox = EMPTY, **config: Any) -> Shell:
    """A workstation that is welcome, its first pull under way."""
    shell = Shell(outbox=outbox, **config)
    shell.answer("hello", WELCOME)
    return shell


def _level(**config: Any) -> Shell:
    shell = _greeted(**config)
    shell.tell(core.Listening(True))
    shell.answer("pull", _page())
    return shell


BASIS = Basis(hub_id="hub", epoch=2, cursor=10, scopever=3)


def test_a_start_says_hello_and_nothing_else() -> None:
    assert Shell(outbox=WAITING).kinds == ["hello"]


def test_after_the_welcome_it_pushes_and_pulls() -> None:
    shell = Shell(outbox=WAITING)
    shell.answer("hello", WELCOME)
    assert shell.kinds == ["push", "pull"]


def test_the_first_contact_joins_before_anything_is_sent_and_again_after_a_full_disk() -> None:
    shell = Shell(Position(device="D", hub_id=None, epoch=1, cursor=0, chain=CHAIN, scopever=0, scopes=()), WAITING)
    join = Join(hub_id="hub", epoch=2, scopever=3, scopes=DESK)

    shell.answer("hello", WELCOME)
    assert (shell.changes, shell.sent) == ([join], [])
    shell.tell(core.NotStored("The disk is full."))
    assert (shell.changes, shell.state.error) == ([], "The disk is full.")
    shell.now = shell.wakes[0]
    shell.tell(core.Ticked())
    assert shell.changes == [join]


def test_another_hub_stops_it_and_is_asked_again_after_a_while() -> None:
    shell = Shell()
    shell.answer("hello", replace(WELCOME, hub_id="other"))
    assert (shell.state.stopped, shell.kinds) == ("other_hub", [])

    shell.now = shell.wakes[0]
    shell.tell(core.Ticked())
    assert shell.kinds == ["hello"]
    shell.answer("hello", WELCOME)
    assert shell.state.stopped is None


def test_a_hub_of_an_older_epoch_stops_it() -> None:
    shell = Shell()
    shell.answer("hello", replace(WELCOME, epoch=1))
    assert shell.state.stopped == "hub_went_back"


def test_a_late_word_of_an_older_epoch_is_not_believed_and_asked_again() -> None:
    shell = _greeted(WAITING)
    shell.conflict("push", "epoch", replace(WELCOME, epoch=3))
    shell.store(epoch=3)
    shell.conflict("pull", "rescope", replace(WELCOME, scopever=4, scopes=("desk",)))

    assert shell.state.stopped is None
    assert shell.kinds == ["hello"]


def test_a_newer_epoch_is_entered_on_the_word_of_a_conflict() -> None:
    shell = _greeted()
    shell.conflict("pull", "epoch", replace(WELCOME, epoch=3, fork_seq=4))
    assert shell.changes == [EnterEpoch(hub_id="hub", epoch=3, fork_seq=4, fork_chain=CHAIN)]


def test_where_the_logs_part_is_believed_only_for_the_epoch_that_asked() -> None:
    shell = _greeted(WAITING)
    shell.conflict("push", "epoch", replace(WELCOME, epoch=3, fork_seq=4))
    shell.store(epoch=3, cursor=4)
    shell.conflict("pull", "epoch", replace(WELCOME, epoch=4, fork_seq=9))
    assert (shell.changes, shell.kinds) == ([], ["hello"])

    shell.answer("hello", replace(WELCOME, epoch=4, fork_seq=0))
    assert shell.changes == [EnterEpoch(hub_id="hub", epoch=4, fork_seq=0, fork_chain=CHAIN)]


def test_a_new_epoch_is_checked_as_soon_as_it_is_level() -> None:
    shell = _greeted()
    shell.conflict("pull", "epoch", replace(WELCOME, epoch=3, head=4, fork_seq=4))
    shell.store(epoch=3, cursor=4)
    shell.answer("pull", _page(next=4, head=4))
    assert shell.kinds == ["check"]


def test_a_page_is_stored_on_the_basis_that_was_asked_for() -> None:
    shell = _greeted()
    shell.answer("pull", _page(next=12, head=12))
    assert shell.changes == [TakePage(basis=BASIS, entries=(), next=12, chain=CHAIN)]
    assert shell.sent == []


def test_an_answer_that_nobody_waits_for_is_ignored() -> None:
    shell = _greeted()
    late = shell.flying("pull").request
    shell.fail("pull")
    shell.tell(core.Answered(late, _page(next=12, head=12)))
    assert shell.changes == []


def test_a_level_workstation_that_hears_pokes_asks_again_only_after_a_while() -> None:
    shell = _level(poll_every_s=120)
    assert (shell.sent, shell.wakes) == ([], [shell.now + 120])
    assert shell.state.up_to_date_at == shell.now

    shell.now += 120
    shell.tell(core.Ticked())
    assert shell.kinds == ["pull"]


def test_a_poke_of_a_longer_log_pulls() -> None:
    shell = _level()
    shell.tell(core.Poked(11))
    assert shell.kinds == ["pull"]


def test_a_poke_that_comes_while_a_page_is_under_way_is_not_forgotten() -> None:
    shell = _level()
    shell.tell(core.Poked(11))
    shell.tell(core.Poked(12))
    shell.answer("pull", _page(next=11, head=11))
    shell.store(cursor=11)
    assert shell.kinds == ["pull"]


def test_a_poke_of_another_log_asks_once_more_and_not_for_ever() -> None:
    shell = _greeted()
    shell.tell(core.Listening(True))
    shell.tell(core.Poked(99))
    shell.answer("pull", _page())
    assert shell.kinds == ["pull"]
    shell.answer("pull", _page())
    assert shell.kinds == []


def test_without_pokes_the_hub_holds_the_pull() -> None:
    shell = _level(wait_s=25)
    shell.tell(core.Listening(False))
    assert [sent.wait_s for sent in shell.sent] == [25]


def test_far_behind_takes_a_snapshot_right_after_a_page_that_compared_the_chains() -> None:
    shell = _greeted(snapshot_lag=50)
    shell.answer("pull", _page(next=11, head=100))
    shell.store(cursor=11)
    assert shell.kinds == ["snapshot"]


def test_a_new_workstation_takes_a_snapshot_of_all_that_its_first_page_does_not_hold() -> None:
    shell = Shell(replace(JOINED, cursor=0))
    shell.answer("hello", WELCOME)
    shell.answer("pull", _page(next=8, head=10))
    shell.store(cursor=8)
    assert shell.kinds == ["snapshot"]


def test_far_behind_by_a_word_of_a_push_pulls_first() -> None:
    shell = _level(snapshot_lag=50)
    shell.tell(core.Written(WAITING))
    shell.answer("push", replace(_pushed("recorded"), head=100))
    shell.store(EMPTY)
    assert shell.kinds == ["pull"]


def test_one_push_is_under_way_at_a_time() -> None:
    shell = _greeted(WAITING)
    shell.tell(core.Written(Outbox(new=4)))
    assert shell.sent == []


def test_verdicts_are_stored_and_only_then_the_next_push_leaves() -> None:
    shell = _greeted(WAITING)
    shell.answer("push", _pushed("recorded", "refused"))
    assert [type(change) for change in shell.changes] == [TakeVerdicts]
    assert shell.kinds == []
    shell.store(Outbox(new=1, refused=1))
    assert shell.kinds == ["push"]


def test_a_device_conflict_takes_what_is_before_it_and_a_new_device() -> None:
    shell = _greeted(WAITING)
    shell.answer("push", _pushed("recorded", "device_conflict"))
    assert [len(change.verdicts) for change in shell.changes] == [1]
    assert shell.kinds == ["device"]
    shell.answer("device", "E")
    assert shell.changes == [TakeDevice(old="D", device="E")]


def test_a_hub_that_is_older_than_the_app_is_asked_again_after_a_while() -> None:
    shell = _greeted(WAITING, upgrade_retry_s=3600)
    shell.answer("push", _pushed("retry_after_upgrade"))
    assert shell.state.upgrade_hub
    assert "push" not in shell.kinds
    shell.now += 3600
    shell.tell(core.Ticked())
    assert "push" in shell.kinds


def test_a_gap_offers_again_what_the_hub_does_not_know() -> None:
    shell = _greeted(WAITING)
    shell.conflict("push", "gap", device_last=7)
    assert shell.changes == [OfferAgain(device="D", above_dseq=7)]


def test_a_gap_that_comes_back_waits_and_shows() -> None:
    shell = _greeted(WAITING)
    for _ in range(2):
        shell.conflict("push", "gap", device_last=7)
        shell.store()
    assert "push" not in shell.kinds
    assert shell.state.error == "It failed."


def test_another_log_is_loaded_again() -> None:
    shell = _greeted()
    shell.conflict("pull", "diverged", WELCOME)
    assert shell.changes == [Reload(basis=BASIS)]


def test_lost_scopes_go_at_once() -> None:
    shell = _greeted()
    shell.conflict("pull", "rescope", replace(WELCOME, scopever=4, scopes=("desk",)))
    assert shell.changes == [ChangeScopes(basis=BASIS, scopever=4, scopes=("desk",))]


def test_gained_scopes_are_loaded_up_to_the_cursor_and_change_with_their_version() -> None:
    shell = _greeted()
    shell.conflict("pull", "rescope", replace(WELCOME, scopever=4, scopes=(*DESK, "restricted:vip")))
    assert [(sent.kind, sent.scopes, sent.scopever) for sent in shell.sent] == [("scopes", ("restricted:vip",), 4)]
    shell.answer("scopes", ())
    gained = ChangeScopes(basis=BASIS, scopever=4, scopes=(*DESK, "restricted:vip"))
    assert shell.changes == [gained]


def test_where_scopes_are_lost_and_gained_the_lost_ones_go_first_under_the_old_version() -> None:
    shell = _greeted()
    shell.conflict("pull", "rescope", replace(WELCOME, scopever=4, scopes=("desk", "restricted:vip")))
    assert shell.changes == [ChangeScopes(basis=BASIS, scopever=3, scopes=("desk",))]
    shell.store(scopes=("desk",))
    assert shell.kinds == ["scopes"]


def test_scopes_that_the_hub_does_not_give_are_asked_for_anew() -> None:
    shell = _greeted()
    shell.conflict("pull", "rescope", replace(WELCOME, scopever=4, scopes=(*DESK, "restricted:vip")))
    shell.fail("scopes", 422)
    shell.now = shell.wakes[0]
    shell.tell(core.Ticked())
    assert shell.kinds == ["hello"]


def test_equal_numbers_of_scopes_that_are_others_change_as_well() -> None:
    shell = Shell()
    shell.answer("hello", replace(WELCOME, scopes=("desk",)))
    assert shell.changes == [ChangeScopes(basis=BASIS, scopever=3, scopes=("desk",))]


@pytest.mark.parametrize(("luck", "wait"), [(0.0, 0.5), (0.999999, 1.0)])
def test_a_failure_waits_between_the_floor_and_a_ceiling_that_doubles(luck: float, wait: float) -> None:
    shell = Shell()
    shell.luck = luck
    shell.fail("hello")
    assert shell.wakes == [pytest.approx(shell.now + wait, abs=1e-3)]
    assert (shell.state.error, shell.state.since) == ("It failed.", shell.now)


def test_a_wait_is_at_most_a_minute_unless_the_hub_asks_for_more() -> None:
    shell = Shell()
    shell.luck = 0.999999
    for _ in range(20):
        shell.fail("hello")
        shell.now = shell.wakes[0]
        shell.tell(core.Ticked())
    shell.fail("hello")
    assert shell.wakes[0] - shell.now == pytest.approx(60, abs=1e-3)
    shell.now = shell.wakes[0]
    shell.tell(core.Ticked())
    shell.fail("hello", 429, retry_after_s=300.0)
    assert shell.wakes[0] - shell.now == 300


def test_a_push_that_fails_does_not_keep_others_work_away_and_stays_in_sight() -> None:
    shell = _greeted(WAITING)
    shell.fail("push", 500)
    shell.answer("pull", _page(next=12, head=12))
    shell.store(cursor=12)
    assert shell.kinds == ["pull"]
    assert shell.state.error == "It failed."


def test_a_push_without_an_answer_is_no_trouble_once_its_entries_came_back_in_a_page() -> None:
    shell = _greeted(WAITING)
    shell.tell(core.Listening(True))
    shell.answer("pull", _page(next=13, head=13))
    shell.store(EMPTY, cursor=13)
    shell.fail("push")
    assert (shell.state.since, shell.state.error) == (None, None)

    shell.tell(core.Written(WAITING))
    assert shell.kinds == ["push"]


def test_a_full_disk_stops_the_asking_and_shows() -> None:
    shell = _greeted()
    shell.answer("pull", _page(next=12, head=12))
    shell.tell(core.NotStored("The disk is full."))
    assert (shell.sent, shell.state.error) == ([], "The disk is full.")


@pytest.mark.parametrize("status", [413, 422])
def test_a_push_that_is_too_much_is_halved_down_to_one_event_which_is_refused(status: int) -> None:
    shell = _greeted(WAITING, batch=4)
    limits = [shell.flying("push").limit]
    for _ in range(2):
        shell.fail("push", status, first="x")
        limits.append(shell.sent[0].limit)
    shell.fail("push", status, first="x")

    assert limits == [4, 2, 1]
    assert shell.changes == [RefuseNext(id="x", reason="It failed.")]


def test_a_signed_out_workstation_waits_for_a_person_and_knocks_now_and_then() -> None:
    shell = _greeted(WAITING, upgrade_retry_s=3600)
    shell.fail("push", 401)
    assert (shell.state.stopped, shell.sent, shell.wakes) == ("signed_out", [], [shell.now + 3600])
    shell.now += 3600
    shell.tell(core.Ticked())
    assert (shell.state.stopped, shell.kinds) == ("signed_out", ["hello"])


def test_signing_in_again_goes_on_at_once() -> None:
    shell = _greeted(WAITING)
    shell.fail("push", 401)
    shell.tell(core.SyncNow())
    assert (shell.state.stopped, shell.kinds) == (None, ["hello"])


def test_what_was_asked_before_signing_in_again_counts_no_more() -> None:
    shell = _greeted(WAITING)
    late = shell.flying("pull").request
    shell.fail("push", 401)
    shell.tell(core.SyncNow())
    shell.tell(core.Failed(late, "Not signed in.", status=401))
    assert shell.state.stopped is None


def test_an_app_that_is_too_old_keeps_its_queue_and_asks_again_after_a_while() -> None:
    shell = _greeted(WAITING, upgrade_retry_s=3600)
    shell.fail("pull", 426)
    assert (shell.state.stopped, shell.changes) == ("app_too_old", [])
    shell.now += 3600
    shell.tell(core.Ticked())
    assert shell.kinds == ["hello"]


def test_a_revoked_workstation_forgets_until_it_has_forgotten() -> None:
    shell = _greeted()
    shell.fail("pull", 401, revoked=True)
    assert shell.changes == [Forget()]
    shell.tell(core.NotStored("The disk is full."))
    shell.now = shell.wakes[0]
    shell.tell(core.Ticked())
    assert shell.changes == [Forget()]
    shell.store(cursor=0, scopes=())
    assert (shell.outputs, shell.state.stopped) == ([], "revoked")


def test_an_answer_after_the_revocation_is_not_stored() -> None:
    shell = _greeted(WAITING)
    late = shell.flying("push").request
    shell.fail("pull", 401, revoked=True)
    shell.store(cursor=0, scopes=())
    shell.tell(core.Answered(late, _pushed("recorded")))
    assert shell.changes == []


def test_only_the_second_difference_in_a_row_loads_everything_again() -> None:
    shell = _level(first_check_s=60)
    shell.now += 200
    shell.tell(core.Ticked())
    shell.answer("pull", _page())
    shell.answer("check", False)
    assert (shell.changes, shell.kinds) == ([], ["pull"])
    shell.answer("pull", _page())
    shell.answer("check", False)
    assert shell.changes == [Reload(basis=BASIS)]


def test_an_answer_of_another_kind_is_a_failure_that_shows() -> None:
    shell = Shell()
    shell.answer("hello", "something")
    assert shell.state.error == "The hub answered hello with something else."
    assert shell.sent == []
