"""The composer: two modes that never look alike, and a text that is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from pytestqt.qtbot import QtBot

from ui.theme import theme
from ui.ticket.composer import Composer
from ui.ticket.consequence import Consequence
from ui.ticket.draft_keeper import DraftKeeper

Saved = list[tuple[str, str, str]]


@pytest.fixture
def saved() -> Saved:
    return []


@pytest.fixture
def keeper(qtbot: QtBot, saved: Saved) -> Iterator[DraftKeeper]:
    keeper = DraftKeeper()
    keeper.set_save(lambda ticket, mode, text: saved.append((ticket, mode, text)))
    keeper.open("t1", {})
    yield keeper
    keeper.flush()


@pytest.fixture
def composer(qtbot: QtBot, keeper: DraftKeeper) -> Composer:
    composer = Composer(keeper)
    qtbot.addWidget(composer)
    composer.resize(640, 170)
    composer.open("Dana Whitfield")
    composer.show()
    return composer


def ground(composer: Composer) -> str:
    """The colour inside the frame, beside the text."""
    return composer.grab().toImage().pixelColor(composer.width() // 2, composer.height() - 12).name()


def test_a_reply_names_whom_it_goes_to_and_a_note_that_it_stays_inside(composer: Composer) -> None:
    assert composer.draft.accessibleName() == "Public reply to Dana Whitfield"
    assert composer.send_button.text() == "Send reply"
    composer.switch()
    assert composer.draft.accessibleName() == "Internal note, team only"
    assert composer.send_button.text() == "Save note"


def test_in_note_mode_the_whole_frame_changes(composer: Composer) -> None:
    assert ground(composer) == theme().color("bg.input").name()
    composer.switch()
    assert ground(composer) == theme().color("bg.note").name()


def test_switching_keeps_the_text(composer: Composer, keeper: DraftKeeper) -> None:
    composer.draft.insertPlainText("She will export the file.")
    composer.switch()
    assert composer.draft.toPlainText() == "She will export the file."
    assert (keeper.text("reply"), keeper.text("note")) == ("", "She will export the file.")


def test_switching_to_a_mode_with_a_text_of_its_own_loses_neither(composer: Composer, keeper: DraftKeeper) -> None:
    composer.draft.insertPlainText("for the customer")
    composer.write("note")
    composer.draft.insertPlainText("for the team")
    composer.switch()
    assert composer.draft.toPlainText() == "for the customer"
    composer.switch()
    assert composer.draft.toPlainText() == "for the team"


def test_starting_a_note_beside_a_half_written_reply_does_not_take_its_text(composer: Composer) -> None:
    composer.draft.insertPlainText("for the customer")
    composer.write("note")
    assert composer.draft.toPlainText() == ""


def test_a_ticket_with_only_a_note_draft_opens_in_note_mode(composer: Composer, keeper: DraftKeeper) -> None:
    keeper.open("t2", {"note": "half a note"})
    composer.open("Ana")
    assert (composer.mode, composer.draft.toPlainText()) == ("note", "half a note")


def test_a_draft_is_saved_after_the_last_key_once(composer: Composer, saved: Saved, qtbot: QtBot) -> None:
    for letter in "Hi Dana":
        composer.draft.insertPlainText(letter)
    assert saved == []
    qtbot.waitUntil(lambda: bool(saved), timeout=10_000)
    assert saved == [("t1", "reply", "Hi Dana")]


def test_what_is_unsaved_is_saved_before_another_ticket_opens(
    composer: Composer, keeper: DraftKeeper, saved: Saved
) -> None:
    composer.draft.insertPlainText("Hi Dana")
    keeper.open("t2", {})
    assert saved == [("t1", "reply", "Hi Dana")]


def test_emptying_a_text_forgets_its_draft(composer: Composer, keeper: DraftKeeper, saved: Saved) -> None:
    composer.draft.insertPlainText("Hi")
    keeper.flush()
    composer.draft.clear()
    keeper.flush()
    assert saved[-1] == ("t1", "reply", "")


def test_an_empty_text_cannot_be_sent(composer: Composer) -> None:
    asked: list[tuple[str, str]] = []
    composer.send_asked.connect(lambda mode, text: asked.append((mode, text)))
    composer.draft.insertPlainText("  \n ")
    composer.send()
    assert asked == []
    assert not composer.send_button.isEnabled()


def test_while_it_is_sent_the_text_cannot_change_and_is_not_sent_twice(composer: Composer) -> None:
    asked: list[tuple[str, str]] = []
    composer.send_asked.connect(lambda mode, text: asked.append((mode, text)))
    composer.draft.insertPlainText("Hi")
    composer.send()
    composer.set_busy(True)
    composer.send()
    assert asked == [("reply", "Hi")]
    assert composer.draft.isReadOnly()


def test_a_refusal_leaves_the_text_and_stands_until_the_next_try(composer: Composer) -> None:
    composer.draft.insertPlainText("Hi")
    composer.refuse("Not sent: the disk is full.")
    assert composer.draft.toPlainText() == "Hi"
    assert composer.problem == "Not sent: the disk is full. Your text is safe."
    composer.send()
    assert composer.problem == ""


def test_a_recorded_text_is_no_draft_any_more(composer: Composer, keeper: DraftKeeper, saved: Saved) -> None:
    composer.draft.insertPlainText("Hi")
    keeper.flush()
    composer.recorded("reply")
    keeper.flush()
    assert composer.draft.toPlainText() == ""
    assert saved == [("t1", "reply", "Hi")]


def test_the_consequence_follows_the_mode(composer: Composer) -> None:
    reply = Consequence("Sending stops Next reply", "Sending stops Next reply", "at_risk")
    composer.set_consequences(reply, Consequence("", "", None))
    assert composer._consequence.accessibleName() == "Sending stops Next reply"
    composer.switch()
    assert composer._consequence.accessibleName() == ""


def test_pasted_documents_bring_their_words_only(composer: Composer, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setHtml(f"<b>bold</b><img src='{tmp_path.as_uri()}/x.png'>")
    mime.setText("bold")
    composer.draft.insertFromMimeData(mime)
    assert composer.draft.toPlainText() == "bold"
    assert "img" not in composer.draft.document().toHtml()
    assert "font-weight:7" not in composer.draft.document().toHtml()


def test_a_dropped_picture_is_not_taken(composer: Composer) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("file:///etc/hosts")])
    mime.setImageData(b"")
    assert composer.draft.canInsertFromMimeData(mime) == mime.hasText()
    composer.draft.insertFromMimeData(mime)
    assert "<img" not in composer.draft.document().toHtml()


def test_the_text_grows_with_what_is_written_and_stops_growing(composer: Composer) -> None:
    heights = [composer.draft.sizeHint().height()]
    for lines in (8, 60, 60):
        composer.draft.insertPlainText("line\n" * lines)
        heights.append(composer.draft.sizeHint().height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_the_placeholder_grows_with_the_text(composer: Composer) -> None:
    before = composer.draft.viewport().font().pixelSize()
    theme().set_text_scale(1.5)
    try:
        assert composer.draft.viewport().font().pixelSize() == composer.draft.font().pixelSize() > before
    finally:
        theme().set_text_scale(1.0)
