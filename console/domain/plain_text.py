"""The words that people wrote in an event, without markup: what a search looks through. Pure.

Called by the journal's search and the hub's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any, Final

from console.domain import events as ev
from console.domain.fact import Event

_TAG: Final = re.compile(r"<(/?)([a-zA-Z0-9]*)[^<>]*>")
_SILENT: Final = frozenset({"script", "style", "title"})


def plain(body: str, format: str) -> str:
    """The words of a message; of an HTML one without tags, comments, scripts and styles. In linear time, and never
    raises, whatever a stranger sent: that is why it is not `html.parser`."""
    if format != "html":
        return body
    first, *others = body.split("<!--")
    visible = first + "".join(part.partition("-->")[2] if "-->" in part else part for part in others)
    words: list[str] = []
    silent, place = "", 0
    for tag in _TAG.finditer(visible):
        if not silent:
            words.append(visible[place : tag.start()])
        place = tag.end()
        name = tag[2].lower()
        if not silent and not tag[1] and name in _SILENT:
            silent = name
        elif tag[1] and name == silent:
            silent = ""
    if not silent:
        words.append(visible[place:])
    return " ".join(unescape(" ".join(words)).split())


def _subject(event: Any) -> tuple[str, str]:
    return event.subject, ""


def _message(event: Any) -> tuple[str, str]:
    return "", plain(event.body, event.format)


def _summary(event: Any) -> tuple[str, str]:
    return "", event.summary


_WORDS: Final[dict[type[Event], Callable[[Any], tuple[str, str]]]] = {
    ev.TicketOpened: _subject,
    ev.SubjectSet: _subject,
    ev.MessageReceived: _message,
    ev.MessageSent: _message,
    ev.CallLogged: _summary,
}


def words_of(event: Event) -> tuple[str, str] | None:
    """Subject and body of an event that holds words of people; None for the others, and where it holds none."""
    read = _WORDS.get(type(event))
    if read is None:
        return None
    words = read(event)
    return words if any(words) else None
