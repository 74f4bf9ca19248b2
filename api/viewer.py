"""How passages are laid out: quoted in an answer, and in their document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.types import UNKNOWN_LANGUAGE, Document, Span
from corpus.view import StoredPassage

BETWEEN_PARAGRAPHS = "\n\n"
"""What cleaning puts there."""


class Quoted(NamedTuple):
    """A paragraph of a passage, with the part of it that is marked, which may be empty."""

    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, laid out."""

    anchor: str
    """``start-end``, which is what the links of citations end with."""
    language: str
    """Empty where it is not known, which is how HTML says so."""
    paragraphs: tuple[str, ...]
    goes_on: bool
    """Whether it begins inside the paragraph that the one before ends in."""
    page: int | None
    """The page it begins on, if the one before began on another."""


def quoted(text: str, mark: Span) -> Iterator[Quoted]:
    """Yield a passage's paragraphs; ``mark`` is the span of ``text`` to be marked."""
    position = 0
    for paragraph in text.split(BETWEEN_PARAGRAPHS):
        start, end = (min(max(at - position, 0), len(paragraph)) for at in mark)
        yield Quoted(paragraph[:start], paragraph[start:end], paragraph[end:])
        position += len(paragraph) + len(BETWEEN_PARAGRAPHS)


def pieces(document: Document, passages: Sequence[StoredPassage]) -> Iterator[Piece]:
    """Yield a document's passages, in order, for the viewer."""
    position, page = 0, None
    for passage in passages:
        before = document.text[position : passage.span.start]
        yield Piece(
            anchor=f"{passage.span.start}-{passage.span.end}",
            language=html_language(passage.language),
            paragraphs=tuple(filter(None, passage.text.split(BETWEEN_PARAGRAPHS))),
            goes_on=position > 0 and "\n" not in before,
            page=passage.page if passage.page != page else None,
        )
        position, page = passage.span.end, passage.page


def html_language(code: str) -> str:
    """Return a passage's language as HTML writes it in ``lang``."""
    return "" if code == UNKNOWN_LANGUAGE else code


def web_address(url: str | None) -> str | None:
    """Return a document's stated address if it is one on the web, not a script or a file."""
    return url if url and url.lower().startswith(("http://", "https://")) else None
