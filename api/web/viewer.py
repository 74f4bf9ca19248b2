"""How passages are laid out: quoted in an answer, and in their document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.store.view.passages import StoredPassage
from corpus.types import UNKNOWN_LANGUAGE, Document, Span
from qa.types import CitedPassage

BETWEEN_PARAGRAPHS = "\n\n"
"""What cleaning puts there."""

NOTHING = Span(0, 0)

PRINTED = "application/pdf"
"""Media type of what has pages that can be drawn."""

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


class Part(NamedTuple):
    """A part of a paragraph, marked or not."""

    text: str
    is_marked: bool = False


class Quoted(NamedTuple):
    """A paragraph of a passage, by parts; none of them is empty."""

    parts: tuple[Part, ...]
    is_heading: bool = False


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
        yield Quoted(tuple(_parts(paragraph, span, marks)), paragraph.strip() == title)


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
    """Return the path that opens a passage with its answering sentence marked: on the page where
    it is printed, or else in the text."""
    start = cited.citation.span.start
    path, _, fragment = cited.citation.link.partition("#")
    mark = f"mark={start + cited.answer.start}-{start + cited.answer.end}"
    if cited.citation.page and cited.citation.document.media_type == PRINTED:
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
            yield Quoted(tuple(_parts(paragraph, placed, [mark])), _is_heading(passage, placed))


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


def _parts(paragraph: str, place: Span, marks: Sequence[Span]) -> Iterator[Part]:
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
