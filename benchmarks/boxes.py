"""Whether the boxes of a passage lie on its words, beside an independent program.

    python -m benchmarks.boxes --files FOLDER [--out benchmarks/results]

takes passages of the PDFs below FOLDER at random, and a sentence of each, and compares their boxes
with those of the words that ``pdftotext -bbox`` (Debian's poppler-utils) finds. Which of those
words are the passage's is found without our own alignment: by the stretch of the page, as
pdftotext orders it, that is most like the passage. Where there is no such stretch, as where
pdftotext reads columns in another order, nothing is compared, and that is counted.

Such files come in Debian's packages: ``apt-get download texlive-latex-extra-doc`` and ``dpkg -x``.
"""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from random import Random
from statistics import mean
from typing import Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from benchmarks.reading import MAX_PAGES, sample
from corpus.errors import Refused
from corpus.pages.marks import around, page_text
from corpus.pages.types import Box
from corpus.readers.page_layout.pdf_file import opened
from corpus.sandbox.extract import extract
from corpus.types import Span

FILES: Final = 60
PASSAGES: Final = 500

MIN_LETTERS: Final = 40
"""Of a passage; a shorter one may stand on the page more than once."""

SAME: Final = 97.0
"""Per cent of the letters that must agree for a stretch to be the passage."""

WANTED: Final = 0.9
"""Intersection over union."""

FINENESS: Final = 4
"""Cells to a point in which areas are counted."""

SAME_LINE: Final = 0.5
"""Share of its height by which two words of a line may differ in place."""

SPACE: Final = 1.5
"""Times its height between two words of a line that are one area."""

_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
)


class OtherWord(NamedTuple):
    """A word as the other program found it."""

    page: int
    letters: str
    box: Box


class Compared(NamedTuple):
    """What was found for one span."""

    file: str
    page: int
    kind: str
    """Passage, or sentence."""
    area: float
    """Intersection over union of the two areas; 0 where there is no box at all."""
    along: float
    """The same with one height for both where they stand on one line. For fonts that do not say
    how high they are, pdftotext takes 1.3 times their size, and pdfium what their letters need."""
    text: str


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, folded."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in folded if each.isalnum())


def other_words(file: Path) -> dict[int, list[OtherWord]]:
    """Return the words of each page by ``pdftotext``."""
    command = ["pdftotext", "-bbox", "-cropbox", str(file), "-"]
    html = subprocess.run(command, capture_output=True, check=True, timeout=300).stdout
    pages = {}
    for number, page in enumerate(_PAGE.finditer(html.decode("utf-8", "replace")), 1):
        pages[number] = [
            OtherWord(number, letters_of(unescape(word[5])), Box(*map(float, word.groups()[:4])))
            for word in _WORD.finditer(page[3])
        ]
    return pages


def words_like(text: str, words: Sequence[OtherWord]) -> list[OtherWord]:
    """Return the words of the stretch that is ``text``; none if there is no such stretch."""
    wanted, letters = letters_of(text), "".join(word.letters for word in words)
    if len(wanted) < MIN_LETTERS or len(letters) < len(wanted):
        return []
    found = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=SAME)
    if found is None:
        return []
    others = letters[: found.dest_start], letters[found.dest_end :]
    if any(
        fuzz.partial_ratio(wanted, other) > SAME for other in others if len(other) > len(wanted)
    ):
        return []  # it stands there twice
    stretch, at = [], 0
    for word in words:
        inside = min(at + len(word.letters), found.dest_end) - max(at, found.dest_start)
        if 2 * inside > len(word.letters):
            stretch.append(word)
        at += len(word.letters)
    return stretch


