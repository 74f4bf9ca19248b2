"""The page of the questions: which of them are wanted, and what readers said of passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple, Self

from api import feedback
from api.feedback import Rated
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from corpus.types import Span, composed

PERIODS: Final = (7, 30, 365)
"""Days that can be looked at, today the last of them."""

USUAL_DAYS: Final = 30

MAX_SHOWN: Final = 10
"""Passages of a kind."""

MAX_CHARACTERS: Final = 240
"""Of a passage: enough to tell which it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions an address asks for."""

    days: int = USUAL_DAYS
    collection: str = ""
    """The only one that they were asked in; empty: no matter which."""
    is_valid: bool = True

    @classmethod
    def of(cls, parameters: Mapping[str, str], collections: Sequence[str]) -> Self:
        """Return what an address asks for; what is usual if it cannot be understood."""
        days = parameters.get("days", "") or str(USUAL_DAYS)
        collection = composed(parameters.get("collection", ""))
        if days in map(str, PERIODS) and collection in ("", *collections):
            return cls(int(days), collection)
        return cls(is_valid=False)


class RatedPassage(NamedTuple):
    """A passage with what readers said of it."""

    document: DocumentSummary
    span: Span
    text: str
    """Its beginning, in one line."""
    helpful: int
    unhelpful: int

    @property
    def link(self) -> str:
        """Path that opens it."""
        start, end = self.span
        return f"/documents/{self.document.id}?mark={start}-{end}#{start}-{end}"


class Ratings(NamedTuple):
    """What readers said of passages that are there."""

    helpful: int
    unhelpful: int
    helped: tuple[RatedPassage, ...]
    """Passages that more readers found helpful than not, the most often rated first."""
    others: tuple[RatedPassage, ...]


def ratings(folder: Path, first: date, view: View) -> Ratings:
    """Return what was said since a day of passages in a view.

    Raises:
        CatalogueError: the ratings or the passages cannot be read.
    """
    there = list(_there(feedback.rated(folder, first), view))
    helped = [each for each in there if each[1].helpful > each[1].unhelpful]
    others = [each for each in there if each[1].helpful <= each[1].unhelpful]
    return Ratings(
        sum(rated.helpful for _, rated in there),
        sum(rated.unhelpful for _, rated in there),
        tuple(_shown(view, *each) for each in helped[:MAX_SHOWN]),
        tuple(_shown(view, *each) for each in others[:MAX_SHOWN]),
    )


def _there(every: Sequence[Rated], view: View) -> Iterator[tuple[DocumentSummary, Rated]]:
    found: dict[str, DocumentSummary | None] = {}
    for rated in every:
        if rated.document not in found:
            found[rated.document] = view.summary(view.meant(rated.document))
        if document := found[rated.document]:
            yield document, rated


def _shown(view: View, summary: DocumentSummary, rated: Rated) -> RatedPassage:
    document = view.document(summary.id)
    text = document.text[slice(*rated.span)] if document else ""
    beginning = _beginning(text.removeprefix(summary.title))
    return RatedPassage(summary, rated.span, beginning, rated.helpful, rated.unhelpful)


def _beginning(text: str) -> str:
    """Return whole words, if there are any, up to MAX_CHARACTERS."""
    line = " ".join(text.split())
    if len(line) <= MAX_CHARACTERS:
        return line
    words, _, _ = line[:MAX_CHARACTERS].rpartition(" ")
    return f"{words or line[:MAX_CHARACTERS]} …"
