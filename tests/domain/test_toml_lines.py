"""Every value of a TOML text is found on its line. In these texts each number says the line on which it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.toml_lines import Path, TomlLines


def numbers(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    """Every number of a document with its path."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from numbers(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from numbers(inner, (*path, index))
        case int():
            yield path, value


def assert_every_number_stands_on_its_line(text: str) -> None:
    found = list(numbers(tomllib.loads(text)))
    lines = TomlLines(text)
    assert [(path, lines.line(path)) for path, _ in found] == found


FRAGMENTS = [
    "{key} = {line}",
    "# {key} = [ a comment",
    "",
    '{key} = {{ a = {line}, "b.c" = {{ d = {line} }}, e.f = {line} }} # {{ ',
    "{key} = [ # not an end: ]\n  {line_1},\n\n  [{line_3}, {line_3}],\n  # ,\n]",
    '{key}.\'a "b\'."c\\u0041\\"" = {line}',
    '{key} = """ a \n # = [ \\""" "" \n """ \n{key}z = {line_3}',
    "{key} = ''' \\ \n ''' \n{key}z = {line_2}",
    '{key} = """x"""""',
    "{key} = ''",
    '{key} = "\\\\"',
    "{key} = 1979-05-27 07:32:00.5 # a date\n{key}z={line_1}",
    "{key} = [{{ a = {line} }}, {{ a = [ {line},\n{line_1} ] }}]",
    "[{key}]\na = {line_1}",
    "[ {key} . 'x y' ] # header\na = {line_1}\nb = -inf",
    "[[{key}]]\na = {line_1}\n[[{key}]]\na = {line_3}\n[{key}.b]\nc = {line_5}\n[[{key}.d]]\n[[{key}.d]]\ne = {line_8}",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_each_value_is_found_on_its_line_whatever_stands_around_it(fragments: list[str], ending: str) -> None:
    text = ""
    for index, fragment in enumerate(fragments):
        line = text.count("\n") + 1
        ahead = {f"line_{n}": line + n for n in range(1, 9)}
        text += fragment.format(key=f"key{index}", line=line, **ahead) + "\n"
    assert_every_number_stands_on_its_line(text.replace("\n", ending))


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_text_may_end_without_a_line_break(fragment: str) -> None:
    ahead = {f"line_{n}": 1 + n for n in range(1, 9)}
    assert_every_number_stands_on_its_line(fragment.format(key="key", line=1, **ahead))


def test_a_table_stands_on_the_line_of_its_own_header() -> None:
    lines = TomlLines("[a.b.c]\nx = 2\n\n[a.b]\ny = 5\n\n[[t]]\n[[t]]\n")
    assert lines.line(("a", "b", "c")) == 1
    assert lines.line(("a", "b")) == 4
    assert [lines.line(("t", index)) for index in (0, 1)] == [7, 8]


def test_what_is_not_there_is_looked_for_in_the_table_around_it() -> None:
    lines = TomlLines("a = 1\n[b]\nc = 3\n")
    assert lines.line(("b", "missing", 4)) == 2
    assert lines.line(("missing",)) == 1
    assert TomlLines("").line(("missing",)) == 1
