"""Everything that can be found, in one generation of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from corpus.store.view import View
from corpus.types import DocumentFacts
from index.encoders.protocol import Vectors
from index.vectors.columns import Integers
from index.vectors.partition import Partition
from index.vectors.segment import Found


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All partitions of one generation, and the state of the catalogue they were made from.

    Immutable and safe to use from several threads, so a question sees one state of the
    collection from start to end.
    """

    view: View
    generation: int
    documents: Mapping[int, DocumentFacts]
    """By document key."""
    partitions: Mapping[str, Partition]
    """By language."""
    context: float
    """Share of its neighbours in a passage's vector."""
    _within: dict[frozenset[str], Snapshot] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return sum(len(partition) for partition in self.partitions.values())

    def within(self, collections: frozenset[str] | None) -> Snapshot:
        """Return this snapshot as it would be if there were only these collections; None: all.

        Nothing else is in it: no passage, no count, no mean. The same one for the same collections.
        """
        if collections is None:
            return self
        found = self._within.get(collections)
        if found is None:
            others = {
                key for key, facts in self.documents.items() if facts.collection not in collections
            }
            found = self._reduced(self.view.within(collections), others)
            self._within[collections] = found
        return found

    def without(self, keys: Collection[int]) -> Snapshot:
        """Return this snapshot as it would be without these document versions."""
        gone = self.documents.keys() & set(keys)
        return self._reduced(self.view.without(gone), gone) if gone else self

    def _reduced(self, view: View, gone: Set[int]) -> Snapshot:
        keys = np.array(sorted(gone), np.int64)
        kept = {
            language: partition.without(keys) for language, partition in self.partitions.items()
        }
        return Snapshot(
            view,
            self.generation,
            {key: facts for key, facts in self.documents.items() if key not in gone},
            {language: partition for language, partition in kept.items() if len(partition)},
            self.context,
        )

    def search(self, question: Vectors, limit: int, scope: Scope = EVERYTHING) -> Hits:
        """Return each partition's ``limit`` passages nearest to ``question``, shape (dimension,).

        They come language by language in alphabetical order; comparing them is
        ``qa.search.ranker``'s part.
        """
        keys = self.keys_in(scope)
        return self._hits(
            {
                language: partition.search(question, limit, keys)
                for language, partition in self._partitions_in(scope)
            }
        )

    def scored(
        self, question: Vectors, passages: Collection[int], scope: Scope = EVERYTHING
    ) -> Hits:
        """Return those of ``passages`` (ids) that are in the scope, however near they are."""
        keys, ids = self.keys_in(scope), np.array(sorted(passages), np.int64)
        return self._hits(
            {
                language: partition.scored(question, ids, keys)
                for language, partition in self._partitions_in(scope)
            }
        )

    def count(self, scope: Scope) -> int:
        """Return how many passages there are to search."""
        keys = self.keys_in(scope)
        return sum(partition.count(keys) for _, partition in self._partitions_in(scope))

    def keys_in(self, scope: Scope) -> Integers | None:
        """Return the keys of the documents to search; None if that is all of them."""
        if not scope.narrows_documents():
            return None
        held = [key for key, document in self.documents.items() if scope.holds(document)]
        return np.array(held, np.int64)

    @property
    def is_grown(self) -> bool:
        """Whether every partition has the indexes that it ought to have."""
        return all(partition.is_grown for partition in self.partitions.values())

    def _hits(self, found: Mapping[str, Found]) -> Hits:
        """Bring together what was found, by language in alphabetical order."""
        languages = tuple(sorted(self.partitions))
        counts = [len(found[language]) if language in found else 0 for language in languages]
        numbers = np.repeat(np.arange(len(languages)), counts)
        return Hits(languages, numbers, Found.joined(list(found.values())))

    def _partitions_in(self, scope: Scope) -> list[tuple[str, Partition]]:
        return [
            (language, partition)
            for language, partition in sorted(self.partitions.items())
            if not scope.languages or language in scope.languages
        ]
