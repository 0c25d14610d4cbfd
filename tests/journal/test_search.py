"""Search finds what people wrote, and nothing that people type can break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import events as ev
from console.domain.guidelines import GuidelinesHistory
from console.domain.plain_text import plain
from console.journal.store import Journal

from .facts import HOUR, MONDAY, allow, fact, opened, received, sent, write


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, history: GuidelinesHistory) -> Iterator[Journal]:
    path: Path = tmp_path_factory.mktemp("search") / "journal.db"
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        write(journal, opened("login", "Cannot log in after the upgrade", external_ref="INC-1"))
        write(
            journal, received("login", "The login page says: invalid token. Login fails on every browser.", at=MONDAY)
        )
        write(journal, sent("login", "Which browser is it?"))
        write(journal, opened("flood", "Der Bürokeller ist überflutet"))
        write(journal, sent("flood", "Interne Notiz: Pumpe bestellt", public=False))
        write(journal, opened("rich", "Styled"))
        html = "<style>p {color: crimson}</style><p>Prices in <b>caf&eacute;</b> terms &amp; more</p><![weird[>"
        write(journal, received("rich", html, format="html", at=MONDAY + HOUR))
        yield journal


def tickets(journal: Journal, words: str) -> list[str]:
    return [hit.ticket for hit in journal.search(words)]


def test_subjects_and_messages_are_found(filled: Journal) -> None:
    assert tickets(filled, "upgrade") == ["login"]
    assert tickets(filled, "pumpe") == ["flood"]


def test_a_ticket_comes_once_with_its_best_match(filled: Journal) -> None:
    (hit,) = filled.search("login")
    assert (hit.ticket, hit.external_ref, hit.subject) == ("login", "INC-1", "Cannot log in after the upgrade")
    assert hit.number == filled.ticket_row("login").number  # type: ignore[union-attr]
    assert hit.at == MONDAY
    assert "\u2039login\u203a page" in hit.snippet


def test_case_and_diacritics_do_not_matter(filled: Journal) -> None:
    assert tickets(filled, "UBERFLUTET") == ["flood"]
    assert tickets(filled, "bürokeller") == ["flood"]
    assert tickets(filled, "cafe") == ["rich"]


def test_all_words_must_be_in_one_text(filled: Journal) -> None:
    assert tickets(filled, "token invalid") == ["login"]
    assert tickets(filled, "token upgrade") == []


def test_the_last_word_may_be_a_beginning_until_it_is_ended(filled: Journal) -> None:
    assert tickets(filled, "upgr") == ["login"]
    assert tickets(filled, "upgr ") == []
    assert tickets(filled, "inv token") == []


def test_words_in_quotes_are_a_phrase(filled: Journal) -> None:
    assert tickets(filled, '"invalid token"') == ["login"]
    assert tickets(filled, '"token invalid"') == []


def test_tags_and_styles_of_html_are_no_words(filled: Journal) -> None:
    assert tickets(filled, "crimson") == []
    (hit,) = filled.search("terms")
    assert hit.snippet.startswith("Prices in café \u2039terms\u203a & more")


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            " ",
            "-",
            "***",
            '"',
            '""',
            "AND",
            "OR",
            "NOT",
            "NEAR(a b)",
            "subject:login",
            "(",
            "login)",
            "a* b^",
            "'",
        ),
        *(
            ";--",
            "\x00",
            "log\x00in",
            "\ud800",
            "{a b}: c",
            "x" * 10_000,
            "a " * 5_000,
            "²",
            "№",
            "😀",
            "+",
            "login + ^",
        ),
    ],
)
def test_operators_quotes_and_stray_characters_never_raise(words: str, filled: Journal) -> None:
    assert set(tickets(filled, words)) <= {"login", "flood", "rich"}


@given(st.text())
def test_any_text_is_a_valid_question(filled: Journal, words: str) -> None:
    filled.search(words)


@given(st.text())
def test_any_html_gives_some_words(body: str) -> None:
    assert isinstance(plain(body, "html"), str)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("a <!-- hidden > --> b <!-- never closed", "a b never closed"),
        ("<SCRIPT>if (a<b) {}</SCRIPT>shown<style>p{}</STYLE> too", "shown too"),
        ("1 &lt; 2 &amp; 3 < 4", "1 < 2 & 3 < 4"),
        ("<![if !mso]><p>x</p><![endif]>", "x"),
        ("<style>never closed", ""),
    ],
)
def test_the_words_of_html(body: str, words: str) -> None:
    assert plain(body, "html") == words


def test_no_more_hits_than_asked(filled: Journal) -> None:
    assert len(filled.search("i", limit=1)) == 1
    assert filled.search("login", limit=0) == []


def test_a_redacted_message_is_not_found_any_more(journal: Journal) -> None:
    secret = received("a", "The password is swordfish")
    write(journal, opened("a"), secret)
    assert tickets(journal, "swordfish") == ["a"]
    write(journal, fact(ev.EntryRedacted(entry=secret.id), "a"))
    assert tickets(journal, "swordfish") == []


def test_a_redaction_in_another_ticket_hides_nothing(journal: Journal) -> None:
    message = received("a", "The password is swordfish")
    write(journal, opened("a"), opened("b"), message, fact(ev.EntryRedacted(entry=message.id), "b"))
    write(journal, fact(ev.EntryRedacted(entry=message.id), "b"))
    assert tickets(journal, "swordfish") == ["a"]


def test_a_text_with_half_a_character_is_kept_out_of_trouble(journal: Journal) -> None:
    write(journal, opened("a", "Odd"))
    journal.record([sent("a", "Odd \x00 text")], actor="Ana", now_ms=MONDAY, decide=allow)
    assert tickets(journal, "text") == ["a"]
