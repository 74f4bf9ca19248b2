"""All passages of one language, with their vectors; the only module that knows FAISS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PassageRows:
    """Passages of one language as parallel arrays."""

    ids: Integers
    """Shape (passages,)."""
    document_keys: Integers
    """Shape (passages,): the document version that each is of."""
    vectors: Vectors
    """Shape (passages, dimension)."""
    sentence_counts: Integers
    """Shape (passages,): how many rows of ``sentence_vectors`` belong to each, at least 1."""
    sentence_vectors: Vectors
    """Shape (sentences, dimension), passage by passage."""

    def where(self, keep: NDArray[np.bool_]) -> PassageRows:
        """Return the passages for which ``keep``, shape (passages,), is true."""
        return PassageRows(
            self.ids[keep],
            self.document_keys[keep],
            self.vectors[keep],
            self.sentence_counts[keep],
            self.sentence_vectors[np.repeat(keep, self.sentence_counts)],
        )

    def followed_by(self, later: PassageRows) -> PassageRows:
        """Return these passages and, behind them, others."""
        return PassageRows(
            np.concatenate([self.ids, later.ids]),
            np.concatenate([self.document_keys, later.document_keys]),
            np.concatenate([self.vectors, later.vectors]),
            np.concatenate([self.sentence_counts, later.sentence_counts]),
            np.concatenate([self.sentence_vectors, later.sentence_vectors]),
        )


class Found(NamedTuple):
    """A passage near the question; its scores are products of vectors with the question's."""

    passage_id: int
    document_key: int
    passage_score: float
    cosines: tuple[float, ...]
    """Of its sentences, in the order of the text."""

    @property
    def sentence_score(self) -> float:
        """Of its best sentence."""
        return max(self.cosines)


class Partition:
    """One language's passages, searched together. Never changed once made."""

    def __init__(self, language: str, rows: PassageRows) -> None:
        self.language = language
        self.mean: Vectors = rows.vectors.sum(axis=0) / np.float32(max(1, len(rows.ids)))
        """Of the passages' vectors, shape (dimension,)."""
        self._ids = rows.ids
        self._by_id = np.argsort(rows.ids)
        self._document_keys = rows.document_keys
        self._sentence_counts = rows.sentence_counts
        self._sentence_ends = np.cumsum(rows.sentence_counts)
        self._passages = _flat(rows.vectors)
        self._sentences = _flat(rows.sentence_vectors)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def rows(self) -> PassageRows:
        """The partition's content; the vectors are copied, since FAISS owns its own."""
        return PassageRows(
            self._ids,
            self._document_keys,
            _vectors(self._passages).copy(),
            self._sentence_counts,
            _vectors(self._sentences).copy(),
        )

    def count(self, documents: Integers | None) -> int:
        """Return how many passages are of these document versions; None stands for all."""
        return len(self) if documents is None else int(self._of(documents).sum())

    def search(self, question: Vectors, limit: int, documents: Integers | None) -> list[Found]:
        """Return the ``limit`` passages nearest to ``question``, best passage score first.

        ``question`` is one vector, shape (dimension,); ``documents`` the keys of the
        document versions to search, shape (any,), or None for all.
        """
        parameters = None
        if documents is not None:
            allowed = np.flatnonzero(self._of(documents)).astype(np.int64)
            limit = min(limit, len(allowed))
            parameters = faiss.SearchParameters()
            parameters.sel = selector = faiss.IDSelectorBatch(allowed)  # noqa: F841, kept alive
        limit = min(limit, len(self))
        if limit == 0:
            return []
        scores, rows = self._passages.search(question[None, :], limit, params=parameters)
        return [
            self._found(int(row), float(score), question)
            for row, score in zip(rows[0], scores[0], strict=True)
        ]

    def vectors(self, ids: Integers) -> Vectors:
        """Return these passages' vectors, shape (ids, dimension); each must be one of its own."""
        rows = self._by_id[np.searchsorted(self._ids, ids, sorter=self._by_id)]
        vectors: Vectors = _vectors(self._passages)[rows]
        return vectors

    def scored(
        self, question: Vectors, passages: Integers, documents: Integers | None
    ) -> list[Found]:
        """Return those of ``passages``, shape (any,), that are here and in ``documents``.

        They come in no particular order; otherwise as ``search`` has it.
        """
        wanted = np.isin(self._ids, passages)
        if documents is not None:
            wanted &= self._of(documents)
        vectors = _vectors(self._passages)
        return [
            self._found(int(row), float(vectors[row] @ question), question)
            for row in np.flatnonzero(wanted)
        ]

    def _found(self, row: int, score: float, question: Vectors) -> Found:
        end = self._sentence_ends[row]
        sentences = _vectors(self._sentences)[end - self._sentence_counts[row] : end]
        cosines = sentences @ question
        return Found(
            int(self._ids[row]),
            int(self._document_keys[row]),
            score,
            tuple(cosines.tolist()),
        )

    def _of(self, documents: Integers) -> NDArray[np.bool_]:
        return np.isin(self._document_keys, documents)


def _flat(vectors: Vectors) -> faiss.IndexFlatIP:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return index


def _vectors(index: faiss.IndexFlatIP) -> Vectors:
    """Return a flat index's vectors in place; they are gone when the index is."""
    vectors: Vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
    return vectors.reshape(index.ntotal, index.d)
