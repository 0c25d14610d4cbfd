"""What is said of the connection, in words: exactly what the design has, never a number that flatters."""

from __future__ import annotations

import pytest

from console.desk.sync_views import Link, LinkStatus, SyncIssues
from tests.ui.conftest import DEMO_AT
from tests.ui.sync_scenes import MINUTE, ZONE, issues, offline, overwrote, refused, synced, three_issues, waiting
from ui.sync import wording


def test_offline_says_since_when_what_still_works_and_what_will_go_out() -> None:
    face = wording.banner_face(offline(waiting=3), issues(waiting_words="2 replies and 1 property change"), ZONE)
    assert face is not None
    assert face.sentence == (
        "Offline since 11:39 AM. You can keep working. 2 replies and 1 property change will go out when the connection "
        "is back."
    )
    assert face.acts == (("now", "Try now"), ("outbox", "See outbox"))


def test_offline_with_nothing_to_send_promises_nothing_that_is_not_there() -> None:
    face = wording.banner_face(offline(), issues(), ZONE)
    assert face is not None
    assert face.rest == "You can keep working. What you do will go out when the connection is back."


def test_the_first_copy_counts_its_entries() -> None:
    face = wording.banner_face(synced(link="loading", done=41_000, of=162_321), issues(), ZONE)
    assert face is not None
    assert face.lead == "Copying the team's log: 41,000 of 162,321 entries"
    assert face.progress == pytest.approx(0.2526, abs=0.001)
    assert face.tone == "info"


@pytest.mark.parametrize("link", ["synced", "syncing", "connecting", "loading"])
def test_a_connection_that_works_needs_no_banner(link: Link) -> None:
    assert wording.banner_face(LinkStatus(link=link), issues(), ZONE) is None


@pytest.mark.parametrize("link", ["offline", "signed_out", "app_too_old", "stuck"])
def test_every_state_in_which_one_can_go_on_says_so(link: Link) -> None:
    face = wording.banner_face(LinkStatus(link=link), issues(), ZONE)
    assert face is not None
    assert "You can keep working" in face.rest


def test_a_reason_of_the_engine_is_told_in_the_banner() -> None:
    status = LinkStatus(link="stuck", error="The hub is older than this program.")
    face = wording.banner_face(status, issues(), ZONE)
    assert face is not None
    assert face.rest == "The hub is older than this program. You can keep working, and nothing is lost."


def test_revoked_says_what_is_gone_and_what_is_kept() -> None:
    face = wording.banner_face(LinkStatus(link="revoked"), issues(), ZONE)
    assert face is not None
    assert face.tone == "error"
    assert "was removed" in face.rest
    assert "is kept in the outbox" in face.rest


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (None, "Connection: connecting"),
        (synced(), "Connection: synced 12 seconds ago"),
        (synced(synced_at=DEMO_AT - MINUTE), "Connection: synced 1 minute ago"),
        (synced(synced_at=DEMO_AT + 5_000), "Connection: synced just now"),
        (offline(waiting=2), "Connection: offline since 11:39 AM, 2 entries wait to be sent"),
        (synced(link="signed_out"), "Connection: signed out"),
        (
            synced(link="loading", done=1_000, of=2_500),
            "Connection: copying the team's log, 1,000 of 2,500 entries",
        ),
    ],
)
def test_people_who_listen_hear_how_old_the_state_is(status: LinkStatus | None, said: str) -> None:
    assert wording.spoken(status, issues(), DEMO_AT, ZONE) == said


def test_people_who_listen_hear_what_needs_them() -> None:
    said = wording.spoken(synced(), three_issues(), DEMO_AT, ZONE)
    assert said == "Connection: synced 12 seconds ago, 3 issues need you"


@pytest.mark.parametrize(
    ("status", "shown", "word", "icon", "tone"),
    [
        (synced(), issues(), "Synced", "check", "ok"),
        (synced(link="syncing"), issues(), "Syncing", "sync", "quiet"),
        (offline(), issues(), "Offline", "offline", "warn"),
        (synced(), three_issues(), "3 issues", "warn", "error"),
        (synced(), issues(refused=(refused(),)), "1 issue", "warn", "error"),
        (synced(link="syncing"), issues(overwrote=(overwrote(),)), "1 issue", "warn", "error"),
        (offline(), three_issues(), "Offline", "offline", "warn"),
        (synced(link="signed_out"), issues(), "Signed out", "key", "warn"),
        (synced(link="revoked"), issues(), "No access", "lock", "error"),
        (None, issues(), "Connecting", "sync", "quiet"),
        (None, SyncIssues(connected=False), "On this\ncomputer", "check", "ok"),
    ],
)
def test_the_rail_always_has_icon_and_word(
    status: LinkStatus | None, shown: SyncIssues, word: str, icon: str, tone: str
) -> None:
    face = wording.place_face(status, shown, lambda: DEMO_AT, ZONE)
    assert (face.word, face.icon, face.tone) == (word, icon, tone)


def test_the_next_try_is_rounded_up() -> None:
    assert wording.next_try(offline(), DEMO_AT) == "Next try in 20s"
    assert wording.next_try(offline(), DEMO_AT + 19_001) == "Next try in 1s"
    assert wording.next_try(offline(), DEMO_AT + 20_000) == "Trying"
    assert wording.next_try(synced(), DEMO_AT) == ""


def test_the_foot_of_the_drawer_names_the_last_full_sync_and_the_outbox() -> None:
    assert wording.foot(synced(), issues(), ZONE) == "Last full sync 11:46 AM. 0 in outbox."
    assert wording.foot(offline(waiting=3), issues(waiting=(waiting(),)), ZONE) == (
        "Last full sync 11:39 AM. 3 in outbox."
    )
    assert wording.foot(None, issues(), ZONE) == "No full sync yet. 0 in outbox."


def test_a_clock_that_is_wrong_by_five_minutes_is_told() -> None:
    assert wording.skew_line(4 * MINUTE) is None
    assert wording.skew_line(7 * MINUTE) == (
        "This computer's clock is 7m ahead of the hub's. Times that you see here are off by as much."
    )
    assert "behind the hub's" in (wording.skew_line(-5 * MINUTE) or "")


@pytest.mark.parametrize(
    ("before", "status", "said"),
    [
        (None, offline(), None),
        ("synced", synced(link="syncing"), None),
        ("syncing", synced(), None),
        ("offline", synced(), "Connected again, everything is synced."),
        ("offline", offline(), None),
    ],
)
def test_only_what_somebody_needs_to_hear_is_read_out(
    before: Link | None, status: LinkStatus, said: str | None
) -> None:
    assert wording.link_sentence(before, status, ZONE) == said


def test_going_offline_is_read_out() -> None:
    said = wording.link_sentence("synced", offline(), ZONE)
    assert said is not None
    assert said.startswith("Offline since 11:39 AM. You can keep working.")
