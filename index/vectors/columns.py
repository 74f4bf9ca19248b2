"""Passages with their vectors, as parallel arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoders.protocol import Vectors

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_CODES = 127
"""Largest code of a sentence vector's component."""

DTYPE = np.dtype("<f4")
"""How the catalogue keeps a component of a vector."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentence vectors in 8 bits a component: ``codes * scales[:, None]``.

    A quarter of what they take in full length. docs/decisions/0012-partitions-that-grow.md.
    """

    codes: NDArray[np.int8]
    """Shape (sentences, dimension)."""
    scales: Vectors
    """Shape (sentences,)."""

    @classmethod
    def of(cls, vectors: Vectors) -> Sentences:
        """Round vectors, shape (sentences, dimension)."""
        scales = np.abs(vectors).max(axis=1, initial=0) / np.float32(_CODES)
        codes = np.rint(vectors / np.maximum(scales, np.finfo(np.float32).tiny)[:, None])
        return cls(codes.astype(np.int8), scales.astype(np.float32))

    def __len__(self) -> int:
        return len(self.scales)

    def __getitem__(self, rows: Integers | Mask) -> Sentences:
        return Sentences(self.codes[rows], self.scales[rows])

    def products(self, question: Vectors) -> Vectors:
        """Return each sentence's product with ``question``, shape (dimension,)."""
        products: Vectors = (self.codes.astype(np.float32) @ question) * self.scales
        return products


@dataclass(frozen=True, slots=True)
class PassageRows:
    """Passages of one language as parallel arrays, by id."""

    ids: Integers
    """Shape (passages,), ascending."""
    document_keys: Integers
    """Shape (passages,): the document version that each is of."""
    vectors: Vectors
    """Shape (passages, dimension)."""
    sentence_counts: Integers
    """Shape (passages,): how many of ``sentences`` belong to each, at least 1."""
    sentences: Sentences
    """Passage by passage, in the order of the text."""

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, keep: Mask) -> PassageRows:
        """Return the passages for which ``keep``, shape (passages,), is true."""
        return PassageRows(
            self.ids[keep],
            self.document_keys[keep],
            self.vectors[keep],
            self.sentence_counts[keep],
            self.sentences[np.repeat(keep, self.sentence_counts)],
        )


def joined(parts: Sequence[PassageRows]) -> PassageRows:
    """Return the passages of several parts, at least one, by id."""
    if len(parts) == 1:
        return parts[0]
    rows = PassageRows(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.document_keys for part in parts]),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.sentence_counts for part in parts]),
        Sentences(
            np.concatenate([part.sentences.codes for part in parts]),
            np.concatenate([part.sentences.scales for part in parts]),
        ),
    )
    return rows if (np.diff(rows.ids) > 0).all() else _by_id(rows)


def runs(starts: Integers, counts: Integers) -> Integers:
    """Return ``counts[0]`` numbers from ``starts[0]`` on, then those of the next run, and so on."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) + np.repeat(starts - ends + counts, counts)


def _by_id(rows: PassageRows) -> PassageRows:
    order = np.argsort(rows.ids)
    passages = np.repeat(np.arange(len(rows)), rows.sentence_counts)
    place = np.empty_like(order)
    place[order] = np.arange(len(rows))
    return PassageRows(
        rows.ids[order],
        rows.document_keys[order],
        rows.vectors[order],
        rows.sentence_counts[order],
        rows.sentences[np.argsort(place[passages], kind="stable")],
    )
