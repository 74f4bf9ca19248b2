"""The boxes of a passage lie on its words, by the word boxes of an independent program."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import NamedTuple

import pytest
from pypdfium2 import PdfDocument, PdfPage

from corpus.pages import characters
from corpus.pages.marks import around, page_text
from corpus.pages.types import Box, PageText
from corpus.readers.page_layout.pdf_file import opened
from corpus.sandbox.extract import Extract, extract
from corpus.types import Span
from tests.documents import pdf, printed_pdf

TREATY = [
    "# Traité de coopération policière",
    "Les ministres ont signé le traité lundi à Bruxelles. Les policiers pourront désormais "
    "intervenir plus facilement chez leurs voisins, et échanger des données sans délai ni frais.",
    "Le traité prévoit aussi un centre commun. Il doit encore être approuvé par les parlements.",
]
LEFT = [
    "Die Brücke bei Wallendorf bleibt bis",
    "Freitag gesperrt, sagt die Verwaltung,",
    "und wer nach Bollendorf will, fährt am",
    "besten über die Höhe. Die Fähre ruht.",
    "Sie fährt erst wieder, wenn die Pegel",
]
RIGHT = [
    "gefallen sind. Der Nachtzug fährt jeden",
    "Abend um zehn Uhr und nimmt Fahrräder",
    "mit, wenn ein Platz reserviert ist. Im",
    "Winter fährt er eine Stunde früher ab.",
    "Die Karten kosten dann nur die Hälfte.",
]
COLUMNS = [
    (x, 20.0 + 5 * row, line)
    for row, pair in enumerate(zip(LEFT, RIGHT, strict=True))
    for x, line in zip((15.0, 110.0), pair, strict=True)
]
"""Drawn line by line, across both columns."""

_WORD = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
CLOSE = 0.9


class Seen(NamedTuple):
    """What another program sees of a page."""

    text: str
    box: Box


def seen(content: bytes, folder: Path, number: int = 1) -> list[Seen]:
    file = folder / "seen.pdf"
    file.write_bytes(content)
    page = ["-f", str(number), "-l", str(number)]
    command = ["pdftotext", "-bbox", "-cropbox", *page, str(file), "-"]
    found = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [
        Seen(unescape(word[5]), Box(*map(float, word.groups()[:4])))
        for word in _WORD.finditer(found)
    ]


def changed(content: bytes, change: Callable[[PdfPage], object], folder: Path) -> bytes:
    """Return a PDF whose pages were changed."""
    document = PdfDocument(content)
    for page in document:
        change(page)
    document.save(folder / "changed.pdf")
    return (folder / "changed.pdf").read_bytes() + b"%%EOF"


def on_page(content: bytes, read: Extract, span: Span, number: int = 1) -> PageText:
    """Return a page with what is marked for a span of the whole text."""
    window = around(read.passages, number)
    moved = Span(span.start - window.start, span.end - window.start)
    with opened(content) as document:
        return page_text(document, number, read.text[slice(*window)], [moved])


def common(one: Box, other: Box) -> float:
    """Return intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    inside = max(0, width) * max(0, height)
    areas = [(box.right - box.left) * (box.bottom - box.top) for box in (one, other)]
    return inside / (sum(areas) - inside)


def lines_of(words: Sequence[Seen]) -> list[Box]:
    """Return the boxes of the lines that words make."""
    lines: list[Box] = []
    for word in words:
        if lines and abs(lines[-1].top - word.box.top) < 3 and word.box.left > lines[-1].left:
            lines[-1] = lines[-1].joined(word.box)
        else:
            lines.append(word.box)
    return lines


def assert_on(page: PageText, words: Sequence[Seen]) -> None:
    """Hold the marks against the lines of the words that they are to mark."""
    boxes, lines = page.marks[0], lines_of(words)
    assert len(boxes) == len(lines)
    for box, line in zip(boxes, lines, strict=True):
        assert common(box, line) > CLOSE


def place_of(read: Extract, begin: str, end: str) -> Span:
    start = read.text.index(begin)
    return Span(start, read.text.index(end, start) + len(end))


