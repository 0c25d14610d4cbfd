"""What the timeline draws, without drawing it."""

from __future__ import annotations

from console.desk.timeline import TimelineItem
from tests.story import ms
from ui.ticket.blocks import Change, Day, Message, Run, blocks, day_title, earlier_title, entries, newest, shared_ends

EASTERN = "America/New_York"
NOW = ms("2026-03-02 15:00")


def item(at: str, kind: str = "change", text: str = "", entry: str = "") -> TimelineItem:
    return TimelineItem(kind=kind, at=ms(at), who="Mara", text=text or at, entry_id=entry)  # type: ignore[arg-type]


def thread(count: int) -> list[TimelineItem]:
    return [item("2026-03-02 15:00", "reply", f"message {n}", f"e{n}") for n in range(count)]


def test_days_are_days_of_the_policys_zone() -> None:
    late = item("2026-03-02 04:30", "customer")  # 23:30 on Sunday in New York
    early = item("2026-03-02 05:30", "customer")
    assert blocks([late, early], NOW, EASTERN) == (
        Day("Sunday 1 March"),
        Message(late),
        Day("Monday 2 March"),
        Message(early),
    )


def test_a_day_of_another_year_says_which() -> None:
    assert day_title(ms("2024-10-10 12:00"), NOW, EASTERN) == "Thursday 10 October 2024"


def test_three_changes_stay_open_and_four_collapse() -> None:
    said = item("2026-03-02 14:00", "customer")
    changes = [item(f"2026-03-02 15:0{n}") for n in range(4)]
    assert blocks([said, *changes[:3]], NOW, EASTERN)[2:] == tuple(Change(change) for change in changes[:3])
    (run,) = blocks([said, *changes], NOW, EASTERN)[2:]
    assert run == Run(tuple(changes))
    assert run.title == "4 changes"


def test_where_nobody_has_written_the_changes_are_what_there_is_to_read() -> None:
    alert = [item(f"2026-03-02 15:0{n}") for n in range(5)]
    assert blocks(alert, NOW, EASTERN)[1:] == tuple(Change(change) for change in alert)


def test_a_message_ends_a_run_of_changes() -> None:
    changes = [item(f"2026-03-02 15:0{n}") for n in range(4)]
    said = item("2026-03-02 15:02", "note")
    kinds = [type(block) for block in blocks([*changes[:2], said, *changes[2:]], NOW, EASTERN)]
    assert kinds == [Day, Change, Change, Message, Change, Change]


def test_a_long_thread_shows_its_newest_thirty_and_counts_the_rest() -> None:
    shown, hidden = newest(blocks(thread(42), NOW, EASTERN), 30)
    assert hidden == 12
    assert shown[0] == Day("Monday 2 March")
    assert sum(entries(block) for block in shown) == 30
    assert earlier_title(hidden) == "Show 12 earlier entries"


def test_a_thread_of_thirty_is_shown_whole() -> None:
    everything = blocks(thread(30), NOW, EASTERN)
    assert newest(everything, 30) == (everything, 0)


def test_a_hidden_run_counts_each_of_its_entries() -> None:
    changes = [item("2026-03-02 15:00", text=f"change {n}") for n in range(7)]
    _, hidden = newest(blocks([*changes, *thread(30)], NOW, EASTERN), 30)
    assert hidden == 7


def test_one_hidden_entry_is_an_entry() -> None:
    assert earlier_title(1) == "Show 1 earlier entry"
    assert earlier_title(1200) == "Show earlier entries, 1,200 more"


def test_a_new_entry_at_the_end_leaves_all_older_rows_alone() -> None:
    before = blocks(thread(5), NOW, EASTERN)
    after = blocks(thread(6), NOW, EASTERN)
    assert shared_ends(before, after) == (len(before), 0)


def test_earlier_entries_leave_all_newer_rows_alone() -> None:
    everything = blocks(thread(40), NOW, EASTERN)
    before, _ = newest(everything, 30)
    after, _ = newest(everything, 60)
    head, tail = shared_ends(before, after)
    assert (head, tail) == (1, 30)  # the day above and the thirty rows


def test_lists_without_anything_in_common_share_nothing() -> None:
    assert shared_ends(blocks(thread(2), NOW, EASTERN), ()) == (0, 0)
