"""How passages are laid out: quoted in an answer, and in their document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

from corpus.pages.types import WITH_PAGES
from corpus.store.view.passages import StoredPassage
from corpus.text.table_rows import cells_of, rows_of
from corpus.types import UNKNOWN_LANGUAGE, Document, Span
from qa.types import CitedPassage

BETWEEN_PARAGRAPHS = "\n\n"
"""What cleaning puts there."""

NOTHING = Span(0, 0)

LEAST_CELLS: Final = 3
"""Cells of a row that stands alone. A line with one stroke in it may be anything."""

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


class Part(NamedTuple):
    """A part of a paragraph, marked or not."""

    text: str
    is_marked: bool = False


class Row(NamedTuple):
    """A row of a table."""

    cells: tuple[tuple[Part, ...], ...]
    """Each by parts."""
    is_names: bool
    """Whether they name the columns."""


class Quoted(NamedTuple):
    """A paragraph of a passage, by parts; none of them is empty."""

    parts: tuple[Part, ...]
    is_heading: bool = False
    rows: tuple[Row, ...] = ()
    """The same as a table; empty where it is none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, laid out."""

    anchor: str
    """``start-end``, which is what the links of citations end with."""
    language: str
    """Empty where it is not known, which is how HTML says so."""
    paragraphs: tuple[Quoted, ...]
    goes_on: bool
    """Whether it begins inside the paragraph that the one before ends in."""
    page: int | None
    """The page it begins on, if the one before began on another."""


def quoted(text: str, marks: Sequence[Span], title: str | None = None) -> Iterator[Quoted]:
    """Yield a passage's paragraphs.

    ``marks`` are the spans of ``text`` to be marked, in order and apart; a paragraph that is the
    document's ``title`` is a heading.
    """
    for paragraph, span in paragraphs(text):
        yield _quoted(paragraph, span, marks, is_heading=paragraph.strip() == title)


def pieces(
    document: Document, passages: Sequence[StoredPassage], mark: Span = NOTHING
) -> Iterator[Piece]:
    """Yield a document's passages, in order, for the viewer.

    ``mark`` is the span of the cleaned text to be marked.
    """
    position, page = 0, None
    for passage in passages:
        before = document.text[position : passage.span.start]
        yield Piece(
            anchor=f"{passage.span.start}-{passage.span.end}",
            language=html_language(passage.language),
            paragraphs=tuple(_laid_out(passage, mark)),
            goes_on=position > 0 and "\n" not in before,
            page=passage.page if passage.page != page else None,
        )
        position, page = passage.span.end, passage.page


def span(written: str) -> Span:
    """Return the span that ``start-end`` stands for, an empty one for anything else."""
    found = _SPAN.fullmatch(written)
    return Span(int(found[1]), int(found[2])) if found else NOTHING


def opened(cited: CitedPassage) -> str:
    """Return the path that opens a passage with its answering sentence marked: on the page or
    slide where it stands, or else in the text."""
    start = cited.citation.span.start
    path, _, fragment = cited.citation.link.partition("#")
    mark = f"mark={start + cited.answer.start}-{start + cited.answer.end}"
    if cited.citation.page and cited.citation.document.media_type in WITH_PAGES:
        return f"{path}/pages?{mark}"
    return f"{path}?{mark}#{fragment}"


def html_language(code: str) -> str:
    """Return a passage's language as HTML writes it in ``lang``."""
    return "" if code == UNKNOWN_LANGUAGE else code


def _laid_out(passage: StoredPassage, mark: Span) -> Iterator[Quoted]:
    start = passage.span.start
    for paragraph, place in paragraphs(passage.text):
        if paragraph:
            placed = Span(start + place.start, start + place.end)
            is_heading = _is_heading(passage, placed)
            yield _quoted(paragraph, placed, [mark], is_heading=is_heading)


def _is_heading(passage: StoredPassage, place: Span) -> bool:
    """Tell whether a paragraph holds none of the passage's sentences."""
    return not any(
        sentence.start < place.end and place.start < sentence.end for sentence in passage.sentences
    )


def paragraphs(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the paragraphs of a text, and where they stand."""
    position = 0
    for paragraph in text.split(BETWEEN_PARAGRAPHS):
        yield paragraph, Span(position, position + len(paragraph))
        position += len(paragraph) + len(BETWEEN_PARAGRAPHS)


def _quoted(paragraph: str, place: Span, marks: Sequence[Span], *, is_heading: bool) -> Quoted:
    rows = () if is_heading else tuple(_rows(paragraph, place, marks))
    return Quoted(tuple(parts(paragraph, place, marks)), is_heading, rows)


def _rows(paragraph: str, place: Span, marks: Sequence[Span]) -> Iterator[Row]:
    """Yield a paragraph's rows; none if any of its lines is no row (``corpus.text.cleaning`` puts
    the rows of a table on lines of their own).

    A sheet's rows say the name of each column again, which is left to the row of names.
    """
    lines = paragraph.split("\n")
    spans = [list(cells_of(line)) for line in lines]
    if min(map(len, spans)) < (2 if len(lines) > 1 else LEAST_CELLS):
        return
    start, names = place.start, list[str]()
    for line, cells, row in zip(lines, spans, rows_of(lines), strict=True):
        names = [line[slice(*cell)] for cell in cells] if row.is_names else names
        held = [_without_name(line, *each) for each in zip_longest(cells, names[: len(cells)])]
        yield Row(tuple(tuple(_cell(line, cell, start, marks)) for cell in held), row.is_names)
        start += len(line) + 1


def _without_name(line: str, cell: Span, name: str | None) -> Span:
    says_it = name and line.startswith(f"{name}: ", cell.start)
    return Span(cell.start + len(f"{name}: "), cell.end) if says_it else cell


def _cell(line: str, cell: Span, start: int, marks: Sequence[Span]) -> Iterator[Part]:
    return parts(line[slice(*cell)], Span(start + cell.start, start + cell.end), marks)


def holds(passage: Span, mark: Span) -> bool:
    """Tell whether a mark that is one begins in a passage."""
    return mark.start < mark.end and passage.start <= mark.start < passage.end


def parts(paragraph: str, place: Span, marks: Sequence[Span]) -> Iterator[Part]:
    """Yield a paragraph's parts; ``place`` is its own, and where ``marks`` count from."""
    position = 0
    for mark in marks:
        start, end = (min(max(at - place.start, position), len(paragraph)) for at in mark)
        if start < end:
            if position < start:
                yield Part(paragraph[position:start])
            yield Part(paragraph[start:end], is_marked=True)
            position = end
    if position < len(paragraph):
        yield Part(paragraph[position:])