def of_sentence(words: Sequence[Seen], first: str, last: str) -> list[Seen]:
    texts = [word.text for word in words]
    start = texts.index(first)
    return list(words[start : texts.index(last, start) + 1])


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_sentence_is_marked_where_it_stands_however_the_page_is_turned(
    tmp_path: Path, quarter_turns: int
) -> None:
    content = changed(pdf([TREATY]), lambda page: page.set_rotation(90 * quarter_turns), tmp_path)
    read = extract(content, "a.pdf")
    page = on_page(content, read, place_of(read, "Traité", "policière"))
    words = [each for each in seen(content, tmp_path) if each.text in TREATY[0].split()[1:]]
    (mark,) = page.marks[0]
    area = words[0].box
    for word in words[:4]:
        area = area.joined(word.box)
    assert common(mark, area) > CLOSE
    assert (page.width > page.height) == bool(quarter_turns % 2)


def test_places_count_from_the_corner_of_a_cropped_page(tmp_path: Path) -> None:
    content = changed(pdf([TREATY]), lambda page: page.set_cropbox(20, 400, 560, 830), tmp_path)
    read = extract(content, "a.pdf")
    page = on_page(content, read, place_of(read, "Les ministres", "Bruxelles."))
    assert (page.width, page.height) == (540, 430)
    assert_on(page, of_sentence(seen(content, tmp_path), "Les", "Bruxelles."))


def test_columns_that_are_drawn_across_are_marked_one_by_one(tmp_path: Path) -> None:
    content = printed_pdf([COLUMNS])
    read = extract(content, "a.pdf")
    page = on_page(content, read, place_of(read, "Sie fährt", "gefallen sind."))
    words = seen(content, tmp_path)
    wanted = [
        *of_sentence(words, "Sie", "Pegel"),
        *of_sentence(words, "gefallen", "sind."),
    ]
    boxes = sorted(page.marks[0], key=lambda box: box.left)
    assert [common(*pair) > CLOSE for pair in zip(boxes, lines_of(wanted), strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ("kostet", "800 €", slice(4, 7)),
        ("kostet", "800", slice(4, 6)),
        ("€ 950", "zahlt", slice(7, 10)),
        ("950", "zahlt", slice(8, 10)),
    ],
)
def test_a_sign_that_stands_alone_is_marked_with_the_words_beside_it(
    tmp_path: Path, begin: str, end: str, words: slice
) -> None:
    lines = ["Der Ausweis für Fahrräder kostet 800 €", "€ 950 zahlt man für ihn in Arlon."]
    content = printed_pdf([[(15.0, 20.0 + 9 * row, line) for row, line in enumerate(lines)]])
    read = extract(content, "a.pdf")
    assert_on(on_page(content, read, place_of(read, begin, end)), seen(content, tmp_path)[words])


def test_a_sentence_over_two_pages_is_marked_on_both(tmp_path: Path) -> None:
    begin = "Wer den Nachtzug nimmt, muss sein Fahrrad vorher anmelden und"
    end = "kann es dann ohne Aufpreis bis nach Amsterdam mitnehmen."
    content = pdf([["Fahrgäste mit Gepäck reisen frei.", begin], [end, "Der Zug hält in Arlon."]])
    read = extract(content, "a.pdf")
    span = place_of(read, begin, end)
    for number, first, last in ((1, "Wer", "und"), (2, "kann", "mitnehmen.")):
        words = of_sentence(seen(content, tmp_path, number), first, last)
        assert_on(on_page(content, read, span, number), words)


def test_what_is_on_no_page_of_the_text_is_marked_nowhere() -> None:
    content = pdf([TREATY, ["Ein anderer Text, der hier nicht gemeint ist, steht hier."]])
    read = extract(content, "a.pdf")
    page = on_page(content, read, place_of(read, "Les ministres", "Bruxelles."), 2)
    assert page.marks == ((),)
    assert [word.text for word in page.lines[0]][:3] == ["Ein", "anderer", "Text,"]


def test_a_page_of_more_characters_than_are_looked_at_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(characters, "MAX_CHARACTERS", 40)
    with opened(pdf([TREATY])) as document:
        page = page_text(document, 1, "", [Span(0, 1)])
    assert not page.is_whole
    assert sum(len(word.text) for line in page.lines for word in line) <= 40


def test_a_page_without_passages_has_no_text_around_it() -> None:
    assert around([], 1) == (0, 0)
