"""What a search comes back with: passages near a question, as parallel arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.encoders.protocol import Vectors
from index.vectors.columns import Integers, runs


@dataclass(frozen=True, slots=True)
class Found:
    """Passages near a question, as parallel arrays."""

    ids: Integers
    """Shape (passages,)."""
    document_keys: Integers
    """Shape (passages,)."""
    scores: Vectors
    """The products of their vectors with the question's, shape (passages,)."""
    sentence_counts: Integers
    """Shape (passages,): how many of ``cosines`` belong to each, at least 1."""
    cosines: Vectors
    """Of their sentences, passage by passage, in the order of the text."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def best_sentences(self) -> Vectors:
        """Their best sentences' cosines, shape (passages,)."""
        if not len(self):
            return self.scores
        best: Vectors = np.maximum.reduceat(self.cosines, self._starts)
        return best

    def sentences(self) -> list[tuple[float, ...]]:
        """Return the cosines of each one's sentences."""
        cosines, ends = self.cosines.tolist(), np.cumsum(self.sentence_counts).tolist()
        counts = self.sentence_counts.tolist()
        return [tuple(cosines[end - count : end]) for count, end in zip(counts, ends, strict=True)]

    def at(self, places: Integers) -> Found:
        """Return those at ``places``, in that order."""
        counts = self.sentence_counts[places]
        return Found(
            self.ids[places],
            self.document_keys[places],
            self.scores[places],
            counts,
            self.cosines[runs(self._starts[places], counts)],
        )

    @classmethod
    def joined(cls, parts: Sequence[Found]) -> Found:
        """Return what is in all of the parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        every = (NOTHING, *parts)
        return cls(
            np.concatenate([part.ids for part in every]),
            np.concatenate([part.document_keys for part in every]),
            np.concatenate([part.scores for part in every]),
            np.concatenate([part.sentence_counts for part in every]),
            np.concatenate([part.cosines for part in every]),
        )

    @property
    def _starts(self) -> Integers:
        """Where each one's ``cosines`` begin."""
        starts: Integers = np.cumsum(self.sentence_counts) - self.sentence_counts
        return starts


_NO_NUMBERS, _NO_SCORES = np.empty(0, np.int64), np.empty(0, np.float32)
NOTHING = Found(_NO_NUMBERS, _NO_NUMBERS, _NO_SCORES, _NO_NUMBERS, _NO_SCORES)
"""No passage."""