def joined(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield the boxes of words with the spaces between those of a line."""
    last: Box | None = None
    for box in boxes:
        if last is not None and _is_next(last, box):
            last = last.joined(box)
            continue
        if last is not None:
            yield last
        last = box
    if last is not None:
        yield last


def _is_next(box: Box, word: Box) -> bool:
    height = max(min(box.bottom - box.top, box.right - box.left), 1.0)
    is_beside = max(word.left - box.right, box.left - word.right) <= SPACE * height
    return is_beside and abs(word.top - box.top) <= SAME_LINE * height


def agreement(ours: Sequence[tuple[int, Box]], others: Sequence[tuple[int, Box]]) -> float:
    """Return intersection over union of two areas, each of boxes on pages."""
    common = all_ = 0
    for page in {page for page, _ in [*ours, *others]}:
        one = [box for at, box in ours if at == page]
        other = [box for at, box in others if at == page]
        left = min(box.left for box in (*one, *other))
        top = min(box.top for box in (*one, *other))
        right = max(box.right for box in (*one, *other))
        bottom = max(box.bottom for box in (*one, *other))
        frame = Box(left, top, right, bottom)
        here, there = _area(one, frame), _area(other, frame)
        common += int((here & there).sum())
        all_ += int((here | there).sum())
    return common / all_ if all_ else 0.0


def as_high(box: Box, page: int, ours: Sequence[tuple[int, Box]]) -> Box:
    """Return a box with the height of that of ours which stands on the same line, if one does."""
    for at, other in ours:
        height = min(box.bottom - box.top, other.bottom - other.top)
        overlap = min(box.bottom, other.bottom) - max(box.top, other.top)
        is_beside = box.left < other.right and other.left < box.right
        if at == page and is_beside and overlap > SAME_LINE * height:
            return box._replace(top=other.top, bottom=other.bottom)
    return box


def _area(boxes: Sequence[Box], frame: Box) -> NDArray[np.bool_]:
    shape = (
        round((frame.bottom - frame.top) * FINENESS) + 1,
        round((frame.right - frame.left) * FINENESS) + 1,
    )
    area = np.zeros(shape, dtype=bool)
    for box in boxes:
        rows = [round((edge - frame.top) * FINENESS) for edge in (box.top, box.bottom)]
        columns = [round((edge - frame.left) * FINENESS) for edge in (box.left, box.right)]
        area[slice(*rows), slice(*columns)] = True
    return area


def compared(file: Path, name: str, count: int, random: Random) -> tuple[list[Compared], int]:
    """Return what ``count`` passages of a file give, and how many could not be compared."""
    content = file.read_bytes()
    with opened(content) as pdf:
        if len(pdf) > MAX_PAGES:
            return [], 0
    read = extract(content, file.name)
    words = other_words(file)
    long = [each for each in read.passages if len(letters_of(each.text)) >= MIN_LETTERS]
    found, missed = [], 0
    with opened(content) as pdf:
        for passage in random.sample(long, min(count, len(long))):
            assert passage.page is not None
            numbers = [passage.page, passage.page + 1]
            others = [word for number in numbers for word in words.get(number, ())]
            spans = {"passage": passage.span}
            if passage.sentences:
                spans["sentence"] = random.choice(passage.sentences)
            ours = {kind: list[tuple[int, Box]]() for kind in spans}
            for number in numbers:
                if number <= len(pdf):
                    window = around(read.passages, number)
                    text = read.text[slice(*window)]
                    moved = [Span(*(at - window.start for at in span)) for span in spans.values()]
                    for kind, boxes in zip(
                        spans, page_text(pdf, number, text, moved).marks, strict=True
                    ):
                        ours[kind] += ((number, box) for box in boxes)
            for kind, span in spans.items():
                text = read.text[slice(*span)]
                like = words_like(text, others)
                if not like:
                    missed += 1
                    continue
                there = [
                    (number, box)
                    for number in numbers
                    for box in joined([word.box for word in like if word.page == number])
                ]
                alike = [(page, as_high(box, page, ours[kind])) for page, box in there]
                both = agreement(ours[kind], there), agreement(ours[kind], alike)
                found.append(Compared(name, passage.page, kind, *both, text))
    return found, missed


@click.command()
@click.option("--files", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the figures.")
@click.option("--seed", default=1, show_default=True)
@click.option("--show", default=0, help="Print so many of those that agree least.")
def main(files: Path, out: Path | None, seed: int, show: int) -> None:
    """Measure, and print the figures."""
    random = Random(seed)
    results: list[Compared] = []
    missed = used = 0
    each = -(-PASSAGES // FILES)
    for file in sample(files, 5 * FILES):
        if used == FILES:
            break
        name = str(file.relative_to(files))
        try:
            found, not_compared = compared(file, name, each, random)
        except (Refused, subprocess.SubprocessError):
            continue
        if found:
            used += 1
            missed += not_compared
            results += found
    figures = {
        "files": used,
        "not compared": missed,
        **{
            f"{kind}, {how}": _figures([getattr(r, how) for r in results if r.kind == kind])
            for kind in ("passage", "sentence")
            for how in ("area", "along")
        },
    }
    print(json.dumps(figures, indent=2))
    for worst in sorted(results, key=lambda result: result.along)[:show]:
        print(
            f"{worst.area:.2f} {worst.along:.2f} {worst.kind} {worst.file} p. {worst.page}:"
            f" {worst.text[:200]!r}"
        )
    if out:
        day = datetime.now(UTC).date().isoformat()
        (out / f"boxes-{day}.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _figures(found: Sequence[float]) -> dict[str, float]:
    agreements = sorted(found)
    if not agreements:
        return {"compared": 0}
    return {
        "compared": len(agreements),
        f"at least {WANTED}": round(mean(each >= WANTED for each in agreements), 4),
        "mean": round(mean(agreements), 4),
        "median": round(agreements[len(agreements) // 2], 4),
        "twentieth": round(agreements[len(agreements) // 20], 4),
        "least": round(agreements[0], 4),
    }


if __name__ == "__main__":
    main()
