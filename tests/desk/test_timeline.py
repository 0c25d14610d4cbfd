"""The history of a ticket as a person reads it."""

from __future__ import annotations

from console.desk.timeline import timeline
from console.domain import events as ev
from tests.domain.policies import policy
from tests.story import Story, ms

HISTORY = policy({"first_reply": 3600, "pausable_update": 7200})


def test_messages_changes_and_clocks_stand_in_the_order_in_which_they_count() -> None:
    story = Story("2026-03-02 09:00", contact="Dana")
    story.note("2026-03-02 09:10")
    story.reply("2026-03-02 11:00")
    story.status("2026-03-02 11:30", "pending")
    story.customer("2026-03-02 12:00")
    items = timeline(story.entries, HISTORY, ms("2026-03-02 12:30"))
    assert [(item.kind, item.detail) for item in items] == [
        ("change", "opened"),
        ("clock", "start"),
        ("note", None),
        ("clock", "breach"),
        ("reply", None),
        ("change", "pending"),
        ("clock", "pause"),
        ("customer", None),
        ("clock", "resume"),
    ]
    assert items[-1].text == "Pausable update resumed, 1h 30m left"


def test_a_bounced_reply_and_a_void_act_show_what_became_of_them() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:30")
    story.tell("2026-03-02 09:40", ev.MessageDelivery(message=sent.id, state="bounced"))
    story.tell("2026-03-02 09:50", ev.TicketAssigned(to="Mara"), effect="void: Not taken: Ana had it already.")
    items = timeline(story.entries, HISTORY, ms("2026-03-02 09:55"))
    assert [item.detail for item in items if item.kind == "reply"] == ["bounced"]
    assert [(i.who, i.text) for i in items if i.kind == "void"] == [("Mara", "Not taken: Ana had it already.")]
