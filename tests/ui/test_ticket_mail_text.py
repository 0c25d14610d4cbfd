"""Mail becomes text that can do nothing."""

from __future__ import annotations

import pytest

from ui.ticket.mail_text import readable


def test_plain_text_stays_as_it_is_written() -> None:
    assert readable("Hi <b>Dana</b>,\n\n  two spaces & a sign\n") == "Hi <b>Dana</b>,\n\n  two spaces & a sign"


def test_line_ends_of_every_kind_are_line_ends() -> None:
    assert readable("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_html_keeps_its_paragraphs_lines_and_lists() -> None:
    body = "<div>Hello<br>Dana</div><p>One.</p><p>Two   words.</p><ul><li>first</li><li>second</li></ul>"
    assert readable(body, "html") == "Hello\nDana\n\nOne.\n\nTwo words.\n\n\u2022 first\n\u2022 second"


def test_a_link_shows_where_it_leads() -> None:
    assert readable('See <a href="https://contoso.test/x">our page</a>.', "html") == (
        "See our page <https://contoso.test/x>."
    )


def test_a_link_that_says_its_own_address_says_it_once() -> None:
    assert readable('<a href="https://contoso.test">https://contoso.test</a>', "html") == "https://contoso.test"


@pytest.mark.parametrize(
    "body",
    [
        "<img src='file:///etc/passwd'>",
        "<img src='http://contoso.test/pixel.gif' width=1>",
        "<style>body{background:url(http://contoso.test/x)}</style>",
        "<script>alert('x')</script>",
        '<a href="javascript:alert(1)"></a>',
        "<link rel=stylesheet href=http://contoso.test/x.css>",
        "<object data='//contoso.test/share'>x</object>",
    ],
)
def test_nothing_that_loads_or_runs_is_left_of_html(body: str) -> None:
    assert readable(f"before {body} after", "html").split() == ["before", "after"]


def test_a_pictures_words_are_kept() -> None:
    assert readable("<img alt='A chart' src='cid:1'>", "html") == "[A chart]"


def test_code_keeps_its_spaces() -> None:
    assert readable("<pre>if x:\n    y</pre>", "html") == "if x:\n    y"


@pytest.mark.parametrize("body", ["<<<<", "<p", "&#xFFFFFFFF;", "</div></div>", "<![CDATA[x", "<!--"])
def test_broken_html_is_read_without_an_error(body: str) -> None:
    assert isinstance(readable(body, "html"), str)


def test_characters_that_disguise_text_are_removed() -> None:
    assert readable("invoice\u202egpj.exe\u0000\u2066x\u2069") == "invoicegpj.exex"


def test_an_endless_html_mail_is_cut_and_says_so() -> None:
    text = readable("<p>word</p>" * 100_000, "html")
    assert text.startswith("word\n\nword")
    assert text.endswith("[The rest of this message is too long to show here.]")
