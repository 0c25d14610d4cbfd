"""A public reply as the bytes of an e-mail (RFC 5322), and its one Message-ID. Pure: the same letter, the same bytes.

Called by the hub's delivery, which stores the bytes before anything is sent. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final, Literal

import msgspec

_ONE_LINE: Final = policy.SMTP.clone(max_line_length=998)
"""RFC 5322's limit. WORKAROUND for the standard library: it writes ids that are longer than a line of 78 characters as
encoded words, and then no mail program finds the thread. Bodies are folded before, as quoted-printable."""
_MOST_REFERENCES: Final = 900
"""Characters of a References header: one line, with room for its name."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_ADDRESS: Final = re.compile(r"[!#-'*+/-9=?A-Z^-~-]+(\.[!#-'*+/-9=?A-Z^-~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. `to` is the customer as the ticket knows them, a bare name when there is no address. `thread` are
    the Message-IDs of the conversation so far, oldest first; the last is what this one answers. `automatic` is what no
    person wrote, and says so, that no machine answers it (RFC 3834)."""

    message_id: str
    sender: str
    to: str | None
    subject: str
    body: str
    format: Literal["text", "html"]
    sent_at: int
    thread: Sequence[str] = ()
    automatic: bool = False


def message_id_of(entry_id: str, sender: str) -> str:
    """The Message-ID of an entry: there is never another one for it."""
    return f"<{entry_id}@{address_in(sender, 'localhost').rpartition('@')[2]}>"


def reply_subject(subject: str, number: int | None) -> str:
    """`Re: Labs do not start [#10042]`: an answer finds its ticket by it even where a mail program drops the ids."""
    mark = "" if number is None else f" [#{number}]"
    return f"Re: {subject}{mark}"


def is_address(text: str) -> bool:
    """Whether a mail can be sent there: a plain ASCII address, alone or behind a name."""
    return _ADDRESS.fullmatch(parseaddr(_line(text))[1]) is not None


def address_in(text: str, otherwise: str = "") -> str:
    return parseaddr(_line(text))[1] if is_address(text) else otherwise


def letter_bytes(letter: Letter) -> bytes:
    """The letter as it goes out, lines ended by CR LF."""
    message = EmailMessage(policy=policy.SMTP)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.sent_at // 1000, UTC))
    message["From"] = _mailbox(letter.sender)
    if letter.to is not None and is_address(letter.to):
        message["To"] = _mailbox(letter.to)
    message["Subject"] = _line(letter.subject)
    if letter.automatic:
        message["Auto-Submitted"] = "auto-replied" if letter.thread else "auto-generated"
    if letter.thread:
        message["In-Reply-To"] = letter.thread[-1]
        message["References"] = " ".join(_references(letter.thread))
    subtype = "html" if letter.format == "html" else "plain"
    body = letter.body.encode("utf-8", "replace").decode()
    message.set_content(body, subtype=subtype, charset="utf-8", cte="quoted-printable")
    return message.as_bytes(policy=_ONE_LINE)


def _mailbox(text: str) -> Address:
    name, address = parseaddr(_line(text))
    return Address(name, addr_spec=address)


def _references(thread: Sequence[str]) -> list[str]:
    """The first and as many of the last as a line holds (RFC 5537, 3.4.4)."""
    first, kept, room = thread[0], [], _MOST_REFERENCES - len(thread[0])
    for id in reversed(thread[1:]):
        room -= len(id) + 1
        if room < 0:
            break
        kept.append(id)
    return [first, *reversed(kept)]


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
