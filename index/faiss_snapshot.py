"""A snapshot with its partitions in memory, searched with FAISS, beside a view of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from corpus.store.view import View
from corpus.types import DocumentFacts
from index import lexical, vocabulary
from index.encoders.protocol import Vectors
from index.snapshot import EVERYTHING, Extent, Hits, Level, Scope
from index.vectors.columns import Integers
from index.vectors.found import Found
from index.vectors.partition import Partition
from index.vocabulary import Place


@dataclass(frozen=True, slots=True)
class FaissSnapshot:
    """All partitions of one generation, and the state of the catalogue they were made from."""

    view: View
    generation: int
    documents: Mapping[int, DocumentFacts]
    """By document key."""
    partitions: Mapping[str, Partition]
    """By language."""
    context: float
    """Share of its neighbours in a passage's vector."""
    _within: dict[frozenset[str], FaissSnapshot] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return sum(len(partition) for partition in self.partitions.values())

    def within(self, collections: frozenset[str] | None) -> FaissSnapshot:
        """Return the same one for the same collections."""
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

    def without(self, keys: Collection[int]) -> FaissSnapshot:
        """Return this snapshot as it would be without these document versions."""
        gone = self.documents.keys() & set(keys)
        return self._reduced(self.view.without(gone), gone) if gone else self

    def _reduced(self, view: View, gone: Set[int]) -> FaissSnapshot:
        keys = np.array(sorted(gone), np.int64)
        kept = {
            language: partition.without(keys) for language, partition in self.partitions.items()
        }
        return FaissSnapshot(
            view,
            self.generation,
            {key: facts for key, facts in self.documents.items() if key not in gone},
            {language: partition for language, partition in kept.items() if len(partition)},
            self.context,
        )

    def search(self, question: Vectors, limit: int, scope: Scope = EVERYTHING) -> Hits:
        """Return each partition's ``limit`` passages nearest to ``question``."""
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

    def levels(self) -> dict[str, Level]:
        """Return how many passages each partition has, and their mean."""
        return {
            language: Level(len(partition), partition.mean)
            for language, partition in self.partitions.items()
        }

    def vectors(self, languages: Sequence[str], passages: Integers) -> Vectors:
        """Return the vectors of passages, each of its language's partition."""
        of = np.array(languages)
        parts = {
            language: self.partitions[language].vectors(passages[of == language])
            for language in sorted(set(languages))
        }
        vectors = np.empty((len(passages), next(iter(parts.values())).shape[1]), np.float32)
        for language, part in parts.items():
            vectors[of == language] = part
        return vectors

    def facts(self, keys: Collection[int]) -> dict[int, DocumentFacts]:
        """Return what is known of these document versions by key, as far as they are here."""
        return {key: self.documents[key] for key in keys if key in self.documents}

    def extent(self, scope: Scope) -> Extent:
        """Return how many documents are in a scope, whatever its languages, and their dates."""
        held = [document for document in self.documents.values() if scope.holds(document)]
        dates = [document.published for document in held if document.published]
        return Extent(len(held), min(dates, default=None), max(dates, default=None))

    def passages_with(self, phrases: Sequence[str], limit: int) -> dict[int, str]:
        """Return the languages of passages that hold one of these phrases, by passage id."""
        return lexical.passages_with(self.view, phrases, limit)

    def documents_with(self, word: str, limit: int) -> dict[int, frozenset[str]]:
        """Return the languages of the passages that hold a word, by their documents' keys."""
        return lexical.documents_with(self.view, word, limit)

    def places_of(self, words: Sequence[str], limit: int) -> list[Place]:
        """Return passages that all of the folded ``words`` are in, the oldest first."""
        return vocabulary.places_of(self.view, words, limit)

    def words_from(self, prefix: str) -> list[str]:
        """Return every word of the whole catalogue that begins with ``prefix``."""
        return vocabulary.words_from(self.view, prefix)

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
