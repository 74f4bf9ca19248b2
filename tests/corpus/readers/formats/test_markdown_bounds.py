"""Markdown made to do harm is read at a cost that grows with its size only, and to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from corpus.readers.formats.markdown import MAX_NESTING, read_markdown

SIZE = 4_000
CALLS_PER_CHARACTER = 200
"""Ordinary prose takes less than one, a list of single letters 20."""

MADE: dict[str, Callable[[int], str]] = {
    "pictures": lambda size: "![" * (size // 2),
    "pictures with words": lambda size: "![word" * (size // 6),
    "brackets": lambda size: "[" * size,
    "brackets over lines": lambda size: "[a\n" * (size // 3),
    "brackets that are closed": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "pictures that are closed": lambda size: "![a" * (size // 7) + "](b)" * (size // 7),
    "references": lambda size: "![a][" * (size // 5),
    "emphasis and brackets": lambda size: "*[a" * (size // 3),
    "strong": lambda size: "**a **a" * (size // 7),
    "emphasis": lambda size: "*a_ " * (size // 4),
    "runs of ticks": lambda size: " ".join("`" * run for run in range(1, int((2 * size) ** 0.5))),
    "single ticks": lambda size: "`a " * (size // 3),
    "tags": lambda size: "<a" * (size // 2),
    "comments": lambda size: "a <!--" * (size // 6),
    "character data": lambda size: "a <![CDATA[" * (size // 11),
    "quotations": lambda size: "> " * (size // 2),
    "quotations over lines": lambda size: "> " * 300 + "a\n" + "b\n" * (size // 2),
    "lists": lambda size: "- " * (size // 2),
    "lists over lines": lambda size: "\n".join("  " * n + "- a" for n in range(int(size**0.5))),
    "numbered lists": lambda size: "1. " * (size // 3),
    "short items": lambda size: "- a\n" * (size // 4),
    "tables of short rows": lambda size: (
        ("|a" * 40 + "\n" + "|-" * 40 + "\n" + "a\n" * 40 + "\n") * (size // 250)
    ),
    "backslashes": lambda size: "\\" * size,
    "autolinks": lambda size: "<http:" * (size // 6),
}


def calls_to_read(text: str) -> int:
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    content = text.encode()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_markdown(content)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", MADE)
@pytest.mark.slow
def test_the_work_grows_with_the_size_and_slowly(name: str) -> None:
    calls_to_read("a")  # the library is loaded by then
    few, many = (calls_to_read(f"word\n\n{MADE[name](size)} word") for size in (SIZE, 4 * SIZE))
    assert many < 5 * few + 1000, (few, many)
    assert many < CALLS_PER_CHARACTER * 4 * SIZE, many / (4 * SIZE)


@pytest.mark.parametrize("name", MADE)
def test_no_word_is_lost(name: str) -> None:
    document = read_markdown(f"first\n\n{MADE[name](SIZE)} last\n\nafter".encode())
    words = " ".join(block.text for block in document.blocks)
    assert [word for word in ("first", "last", "after") if word not in words] == []
    inside = MADE[name](SIZE).count("word")
    assert words.count("word") == inside


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "> - "])
@pytest.mark.parametrize("depth", [1, 5, MAX_NESTING - 1, MAX_NESTING, MAX_NESTING + 1, 300])
def test_what_lies_deep_is_read(mark: str, depth: int) -> None:
    text = f"before\n\n{mark * depth}first words\n\n{' ' * 3 * depth}second words\n\nafter\n"
    lines = [block.text for block in read_markdown(text.encode()).blocks]
    said = " ".join(lines)
    for words in ("before", "first words", "second words", "after"):
        assert words in said, lines
    if mark == "> ":
        assert ">" not in said
