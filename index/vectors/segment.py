"""Passages of one language that came into a partition together."""

from __future__ import annotations

import numpy as np

from index.encoders.protocol import Vectors
from index.vectors.columns import Integers, Mask, PassageRows, joined, runs
from index.vectors.faiss_index import FaissIndex
from index.vectors.found import Found

SUMMED = 65_536
"""Vectors copied at a time to be summed: 100 MB with the default model."""


class Segment:
    """Passages that are searched together, some of which may be gone. Never changed once made."""

    def __init__(
        self,
        rows: PassageRows,
        nearest: FaissIndex | None = None,
        sum_: Vectors | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name
        """Of the folder that it is kept in, with what is gone from it; None if it is in none."""
        # FAISS holds the vectors; the rows share them.
        self.nearest = nearest or FaissIndex(rows.vectors)
        self._rows = PassageRows(
            rows.ids, rows.document_keys, self.nearest.vectors, rows.sentence_counts, rows.sentences
        )
        self._sentence_ends = np.cumsum(rows.sentence_counts)
        self._here: Mask | None = None
        """Passages that are not gone, shape (passages,); None where none is."""
        self.sum: Vectors = (
            self._rows.vectors.sum(axis=0, dtype=np.float64) if sum_ is None else sum_
        )
        """Of the vectors of the passages here, shape (dimension,)."""
        self._count = len(rows)

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Number of passages, those that are gone included."""
        return len(self._rows)

    @property
    def whole(self) -> PassageRows:
        """The passages, those that are gone included."""
        return self._rows

    @property
    def documents(self) -> Integers:
        """Keys of the document versions that the passages here are of, ascending."""
        keys = self._rows.document_keys
        return np.unique(keys if self._here is None else keys[self._here])

    @property
    def rows(self) -> PassageRows:
        """The passages here."""
        return self._rows if self._here is None else self._rows.where(self._here)

    def without(self, documents: Integers) -> Segment:
        """Return the same segment without the passages of some document versions."""
        gone = np.isin(self._rows.document_keys, documents)
        if self._here is not None:
            gone &= self._here
        if not gone.any():
            return self
        other = object.__new__(Segment)
        other.nearest, other._rows, other.name = self.nearest, self._rows, self.name
        other._sentence_ends = self._sentence_ends
        other._here = ~gone if self._here is None else self._here & ~gone
        other.sum = self.sum - _sum(self._rows.vectors, np.flatnonzero(gone))
        other._count = int(np.count_nonzero(other._here))
        return other

    def grown(self) -> Segment:
        """Return the passages here with an index for their number."""
        rows = self.rows
        return Segment(rows, FaissIndex(rows.vectors).grown())

    def count(self, documents: Integers | None) -> int:
        """Return how many passages here are of these document versions; None stands for all."""
        allowed = self._allowed(documents)
        return self._count if allowed is None else int(np.count_nonzero(allowed))

    def search(self, question: Vectors, limit: int, documents: Integers | None) -> Found:
        """Return the ``limit`` passages nearest to ``question``, best passage score first."""
        places, scores = self.nearest.search(question, limit, self._allowed(documents))
        return self._found(places, scores, question)

    def scored(self, question: Vectors, passages: Integers, documents: Integers | None) -> Found:
        """Return those of ``passages``, ascending ids, that are here and in ``documents``."""
        places = self._places(passages)
        allowed = self._allowed(documents)
        if allowed is not None:
            places = places[allowed[places]]
        return self._found(places, self._rows.vectors[places] @ question, question)

    def vectors(self, ids: Integers) -> tuple[Mask, Vectors]:
        """Tell which of ``ids``, shape (any,), are in this segment, and return their vectors."""
        places = np.minimum(np.searchsorted(self._rows.ids, ids), max(0, self.size - 1))
        is_here = self._rows.ids[places] == ids if self.size else np.zeros(len(ids), np.bool_)
        return is_here, self._rows.vectors[places[is_here]]

    def _places(self, ids: Integers) -> Integers:
        """Return the places of those of ``ids`` that are in this segment."""
        places = np.searchsorted(self._rows.ids, ids)
        inside = places < self.size
        places, ids = places[inside], ids[inside]
        here: Integers = places[self._rows.ids[places] == ids]
        return here

    def _allowed(self, documents: Integers | None) -> Mask | None:
        if documents is None:
            return self._here
        wanted: Mask = np.isin(self._rows.document_keys, documents)
        return wanted if self._here is None else wanted & self._here

    def _found(self, places: Integers, scores: Vectors, question: Vectors) -> Found:
        counts = self._rows.sentence_counts[places]
        sentences = self._rows.sentences[runs(self._sentence_ends[places] - counts, counts)]
        return Found(
            self._rows.ids[places],
            self._rows.document_keys[places],
            scores,
            counts,
            sentences.products(question),
        )


def _sum(vectors: Vectors, places: Integers) -> Vectors:
    """Return the sum of some of the vectors, in 64 bits, without a copy of all of those."""
    parts = (places[start : start + SUMMED] for start in range(0, len(places), SUMMED))
    total: Vectors = np.sum([vectors[part].sum(axis=0, dtype=np.float64) for part in parts], axis=0)
    return total


def merged(segments: list[Segment]) -> Segment:
    """Return the passages of several segments, in the order in which they came, as one."""
    return Segment(joined([segment.rows for segment in segments]))
