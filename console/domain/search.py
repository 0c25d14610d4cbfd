"""What a search finds: one hit per ticket. Pure shape; the journal fills it, the desk hands it out."""

from __future__ import annotations

import msgspec


class SearchHit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A ticket that matches. `snippet` marks the words with U+2039 and U+203A; `at` is when that text counts."""

    ticket: str
    number: int | None
    external_ref: str | None
    subject: str
    snippet: str
    at: int
