"""The page of a passage is the one on which another program finds its words."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

from corpus import readers
from corpus.text.chunking import segment
from corpus.text.cleaning import clean
from tests.documents import pdf

PASSAGES = 100
FIRST_WORDS = 4
"""Words of a passage that are looked for; more may lie on the next page."""

_NAMES = ("bridge", "river", "council", "patrol", "border", "winter", "harvest", "treaty", "valley")


def _pages(count: int) -> list[list[str]]:
    """Return pages that each go on with the sentence before, in sentences that are all unlike."""
    draw = random.Random(7)
    sentences = [
        f"Number {at} of the {draw.choice(_NAMES)} met the {draw.choice(_NAMES)} in {1800 + at}."
        for at in range(count * 30)
    ]
    # The last sentence of a page ends on the next one.
    return [
        [" ".join([*sentences[30 * at : 30 * at + 29], "And when it was said that the"])]
        if at % 2
        else [" ".join([f"other part of case {at} was lost.", *sentences[30 * at : 30 * at + 30]])]
        for at in range(count)
    ]


def test_passages_are_found_on_their_pages_by_another_program(tmp_path: Path) -> None:
    content = pdf(_pages(60), header="A report on the rivers", footer="Page {page} / 60")
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    cleaned = clean(readers.read(content, readers.MEDIA_TYPES[".pdf"]))
    passages = segment(cleaned)
    assert len(passages) >= PASSAGES
    assert len({passage.page for passage in passages}) == 60
    for passage in random.Random(1).sample(passages, PASSAGES):
        assert passage.page is not None
        assert cleaned.text[slice(*passage.span)] == passage.text
        number = str(passage.page)
        command = ["pdftotext", "-f", number, "-l", number, str(file), "-"]
        page = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        first = " ".join(re.findall(r"\w+", passage.text)[:FIRST_WORDS])
        assert first in " ".join(re.findall(r"\w+", page))
