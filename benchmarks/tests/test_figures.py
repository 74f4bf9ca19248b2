"""The figures in the documentation are those of the results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import figures


@pytest.mark.parametrize("page", list(figures.pages()), ids=lambda page: page.name)
def test_the_figures_are_those_of_the_newest_results(page: Path) -> None:
    text = page.read_text("utf-8")
    assert figures.filled(text) == text, "Run `python -m benchmarks.figures`."


def test_every_block_of_figures_is_shown_somewhere() -> None:
    shown = {
        name
        for page in figures.pages()
        for name in re.findall(r"<!-- figures: ([\w-]+) -->", page.read_text("utf-8"))
    }
    assert shown == set(figures.BLOCKS)
