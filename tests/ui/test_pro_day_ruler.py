"""The day ruler: what it draws at an instant, and how a slot's edge is moved with pointer and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk.pro.views import EngagementPage
from tests.story import ms
from tests.ui import pro_pages
from tests.ui.conftest import HandClock
from tests.ui.pro_pages import HOUR, MINUTE, NOW, PAUSED, SLOT, STARTED
from ui.pro import day_paint, day_spans
from ui.pro.day_ruler import DayRuler
from ui.pro.day_spans import STEP_MS
from ui.theme import theme
from ui.widgets.spoken import answer_when_asked

MakeRuler = Callable[..., DayRuler]
CLOSES = ms("2025-10-14T22:00:00Z")
EVENING = (CLOSES, CLOSES + 2 * HOUR)


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: DayRuler) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def coming_page(**changes: object) -> EngagementPage:
    """The slot of mock c before it begins: nothing is worked yet."""
    return pro_pages.idle_page(**changes)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def make_ruler(qtbot: QtBot, clock: HandClock) -> Iterator[MakeRuler]:
    def make(page: EngagementPage, *, width: int = 860) -> DayRuler:
        made = DayRuler(clock)
        qtbot.addWidget(made)
        made.resize(width, made.sizeHint().height())
        made.show_day(page)
        made.show()
        return made

    yield make
    theme().start("light", 1.0)


def spot(ruler: DayRuler, at: int) -> QPoint:
    """The px of an instant, in the middle of the band."""
    assert ruler.ruler is not None
    where = day_paint.frame(ruler.ruler, ruler.width())
    return QPointF(where.x(at), where.span((at, at)).center().y()).toPoint()


def drag(qtbot: QtBot, ruler: DayRuler, from_: int, to: int, *, drop: bool = True) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(ruler, left, pos=spot(ruler, from_))
    qtbot.mouseMove(ruler, spot(ruler, to))
    if drop:
        qtbot.mouseRelease(ruler, left, pos=spot(ruler, to))


# What it draws


def test_what_runs_grows_and_what_was_planned_gives_way(make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    later = NOW + 20 * MINUTE
    ruler.tick(later)
    assert ruler.ruler is not None
    assert ruler.ruler.worked == ((STARTED, PAUSED[0]), (PAUSED[1], later))
    assert ruler.ruler.planned == ((later, SLOT[1]),)


def test_a_pause_that_lasts_grows_instead(make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page(running=pro_pages.paused()))
    ruler.tick(NOW + 5 * MINUTE)
    assert ruler.ruler is not None
    assert ruler.ruler.worked[-1] == (PAUSED[1], NOW)
    assert ruler.ruler.paused[-1] == (NOW, NOW + 5 * MINUTE)


def test_work_ends_at_the_limit_whatever_the_clock_says(make_ruler: MakeRuler) -> None:
    limit = NOW + 10 * MINUTE
    ruler = make_ruler(pro_pages.page(running=pro_pages.running(limit_at=limit)))
    ruler.tick(NOW + HOUR)
    assert ruler.ruler is not None
    assert ruler.ruler.worked[-1][1] == limit


def test_a_second_repaints_nothing_and_a_minute_does(make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    ruler.tick(NOW + 1_000)
    QApplication.processEvents()
    paints = Paints(ruler)
    ruler.tick(NOW + 2_000)
    QApplication.processEvents()
    assert paints.count == 0
    ruler.tick(NOW + 2 * MINUTE)
    QApplication.processEvents()
    assert paints.count == 1


def test_both_scales_show_their_own_full_hours() -> None:
    ruler = pro_pages.ruler()
    eastern, mountain = day_spans.hours(ruler, ruler.zone), day_spans.hours(ruler, "America/Denver")
    assert [label for _, label in eastern] == ["8", "9", "10", "11", "12", "1", "2", "3", "4", "5", "6", "7", "8"]
    assert [label for _, label in mountain][:3] == ["6", "7", "8"]
    kolkata = day_spans.hours(ruler, "Asia/Kolkata")
    assert kolkata[0] == (ruler.begins_at + 30 * MINUTE, "6"), "half an hour off: the full hours are elsewhere"


def test_the_window_opens_and_closes_at_bold_hours() -> None:
    ruler = pro_pages.ruler()
    strong = day_spans.strong_hours(ruler)
    assert [label for at, label in day_spans.hours(ruler, ruler.zone) if at in strong] == ["9", "6"]


def test_after_hours_need_a_consent_or_tell_until_when_there_is_one() -> None:
    assert day_spans.after_hours(pro_pages.ruler()) == [(EVENING, "needs consent")]
    assert day_spans.after_hours(pro_pages.ruler(consented=(EVENING,))) == [(EVENING, "consent until 8 PM")]
    half = (CLOSES, CLOSES + 90 * MINUTE)
    told = day_spans.after_hours(pro_pages.ruler(consented=(half,)))
    assert [text for _, text in told] == ["consent until 7:30 PM", "needs consent"]


def test_on_a_day_without_a_window_all_of_it_needs_consent() -> None:
    ruler = pro_pages.ruler(open=())
    assert day_spans.after_hours(ruler) == [((ruler.begins_at, ruler.ends_at), "needs consent")]


@pytest.mark.parametrize(("room", "told"), [(200, "1h 43m planned"), (60, "1h 43m"), (10, "")])
def test_the_planned_time_is_told_as_far_as_it_fits(room: int, told: str) -> None:
    assert day_paint.planned_label(103 * MINUTE, lambda text: len(text) * 7 <= room) == told


def test_one_zone_takes_less_room_than_two(make_ruler: MakeRuler) -> None:
    two = make_ruler(pro_pages.page())
    one = make_ruler(pro_pages.page(ruler=pro_pages.ruler(other_zone=None)))
    assert one.sizeHint().height() < two.sizeHint().height()


# What people hear


def test_it_is_heard_as_one_summary_of_now(make_ruler: MakeRuler, clock: HandClock) -> None:
    answer_when_asked()
    ruler = make_ruler(pro_pages.page())
    clock.forward(minutes=8)
    said = QAccessible.queryAccessibleInterface(ruler).text(QAccessible.Text.Name)
    assert said == (
        "Day ruler, Tue 14 Oct. Open 9:00 AM to 6:00 PM ET. Slot 10:30 AM to 1:30 PM. 1 hour 20 minutes worked, "
        "4 minutes interrupted, 1 hour 35 minutes planned. Northwind 3:00 PM to 4:00 PM. Now 11:55 AM."
    )
    kept = ruler.accessibleName()
    ruler.tick(clock())
    assert ruler.accessibleName() == kept, "a name that ticks would be told at every minute"


# Which edges move


def test_before_the_slot_begins_both_edges_move_and_then_only_its_end() -> None:
    before = SLOT[0] - HOUR
    assert day_spans.movable(coming_page(), before) == ("begins", "ends")
    assert day_spans.movable(coming_page(), SLOT[0]) == ("ends",)
    assert day_spans.movable(pro_pages.page(), NOW) == ("ends",)


def test_nothing_moves_on_a_closed_engagement_or_a_slot_that_is_not_agreed() -> None:
    assert day_spans.movable(pro_pages.page(row=pro_pages.row(state="closed")), NOW) == ()
    assert day_spans.movable(pro_pages.page(needs_newer_app=True), NOW) == ()
    assert day_spans.movable(pro_pages.page(slots=()), NOW) == ()


def test_a_ruler_whose_slot_cannot_move_takes_no_focus(make_ruler: MakeRuler) -> None:
    assert make_ruler(pro_pages.page()).focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert make_ruler(pro_pages.page(slots=())).focusPolicy() == Qt.FocusPolicy.NoFocus


def test_an_edge_stays_a_quarter_hour_from_the_other_and_never_before_now() -> None:
    ruler = pro_pages.ruler()
    assert day_spans.with_edge(ruler, SLOT, "ends", SLOT[0] - HOUR, SLOT[0] - HOUR) == (SLOT[0], SLOT[0] + STEP_MS)
    assert day_spans.with_edge(ruler, SLOT, "ends", SLOT[0] + STEP_MS, NOW) == (SLOT[0], ms("2025-10-14T16:00:00Z"))
    assert day_spans.with_edge(ruler, SLOT, "ends", ruler.ends_at + HOUR, NOW) == (SLOT[0], ruler.ends_at)
    early = SLOT[0] - HOUR
    assert day_spans.with_edge(ruler, SLOT, "begins", SLOT[1] + HOUR, early) == (SLOT[1] - STEP_MS, SLOT[1])
    assert day_spans.with_edge(ruler, SLOT, "begins", ruler.begins_at, early) == (early, SLOT[1])


def test_an_edge_off_the_grid_steps_onto_it() -> None:
    ruler, slot = pro_pages.ruler(), (SLOT[0], SLOT[1] + 4 * MINUTE)
    assert day_spans.stepped(ruler, slot, "ends", 1, NOW)[1] == SLOT[1] + STEP_MS
    assert day_spans.stepped(ruler, slot, "ends", -1, NOW)[1] == SLOT[1]


# Keys


def test_arrow_keys_move_the_end_by_quarters_and_enter_applies(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    ruler.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(2):
        qtbot.keyClick(ruler, Qt.Key.Key_Right)
    assert ruler.shown_slot == (SLOT[0], SLOT[1] + 2 * STEP_MS)
    qtbot.keyClick(ruler, Qt.Key.Key_Left)
    with qtbot.waitSignal(ruler.move_asked) as asked:
        qtbot.keyClick(ruler, Qt.Key.Key_Return)
    assert asked.args == [SLOT[0], SLOT[1] + STEP_MS]
    assert ruler.shown_slot == SLOT, "what is agreed is drawn until the desk says otherwise"


def test_up_and_down_choose_the_edge_that_the_keys_move(qtbot: QtBot, make_ruler: MakeRuler, clock: HandClock) -> None:
    clock.now_ms = SLOT[0] - HOUR
    ruler = make_ruler(coming_page())
    qtbot.keyClick(ruler, Qt.Key.Key_Up)
    assert ruler.edge == "begins"
    qtbot.keyClick(ruler, Qt.Key.Key_Left)
    assert ruler.shown_slot == (SLOT[0] - STEP_MS, SLOT[1])
    qtbot.keyClick(ruler, Qt.Key.Key_Down)
    assert ruler.edge == "ends"


def test_escape_takes_the_edge_back_and_asks_nothing(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    with qtbot.assertNotEmitted(ruler.move_asked):
        qtbot.keyClick(ruler, Qt.Key.Key_Escape)
        qtbot.keyClick(ruler, Qt.Key.Key_Return)
    assert ruler.shown_slot == SLOT


def test_the_windows_own_escape_waits_until_the_edge_is_settled(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    back = QShortcut(QKeySequence("Esc"), ruler, context=Qt.ShortcutContext.WidgetShortcut)
    with qtbot.waitActive(ruler):
        ruler.activateWindow()
    ruler.setFocus()
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    with qtbot.assertNotEmitted(back.activated):
        qtbot.keyClick(ruler, Qt.Key.Key_Escape)
    with qtbot.waitSignal(back.activated):
        qtbot.keyClick(ruler, Qt.Key.Key_Escape)


def test_leaving_the_ruler_applies_nothing(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    with qtbot.waitActive(ruler):
        ruler.activateWindow()
    ruler.setFocus()
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    with qtbot.assertNotEmitted(ruler.move_asked):
        ruler.clearFocus()
    assert ruler.shown_slot == SLOT


def test_enter_asks_for_a_time_outside_of_the_window_as_well(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    late = (SLOT[0], CLOSES)
    ruler = make_ruler(pro_pages.page(ruler=pro_pages.ruler(slot=late), slots=(pro_pages.slot(ends_at=CLOSES),)))
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    with qtbot.waitSignal(ruler.move_asked) as asked:
        qtbot.keyClick(ruler, Qt.Key.Key_Return)
    assert asked.args == [SLOT[0], CLOSES + STEP_MS]
    assert ruler.shown_slot == late


def test_a_consent_allows_what_the_window_does_not(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    day = pro_pages.ruler(slot=(SLOT[0], CLOSES), consented=(EVENING,))
    ruler = make_ruler(pro_pages.page(ruler=day, slots=(pro_pages.slot(ends_at=CLOSES),)))
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    with qtbot.waitSignal(ruler.move_asked) as asked:
        qtbot.keyClick(ruler, Qt.Key.Key_Return)
    assert asked.args == [SLOT[0], CLOSES + STEP_MS]


# Pointer


def test_an_edge_is_dragged_in_quarters(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    with qtbot.waitSignal(ruler.move_asked) as asked:
        drag(qtbot, ruler, SLOT[1], SLOT[1] + 50 * MINUTE)
    assert asked.args == [SLOT[0], SLOT[1] + 45 * MINUTE]


def test_an_edge_that_is_dropped_outside_of_the_window_waits_for_the_answer(
    qtbot: QtBot, make_ruler: MakeRuler
) -> None:
    ruler = make_ruler(pro_pages.page())
    with qtbot.waitSignal(ruler.move_asked) as asked:
        drag(qtbot, ruler, SLOT[1], CLOSES + HOUR)
    assert asked.args == [SLOT[0], CLOSES + HOUR]
    assert ruler.shown_slot == SLOT


def test_escape_ends_a_drag(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    drag(qtbot, ruler, SLOT[1], SLOT[1] + HOUR, drop=False)
    assert ruler.shown_slot == (SLOT[0], SLOT[1] + HOUR)
    with qtbot.assertNotEmitted(ruler.move_asked):
        qtbot.keyClick(ruler, Qt.Key.Key_Escape)
        qtbot.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=spot(ruler, SLOT[1] + HOUR))
    assert ruler.shown_slot == SLOT


def test_a_press_beside_the_edges_drags_nothing(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    with qtbot.assertNotEmitted(ruler.move_asked):
        drag(qtbot, ruler, SLOT[0], SLOT[0] + HOUR)  # the work has begun: this edge is history
        drag(qtbot, ruler, NOW, NOW + HOUR)
    assert ruler.shown_slot == SLOT


def test_a_page_read_anew_keeps_the_edge_that_is_being_moved(qtbot: QtBot, make_ruler: MakeRuler) -> None:
    ruler = make_ruler(pro_pages.page())
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    ruler.show_day(pro_pages.page(as_of=NOW))
    assert ruler.shown_slot == (SLOT[0], SLOT[1] + STEP_MS)
    moved = (SLOT[0], SLOT[1] + HOUR)
    ruler.show_day(pro_pages.page(ruler=pro_pages.ruler(slot=moved), slots=(pro_pages.slot(ends_at=moved[1]),)))
    assert ruler.shown_slot == moved, "somebody moved the slot meanwhile"


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("scale", "width"), [(1.0, 1000), (1.0, 320), (1.5, 560)])
def test_it_paints_in_every_theme_size_and_contrast(
    make_ruler: MakeRuler, monkeypatch: pytest.MonkeyPatch, mode: str, scale: float, width: int
) -> None:
    theme().start(mode, scale)  # type: ignore[arg-type]
    busy = pro_pages.ruler(
        consented=(EVENING,), unmetered=((SLOT[1], SLOT[1] + 9 * MINUTE),), other_zone="Asia/Kathmandu"
    )
    ruler = make_ruler(pro_pages.page(ruler=busy), width=width)
    plain = ruler.grab().toImage()
    assert plain.pixelColor(spot(ruler, SLOT[0] + 10 * MINUTE)) == theme().color("band.run")
    monkeypatch.setattr(theme(), "high_contrast", True)
    assert ruler.grab().toImage() != plain


def test_the_page_without_a_slot_is_drawn_as_well(make_ruler: MakeRuler) -> None:
    bare = replace(pro_pages.ruler(), slot=None, planned=(), worked=(), paused=(), others=())
    ruler = make_ruler(pro_pages.idle_page(ruler=bare, slots=()))
    assert ruler.shown_slot is None
    assert "No slot" in ruler.spoken_now()
    assert not ruler.grab().isNull()
