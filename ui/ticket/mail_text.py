"""A message's body as plain text that is safe to show.

What customers write is data. HTML mail is read as text: no markup, style, image or link of it ever reaches a text
widget, so nothing remote and no file is loaded. Pure; called by the message cards of the timeline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from html.parser import HTMLParser

_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffc]")
"""Control characters, embedded objects, and the marks that make text read in another order than it is written."""

LONGEST_HTML: Final = 150_000
"""Characters of an HTML mail that are read: enough for any mail that a person wrote, little enough not to be felt."""
_TOO_LONG: Final = "The rest of this message is too long to show here."

_SKIPPED: Final = frozenset({"script", "style", "head", "title", "template", "svg", "object"})
_PARAGRAPHS: Final = frozenset({"p", "div", "table", "tr", "ul", "ol", "blockquote", "pre", "section", "article"})
_PARAGRAPHS_APART: Final = frozenset(
    {"p", "table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
)


def readable(body: str, format: str = "text") -> str:
    """The text of a body (`text` or `html`): line ends as `\\n`, nothing invisible, no blank lines around it."""
    text = _text_of_html(body) if format == "html" else body
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNSEEN.sub("", text).strip("\n ")


def _text_of_html(body: str) -> str:
    parser = _reader()
    parser.feed(body[:LONGEST_HTML])
    parser.close()
    lines = "".join(parser.pieces).split("\n")  # type: ignore[attr-defined]
    text = "\n".join(line.rstrip(" ") for line in lines)
    text = re.sub(r"\n{3,}", "\n\n", text)
    return f"{text}\n\n[{_TOO_LONG}]" if len(body) > LONGEST_HTML else text


def _reader() -> HTMLParser:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        """Collects the words of HTML mail in `pieces`; a link keeps its address in brackets behind its words."""

        def __init__(self) -> None:
            super().__init__(convert_charrefs=True)
            self.pieces: list[str] = []
            self._skipping = 0
            self._as_written = 0
            self._links: list[tuple[str, int]] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag in _SKIPPED:
                self._skipping += 1
            elif tag == "br":
                self.pieces.append("\n")
            elif tag == "li":
                self._fresh_line()
                self.pieces.append("\u2022 ")
            elif tag == "a":
                self._links.append((dict(attrs).get("href") or "", len(self.pieces)))
            elif tag == "img":
                words = dict(attrs).get("alt")
                if words:
                    self.pieces.append(f"[{words}]")
            if tag == "pre":
                self._as_written += 1
            self._break(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag in _SKIPPED:
                self._skipping = max(0, self._skipping - 1)
            elif tag == "a" and self._links:
                address, start = self._links.pop()
                words = "".join(self.pieces[start:]).strip()
                if address.startswith(("http://", "https://")) and address != words:
                    self.pieces.append(f" <{address}>" if words else address)
            elif tag in ("td", "th"):
                self.pieces.append("  ")
            if tag == "pre":
                self._as_written = max(0, self._as_written - 1)
            self._break(tag)

        def handle_data(self, data: str) -> None:
            if self._skipping:
                return
            if self._as_written:
                self.pieces.append(data)
                return
            text = re.sub(r"[ \t\r\n\xa0]+", " ", data)
            if not self.pieces or self.pieces[-1].endswith(("\n", " ")):
                text = text.lstrip(" ")
            if text:
                self.pieces.append(text)

        def _break(self, tag: str) -> None:
            if tag in _PARAGRAPHS_APART:
                self._fresh_line()
                if self.pieces and not "".join(self.pieces[-2:]).endswith("\n\n"):
                    self.pieces.append("\n")
            elif tag in _PARAGRAPHS or tag == "hr":
                self._fresh_line()

        def _fresh_line(self) -> None:
            if self.pieces and not self.pieces[-1].endswith("\n"):
                self.pieces.append("\n")

    return Reader()
