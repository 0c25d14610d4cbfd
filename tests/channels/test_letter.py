"""Replies as mails: what a mail program reads in them, and that threads survive long ids and hostile words."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.channels.letter import Letter, is_address, letter_bytes, message_id_of

_LONG = f"<{'a' * 120}@mail.riverside.example>"


def _letter(**fields: Any) -> Letter:
    return Letter(
        **{
            "message_id": "<1@hub.example>",
            "sender": "Support <support@hub.example>",
            "to": "maria@riverside.example",
            "subject": "Re: Labs [#10001]",
            "body": "Hello",
            "format": "text",
            "sent_at": 1_760_356_800_000,
            **fields,
        }
    )


def _read(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter_bytes(letter), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_same_letter_is_the_same_bytes() -> None:
    assert letter_bytes(_letter()) == letter_bytes(_letter())


def test_ids_longer_than_a_line_are_written_as_they_are() -> None:
    raw = letter_bytes(_letter(thread=["<0@x.example>", _LONG])).decode("ascii")
    assert f"\r\nIn-Reply-To: {_LONG}\r\n" in raw
    assert f"\r\nReferences: <0@x.example> {_LONG}\r\n" in raw


def test_a_long_thread_keeps_its_beginning_and_its_end_on_one_line() -> None:
    thread = [f"<{count:050}@x.example>" for count in range(100)]
    raw = letter_bytes(_letter(thread=thread)).decode("ascii")
    (line,) = [line for line in raw.split("\r\n") if line.startswith("References: ")]
    assert len(line) <= 998
    ids = line.split()[1:]
    assert (ids[0], ids[-1]) == (thread[0], thread[-1])
    assert ids[1:] == thread[-len(ids) + 1 :]


def test_words_of_any_language_and_long_lines_arrive() -> None:
    body = "Grüße, 東京 🙂\n" + "y" * 5000
    mail = _read(_letter(subject="Re: Größe 東京", to="Zoë <zoe@riverside.example>", body=body))
    assert mail["Subject"] == "Re: Größe 東京"
    assert mail["To"] == "Zoë <zoe@riverside.example>"
    assert mail.get_content().replace("\r\n", "\n") == body + "\n"
    assert max(len(line) for line in letter_bytes(_letter(body=body)).split(b"\r\n")) <= 998


def test_no_words_of_a_stranger_make_a_header() -> None:
    mail = _read(_letter(subject="x\r\nBcc: y@z.example", to="a\r\nBcc: y@z.example <m@x.example>"))
    assert mail["Bcc"] is None


@given(subject=st.text(), to=st.text() | st.just("x <m@x.example>"), body=st.text(), thread=st.lists(st.just("<a@b>")))
def test_whatever_the_words_are_a_mail_can_be_made_and_read(
    subject: str, to: str, body: str, thread: list[str]
) -> None:
    mail = _read(_letter(subject=subject, to=to, body=body, thread=thread))
    assert mail["Message-ID"] == "<1@hub.example>"
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "text/plain"


def test_a_name_without_an_address_is_no_recipient() -> None:
    assert _read(_letter(to="Maria"))["To"] is None


def test_what_no_person_wrote_says_so_to_machines() -> None:
    assert _read(_letter(automatic=True))["Auto-Submitted"] == "auto-generated"
    assert _read(_letter(automatic=True, thread=["<a@b>"]))["Auto-Submitted"] == "auto-replied"
    assert _read(_letter())["Auto-Submitted"] is None


def test_html_stays_html() -> None:
    mail = _read(_letter(format="html", body="<p>Hello</p>"))
    assert (mail.get_content_type(), mail.get_content().strip()) == ("text/html", "<p>Hello</p>")


@pytest.mark.parametrize("text", ["m@x.example", "Maria <m@x.example>", '"O, M" <m.o+k@x.co.example>'])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["", "Maria", "m@", "@x", "m@x..example", "m m@x.example>"])
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_the_message_id_is_that_of_the_entry_at_the_senders_domain() -> None:
    assert message_id_of("0199", "Support <support@hub.example>") == "<0199@hub.example>"
