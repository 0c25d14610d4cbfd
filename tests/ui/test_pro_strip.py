"""The session strip: a running session on every screen, the minute after which a ticket is offered as an interruption,
and what gives way where there is little room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk.pro.views import NextSlot, Watched
from tests.ui import pro_pages
from tests.ui.conftest import HandClock
from tests.ui.pro_pages import HOUR, MINUTE, NOW, SLOT, TICKET
from ui.shell.strip import Hours, SessionStrip
from ui.shell.strip_face import face, shares
from ui.shell.strip_running import Part, RunningSession, fit
from ui.theme import theme
from ui.widgets.spoken import answer_when_asked

ShowStrip = Callable[..., SessionStrip]
ZONE = pro_pages.ZONE
IDLE_HOURS = Hours(ZONE, True, NOW + 7 * HOUR + 13 * MINUTE)
OTHER = ("other-ticket", 48177, "Adatum Corp")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def show_strip(qtbot: QtBot, clock: HandClock) -> Iterator[ShowStrip]:
    kept: list[SessionStrip] = []

    def show(watched: Watched, *, width: int = 1368) -> SessionStrip:
        made = SessionStrip(clock, lambda: None, None)  # type: ignore[arg-type]
        qtbot.addWidget(made)
        kept.append(made)
        made.resize(width, made.height())
        made.show_hours(IDLE_HOURS)
        made.show_watched(watched)
        made.show()
        return made

    yield show
    theme().start("light", 1.0)


def closing(minutes: int) -> Watched:
    """The window closes in so many minutes."""
    at = NOW + minutes * MINUTE
    running = pro_pages.running(range_ends_at=at, limit_at=at, limit="window")
    return pro_pages.watched(running=(pro_pages.strip_session(running=running),))


def nothing_runs(**changes: object) -> Watched:
    return pro_pages.watched(**{"running": (), "running_in_team": 0, **changes})


def running_of(strip: SessionStrip) -> RunningSession:
    assert strip.running is not None
    assert strip.running.face is not None
    return strip.running


# Running


def test_a_running_session_is_told_with_its_timer_its_slot_and_its_hours(show_strip: ShowStrip) -> None:
    shown = running_of(show_strip(pro_pages.watched())).face
    assert shown is not None
    assert (shown.account, shown.subject, shown.timer) == ("Fabrikam Robotics", "SSO and image rollout", "1:12:46")
    assert shown.ends == "slot ends 1:30 PM, in 1h 43m"
    assert shown.hours == "4h 32m of 12h left"


def test_each_second_follows_by_arithmetic(show_strip: ShowStrip) -> None:
    strip = show_strip(pro_pages.watched())
    strip.tick(NOW + 74_000)
    shown = running_of(strip).face
    assert shown is not None
    assert shown.timer == "1:14:00"
    assert shown.ends == "slot ends 1:30 PM, in 1h 41m"
    assert shown.hours == "4h 31m of 12h left"


def test_a_second_repaints_the_timer_alone(show_strip: ShowStrip) -> None:
    strip = show_strip(pro_pages.watched())
    strip.tick(NOW + 1_000)
    QApplication.processEvents()
    running = running_of(strip)
    painted: list[QObject] = []

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    paints = Paints(strip)
    for widget in (strip, running, *running.stops()):
        widget.installEventFilter(paints)
    strip.tick(NOW + 2_000)
    regions = running.who.visibleRegion().boundingRect()
    QApplication.processEvents()
    assert running.who in painted
    assert not {running.interrupt, running.note, running.stop} & set(painted)
    assert running.who._timer_rect().width() < regions.width() / 2


def test_the_bar_has_a_gap_for_each_interruption() -> None:
    session = pro_pages.strip_session()
    worked = shares(session.running, session.interruptions, NOW)
    assert len(worked) == 2
    length = SLOT[1] - SLOT[0]
    assert worked[0][1] == (pro_pages.PAUSED[0] - SLOT[0]) / length
    assert worked[1] == ((pro_pages.PAUSED[1] - SLOT[0]) / length, (NOW - SLOT[0]) / length)


def test_a_pause_that_lasts_leaves_the_bar_as_it_is() -> None:
    session = pro_pages.strip_session()
    at = NOW + 20 * MINUTE
    assert shares(pro_pages.paused(), session.interruptions, at) == shares(session.running, session.interruptions, NOW)


@pytest.mark.parametrize(
    ("at", "level"),
    [
        (SLOT[1] - 16 * MINUTE, "calm"),
        (SLOT[1] - 15 * MINUTE, "soon"),
        (SLOT[1] - 1, "soon"),
        (SLOT[1], "past"),
    ],
)
def test_the_bar_warns_in_the_last_quarter_hour_and_past_the_slot(at: int, level: str) -> None:
    assert face(pro_pages.strip_session(), at, ZONE).level == level


def test_past_the_slot_the_nearest_limit_is_named() -> None:
    shown = face(pro_pages.strip_session(), SLOT[1] + MINUTE, ZONE)
    assert shown.ends == "slot ended 1:30 PM, hours end 4:19 PM"


def test_a_limit_before_the_slots_end_is_named_instead() -> None:
    running = pro_pages.running(limit_at=NOW + HOUR, limit="allocation", left_ms=HOUR)
    shown = face(pro_pages.strip_session(running=running), NOW, ZONE)
    assert shown.ends == "hours end 12:47 PM, in 1h"
    assert face(pro_pages.strip_session(running=pro_pages.running(slot=None)), NOW, ZONE).worked is None


def test_within_half_an_hour_the_nearest_limit_warns_in_its_own_words(show_strip: ShowStrip) -> None:
    strip = show_strip(closing(minutes=31))
    assert not face(strip._watched.running[0], NOW, ZONE).is_warning  # type: ignore[union-attr]
    shown = running_of(show_strip(closing(minutes=15))).face
    assert shown is not None
    assert shown.is_warning
    assert shown.ends.startswith("window closes in 15m, ")
    assert shown.ends.endswith(" will be carried to Wed 9:00 AM ET")


def test_of_several_sessions_the_first_is_shown_and_the_others_counted(show_strip: ShowStrip) -> None:
    two = (pro_pages.strip_session(), pro_pages.strip_session(account="Contoso", subject="VPN"))
    running = running_of(show_strip(pro_pages.watched(running=two)))
    assert running.face is not None
    assert running.face.account == "Fabrikam Robotics"
    assert "more" in running.shown
    assert running.who.toolTip() == "Also running:\nContoso, VPN"
    assert "more" not in running_of(show_strip(pro_pages.watched())).shown


# What can be done


def test_its_buttons_ask_about_the_session_that_is_shown(qtbot: QtBot, show_strip: ShowStrip) -> None:
    strip = show_strip(pro_pages.watched())
    running = running_of(strip)
    for button, asked in (
        (running.who, strip.open_asked),
        (running.note, strip.note_asked),
        (running.stop, strip.stop_asked),
    ):
        with qtbot.waitSignal(asked) as heard:
            button.click()
        assert heard.args == [TICKET]
    with qtbot.waitSignal(strip.interruption_asked) as heard:
        running.interrupt.click()
    assert heard.args == [TICKET, None]


def test_in_a_pause_the_first_button_goes_on(qtbot: QtBot, show_strip: ShowStrip) -> None:
    strip = show_strip(pro_pages.watched(running=(pro_pages.strip_session(running=pro_pages.paused()),)))
    running = running_of(strip)
    assert running.interrupt.text() == "Go on"
    assert running.face is not None
    assert running.face.state == "lunch, not counted"
    with qtbot.waitSignal(strip.resume_asked) as heard, qtbot.assertNotEmitted(strip.interruption_asked):
        running.interrupt.click()
    assert heard.args == [TICKET]


def test_another_customers_ticket_is_offered_after_a_minute_and_never_acts_by_itself(
    qtbot: QtBot, show_strip: ShowStrip, clock: HandClock
) -> None:
    strip = show_strip(pro_pages.watched())
    running = running_of(strip)
    strip.show_ticket(*OTHER)
    clock.forward(seconds=60)
    strip.tick(clock())
    assert running.interrupt.text() == "Log interruption"
    with qtbot.assertNotEmitted(strip.interruption_asked):
        clock.forward(seconds=1)
        strip.show_ticket(*OTHER)  # told again: the same ticket, opened a minute ago
        strip.tick(clock())
    assert running.interrupt.text() == "Log #48177 as interruption"
    assert running.interrupt.kind == "accent"
    with qtbot.waitSignal(strip.interruption_asked) as heard:
        running.interrupt.click()
    assert heard.args == [TICKET, "other-ticket"]


@pytest.mark.parametrize(
    "ticket",
    [(TICKET, 10041, "Fabrikam Robotics"), ("theirs-too", 10099, "fabrikam robotics"), ("whose", 10098, None)],
)
def test_a_ticket_of_the_same_customer_or_of_nobody_is_no_interruption(
    show_strip: ShowStrip, clock: HandClock, ticket: tuple[str, int, str | None]
) -> None:
    strip = show_strip(pro_pages.watched())
    strip.show_ticket(*ticket)
    clock.forward(minutes=5)
    strip.tick(clock())
    assert running_of(strip).interrupt.text() == "Log interruption"


def test_leaving_the_ticket_takes_the_offer_back_and_the_minute_begins_anew(
    show_strip: ShowStrip, clock: HandClock
) -> None:
    strip = show_strip(pro_pages.watched())
    strip.show_ticket(*OTHER)
    clock.forward(minutes=2)
    strip.show_ticket(None, None, None)
    strip.show_ticket(*OTHER)
    strip.tick(clock())
    assert running_of(strip).interrupt.text() == "Log interruption"


def test_its_buttons_are_reached_by_tab_and_have_names(show_strip: ShowStrip) -> None:
    stops = show_strip(pro_pages.watched()).stops()
    assert len(stops) == 4
    assert all(stop.focusPolicy() == Qt.FocusPolicy.TabFocus for stop in stops)
    assert [stop.accessibleName() or getattr(stop, "text", str)() for stop in stops] == [
        "Open the session of Fabrikam Robotics",
        "Log interruption",
        "Add note",
        "Stop the session",
    ]


# Idle


@pytest.mark.parametrize(
    ("watched", "told"),
    [
        (nothing_runs(), "No Pro session running"),
        (
            nothing_runs(next_slot=NextSlot("t", "Northwind", NOW + 3 * HOUR, NOW + 4 * HOUR), running_in_team=2),
            "Next slot 2:47 PM to 3:47 PM ET, Northwind",
        ),
        (
            nothing_runs(next_slot=NextSlot("t", "Northwind", NOW - MINUTE, NOW + HOUR)),
            "Slot began 11:46 AM ET, Northwind",
        ),
        (nothing_runs(running_in_team=1), "1 Pro session running in the team"),
        (nothing_runs(running_in_team=3), "3 Pro sessions running in the team"),
        (
            nothing_runs(gaps=(pro_pages.gap(),)),
            "Fabrikam Robotics: what happened 10:40 AM to 11:10 AM ET waits for an answer",
        ),
    ],
)
def test_idle_it_tells_what_comes_next_then_the_support_hours(
    show_strip: ShowStrip, watched: Watched, told: str
) -> None:
    answer_when_asked()
    strip = show_strip(watched)
    said = QAccessible.queryAccessibleInterface(strip).text(QAccessible.Text.Name)
    assert said == f"{told}. Support hours until 7:00 PM. 11:47 AM ET"
    assert strip.stops() == []
    assert not strip.grab().isNull()


def test_a_session_that_stops_gives_the_strip_back(show_strip: ShowStrip) -> None:
    strip = show_strip(pro_pages.watched())
    running = running_of(strip)
    assert running.isVisible()
    strip.show_watched(nothing_runs())
    assert not running.isVisible()
    assert strip.accessibleName() == "No Pro session running. Support hours until 7:00 PM"


# For everyone


def test_it_is_heard_with_its_time_and_a_tick_tells_nothing(show_strip: ShowStrip) -> None:
    answer_when_asked()
    strip = show_strip(pro_pages.watched())
    kept = strip.accessibleName()
    strip.tick(NOW + 5 * MINUTE)
    assert strip.accessibleName() == kept == "Pro session, Fabrikam Robotics, running"
    said = QAccessible.queryAccessibleInterface(strip).text(QAccessible.Text.Name)
    assert said.startswith("Pro session, Fabrikam Robotics, running 1 hour 17 minutes")


def test_parts_give_way_in_their_order_and_then_the_rest_is_narrowed() -> None:
    parts = {"who": Part(100, 60, 0), "bar": Part(50, 50, 2), "ends": Part(80, 40, 1)}
    assert fit(parts, 250, 10) == {"who": 100, "bar": 50, "ends": 80}
    assert fit(parts, 240, 10) == {"who": 100, "bar": 50, "ends": 70}
    assert fit(parts, 169, 10) == {"who": 100, "ends": 59}
    assert fit(parts, 70, 10) == {"who": 70}
    assert fit(parts, 20, 10) == {"who": 60}, "what never gives way stays, however narrow"


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("scale", "width"), [(1.0, 1368), (1.0, 1048), (1.5, 1332), (1.5, 1012)])
def test_nothing_overlaps_in_a_narrow_window_or_large_text(
    show_strip: ShowStrip, clock: HandClock, mode: str, scale: float, width: int
) -> None:
    theme().start(mode, scale)  # type: ignore[arg-type]
    at_lunch = pro_pages.watched(running=(pro_pages.strip_session(running=pro_pages.paused()),))
    for watched in (pro_pages.watched(), closing(minutes=15), at_lunch):
        strip = show_strip(watched, width=width)
        strip.show_ticket(*OTHER)
        clock.forward(minutes=2)
        strip.tick(clock())
        clock.now_ms = NOW
        running = running_of(strip)
        spots = sorted((spot.left(), spot.right()) for spot in running._spots.values())
        assert all(one[1] < other[0] for one, other in pairwise(spots))
        assert spots[-1][1] <= width
        assert {"account", "timer", "stop", "ends"} <= running.shown.keys() or scale > 1
        seen = [stop for stop in strip.stops() if stop.isVisible()]
        assert all(one.geometry().right() < other.geometry().left() for one, other in pairwise(seen))
        assert not strip.grab().isNull()


def test_a_wide_window_shows_every_part(show_strip: ShowStrip) -> None:
    shown = running_of(show_strip(pro_pages.watched())).shown
    assert list(shown) == [
        "account",
        "subject",
        "timer",
        "bar",
        "ends",
        "hours",
        "interrupt",
        "note",
        "stop",
        "clock",
    ]


def test_high_contrast_is_painted_without_tints(show_strip: ShowStrip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme(), "high_contrast", True)
    for watched in (pro_pages.watched(), closing(minutes=15), nothing_runs()):
        assert not show_strip(watched).grab().isNull()
