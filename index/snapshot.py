"""Everything that can be found, in one state of the collection: what the question path asks of it.

``Snapshot`` is all that ``qa`` and the pages know of how passages are searched. What searches them
is ``index.faiss_snapshot``; ``tests/index/conformance`` holds every implementation to the same
answers, computed by brute force.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

import numpy as np

from corpus.store.view import View
from corpus.types import DocumentFacts
from index.encoders.protocol import Vectors
from index.vectors.columns import Integers
from index.vectors.found import Found
from index.vocabulary import Place


@dataclass(frozen=True, slots=True)
class Hits:
    """Passages near a question, in any language."""

    languages: tuple[str, ...]
    """All of the snapshot's, in alphabetical order."""
    language_numbers: Integers
    """Shape (hits,): the place of each one's language among them."""
    found: Found

    def __len__(self) -> int:
        return len(self.language_numbers)

    def at(self, places: Integers) -> Hits:
        """Return those at ``places``, in that order."""
        return Hits(self.languages, self.language_numbers[places], self.found.at(places))

    def followed_by(self, other: Hits) -> Hits:
        """Return these and then ``other`` hits of the same snapshot."""
        return Hits(
            self.languages,
            np.concatenate([self.language_numbers, other.language_numbers]),
            Found.joined([self.found, other.found]),
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passages to search; what is None or empty does not narrow."""

    languages: frozenset[str] = frozenset()
    """Of the passages."""
    collections: frozenset[str] = frozenset()
    published_from: date | None = None
    published_to: date | None = None
    """The last day that counts. A document without a date is in no range."""
    documents: frozenset[str] | None = None
    """Ids."""

    def narrows_documents(self) -> bool:
        """Tell whether some documents may be left out."""
        return bool(
            self.collections
            or self.published_from
            or self.published_to
            or self.documents is not None
        )

    def holds(self, document: DocumentFacts) -> bool:
        """Tell whether a document's passages are to be searched."""
        if self.collections and document.collection not in self.collections:
            return False
        if self.documents is not None and document.id not in self.documents:
            return False
        if not (self.published_from or self.published_to):
            return True
        if document.published is None:
            return False
        return (
            (self.published_from or date.min)
            <= document.published
            <= (self.published_to or date.max)
        )


EVERYTHING = Scope()


class Level(NamedTuple):
    """How near the passages of a language are to anything, taken together."""

    passages: int
    """How many there are."""
    mean: Vectors
    """Of their vectors, shape (dimension,)."""


class Extent(NamedTuple):
    """How much there is of some documents, and when they were published."""

    documents: int
    first: date | None
    """The earliest date that one bears, and the latest; None where none bears any."""
    last: date | None


class Snapshot(Protocol):
    """All that can be found in one state of the collection.

    Immutable and safe to use from several threads, so a question sees one state from start to end.
    """

    @property
    def view(self) -> View:
        """The same state's documents and texts."""
        ...

    @property
    def generation(self) -> int:
        """How often what can be found had changed by then."""
        ...

    def __len__(self) -> int:
        """Return how many passages there are."""
        ...

    def within(self, collections: frozenset[str] | None) -> Snapshot:
        """Return this snapshot as it would be if there were only these collections; None: all.

        Nothing else is in it: no passage, no count, no mean.
        """
        ...

    def search(self, question: Vectors, limit: int, scope: Scope = EVERYTHING) -> Hits:
        """Return each language's ``limit`` passages nearest to ``question``, shape (dimension,).

        They come language by language in alphabetical order, the nearest first; comparing them is
        ``qa.search.ranker``'s part.
        """
        ...

    def scored(
        self, question: Vectors, passages: Collection[int], scope: Scope = EVERYTHING
    ) -> Hits:
        """Return those of ``passages`` (ids) that are in the scope, however near they are."""
        ...

    def count(self, scope: Scope) -> int:
        """Return how many passages there are to search."""
        ...

    def levels(self) -> Mapping[str, Level]:
        """Return how many passages there are of each language, and their mean."""
        ...

    def vectors(self, languages: Sequence[str], passages: Integers) -> Vectors:
        """Return the vectors of passages, shape (passages, dimension).

        ``passages`` are ids of passages that are here, at least one, and ``languages`` theirs.
        """
        ...

    def facts(self, keys: Collection[int]) -> Mapping[int, DocumentFacts]:
        """Return what is known of these document versions by key, as far as they are here."""
        ...

    def extent(self, scope: Scope) -> Extent:
        """Return how many documents are in a scope, whatever its languages, and their dates."""
        ...

    def passages_with(self, phrases: Sequence[str], limit: int) -> Mapping[int, str]:
        """Return the languages of passages that hold one of these phrases, by passage id.

        There are ``limit`` at most. A phrase is its words in their order, whatever else stands
        between them; neither case nor accents matter.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        ...

    def documents_with(self, word: str, limit: int) -> Mapping[int, frozenset[str]]:
        """Return the languages of the passages that hold a word, by their documents' keys.

        Nothing if there are ``limit`` passages or more.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        ...

    def places_of(self, words: Sequence[str], limit: int) -> Sequence[Place]:
        """Return passages that all of the folded ``words`` are in, up to ``limit``, the oldest
        first.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        ...

    def words_from(self, prefix: str) -> Sequence[str]:
        """Return every word of the whole collection that begins with ``prefix``, which is folded.

        They are for nobody to see: only passages tell what a reader may know of.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        ...
