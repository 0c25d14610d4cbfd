"""What the window shows before the desk is open is what the open desk shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.first_look import first_look
from console.desk.sample import write_sample
from console.domain.queue import View
from console.settings import Settings, Workspace, save_settings

NOW = 1_760_456_820_000
"""Tuesday 14 October 2025, 11:47 in New York: the sample has tickets at every level."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("sample"))
    save_settings(made, Settings(name="Mara Okafor"))
    with Desk.open(made, clock=lambda: NOW) as desk:
        write_sample(desk, NOW)
        desk.drafts.save(desk.queue.listing(limit=1)[0].ticket, "reply", "Half a sentence")
    return made


@pytest.mark.parametrize("view", View)
def test_the_first_look_answers_as_the_desk_does(view: View, sample: Workspace) -> None:
    look = first_look(sample, view, first=10, clock=lambda: NOW)
    assert look is not None
    with Desk.open(sample, clock=lambda: NOW) as desk:
        order = desk.queue.order(view)
        assert look.order == order
        assert look.rows == desk.queue.rows(order.rowids[:10])
        assert look.counts == desk.queue.counts()
        assert look.mine_breached == desk.queue.mine_breached()
        assert look.tomorrow == desk.queue.tomorrow(NOW)
        assert look.drafted == desk.drafts.all_ids()
        assert (look.me, look.zone, look.pristine) == (desk.me, desk.zone, False)


def test_a_new_workspace_is_left_to_the_desk(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    assert first_look(workspace, View.ALL_OPEN, first=10, clock=lambda: NOW) is None
    assert not workspace.folder.exists()


def test_guidelines_that_the_queue_was_not_kept_by_are_left_to_the_desk(sample: Workspace, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("name = ")
    assert first_look(sample, View.ALL_OPEN, first=10, guidelines=bad, clock=lambda: NOW) is None


def test_settings_that_cannot_be_read_are_left_to_the_desk(sample: Workspace, tmp_path: Path) -> None:
    kept = sample.settings.read_text()
    sample.settings.write_text("name = 7\n")
    try:
        assert first_look(sample, View.ALL_OPEN, first=10, clock=lambda: NOW) is None
    finally:
        sample.settings.write_text(kept)
