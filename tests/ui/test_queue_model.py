"""The list model over arrays: what Qt expects of a model, and what 100,000 tickets cost."""

from __future__ import annotations

import tracemalloc
from array import array

import msgspec
import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from tests.ui.test_queue_wording import NOW, PAUSED, ROW
from ui.queue.arrangement import Header
from ui.queue.model import KEPT_ROWS, ItemRole, QueueModel, TicketIdRole
from ui.queue.reading import Order

HOUR = 3_600_000
TOMORROW = NOW + 12 * HOUR


def order(count: int, *, paused: int = 0, first: int = 1) -> Order:
    """Tickets due a minute apart, the first two overdue; `paused` ones behind them. Rowids rise from `first`."""
    due = array("q", (NOW + (place - 2) * 60_000 for place in range(count)))
    due.extend([0] * paused)
    rowids = array("q", range(first, first + count + paused))
    return Order(rowids, due, bytearray(count) + bytearray([1] * paused))


@pytest.fixture
def model(qapp: QApplication) -> QueueModel:
    made = QueueModel(lambda: NOW)
    made.me = "Mara Okafor"
    return made


def test_the_model_is_one_that_qt_accepts(model: QueueModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_order(order(200, paused=3), NOW, TOMORROW)
    model.put_rows({rowid: msgspec.structs.replace(ROW, ticket=f"t{rowid}") for rowid in range(1, 50)})
    for row in range(model.rowCount()):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            model.data(model.index(row), role)
    model.toggle("breached")
    model.regroup(NOW + HOUR, TOMORROW)
    model.set_order(order(0), NOW, TOMORROW)
    assert isinstance(tester.model(), QAbstractItemModel)


def test_headers_and_tickets_take_turns(model: QueueModel) -> None:
    model.set_order(order(3, paused=1), NOW, TOMORROW)
    kinds = [type(model.item(row)) for row in range(model.rowCount())]
    assert [kind is Header for kind in kinds] == [True, False, False, True, False, True, False]


def test_a_ticket_that_has_not_come_is_a_placeholder(model: QueueModel) -> None:
    model.set_order(order(3), NOW, TOMORROW)
    index = model.index(1)
    assert index.data(ItemRole) is None
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Loading"
    model.put_rows({1: msgspec.structs.replace(ROW, ticket="one")})
    assert index.data(TicketIdRole) == "one"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("Sign-in loop")


def test_headers_are_spoken_with_their_count_and_state(model: QueueModel) -> None:
    model.set_order(order(3), NOW, TOMORROW)
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Breached, 2 tickets, expanded"
    model.toggle("breached")
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Breached, 2 tickets, collapsed"
    assert model.rowCount() == 3


def test_the_keyboard_passes_over_open_headers_and_stops_at_collapsed_ones(model: QueueModel) -> None:
    model.set_order(order(3), NOW, TOMORROW)
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEnabled
    model.toggle("breached")
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsEnabled
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable


def test_a_collapsed_group_stays_collapsed_in_the_next_order(model: QueueModel) -> None:
    model.set_order(order(3), NOW, TOMORROW)
    model.toggle("breached")
    model.set_order(order(4), NOW, TOMORROW)
    assert "breached" in model.arrangement.collapsed


def test_rows_are_asked_for_around_what_is_seen_and_only_once(model: QueueModel) -> None:
    model.set_order(order(1_000), NOW, TOMORROW)
    asked = model.missing(500, 515)
    assert len(asked) >= 100
    assert set(range(500 - 2, 516 - 2)) <= set(asked)
    model.put_rows(dict.fromkeys(asked, ROW))
    assert model.missing(500, 515) == []


def test_after_a_write_rows_are_shown_as_they_are_and_asked_for_again(model: QueueModel) -> None:
    model.set_order(order(3), NOW, TOMORROW)
    model.put_rows(dict.fromkeys((1, 2, 3), ROW))
    model.distrust()
    assert model.item(1) is ROW
    assert set(model.missing(0, 4)) == {1, 2, 3}
    model.put_rows({1: PAUSED})
    assert model.item(1) is PAUSED
    assert set(model.missing(0, 4)) == {2, 3}


def test_only_so_many_rows_are_kept(model: QueueModel) -> None:
    model.set_order(order(KEPT_ROWS + 500), NOW, TOMORROW)
    for start in range(1, KEPT_ROWS + 500, 100):
        model.put_rows({rowid: msgspec.structs.replace(ROW) for rowid in range(start, start + 100)})
    assert sum(model.known(rowid) is not None for rowid in model.rowids) == KEPT_ROWS


def test_a_hundred_thousand_tickets_cost_the_model_no_object_each(model: QueueModel) -> None:
    many = order(100_000)
    tracemalloc.start()
    try:
        model.set_order(many, NOW, TOMORROW)
        for row in (0, 1, 50_000, model.rowCount() - 1):
            model.data(model.index(row), ItemRole)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert model.rowCount() > 100_000
    assert peak < 100_000
