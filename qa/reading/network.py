"""What the reader computes: how likely each sentence answers, of those it is given.

It is late interaction (ColBERT, arXiv:2004.12832) with a small network on top. Every token of the
question is compared with every token of a sentence; how often they are how near is counted softly
(kernel pooling: KNRM, arXiv:1706.06613). A few layers make of these counts, and of the ranking's
scores, one logit for each sentence. ``training.reader`` has the same in
PyTorch; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoders.protocol import States, Vectors
from index.encoders.token_codes import unit_rows
from index.vectors.columns import Integers

Logits = NDArray[np.float32]

KERNELS: Final = np.linspace(-0.1, 0.95, 11, dtype=np.float32)
"""Cosines around which token pairs are counted."""

KERNEL_WIDTH: Final = 0.08


class Passages(NamedTuple):
    """Passages as the network sees them, the ranking's best first."""

    tokens: Vectors
    """Of all sentences, shape (tokens, 64)."""
    sentence_of: Integers
    """Shape (tokens,): the sentence that a token is of; every sentence has a token."""
    passage_of: Integers
    """Shape (sentences,): the passage that a sentence is of; every passage has a sentence."""
    cosines: Vectors
    """Shape (sentences,): products of the sentences' vectors with the question's."""
    scores: Vectors
    """Shape (passages,): the ranking's."""
    nearness: Vectors
    """Shape (passages,)."""


class Outcome(NamedTuple):
    """What the network makes of a question and passages."""

    sentences: Logits
    """Shape (sentences,)."""
    passages: Logits
    """Shape (passages,): the logarithm of its sentences' summed likelihoods."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The learnt weights, by name."""

    weights: Mapping[str, Vectors]

    def run(self, question: States, passages: Passages) -> Outcome:
        """Read ``question``'s tokens, shape (tokens, hidden size), and passages together."""
        of = _Reading(self.weights, question, passages)
        sentences = of.sentences() + of.passage_terms()[passages.passage_of]
        together = np.logaddexp.reduceat(sentences, _starts(passages.passage_of))
        return Outcome(sentences, together)


class _Reading:
    """One question over its passages."""

    def __init__(
        self, weights: Mapping[str, Vectors], question: States, passages: Passages
    ) -> None:
        self._weights = weights
        self._passages = passages
        states: Vectors = question.astype(np.float32) - weights["mean"]
        projected: Vectors = states @ weights["question.weight"].T
        self._question = unit_rows(projected)
        shares = _sigmoid(states @ weights["importance.weight"][0] + weights["importance.bias"])
        self._shares = shares / shares.sum()
        self._similar = self._question @ passages.tokens.T
        self._sentence_starts = _starts(passages.sentence_of)
        self._passage_starts = _starts(passages.passage_of)
        # Each token of the question: the nearest token of each sentence, and of each passage.
        self._best = np.maximum.reduceat(self._similar, self._sentence_starts, axis=1)
        self._passage_best = np.maximum.reduceat(self._best, self._passage_starts, axis=1)
        cells = self._cells()
        self._mean = np.einsum("tsc,t->sc", cells, self._shares)
        self._peak = cells.max(axis=0)

    def sentences(self) -> Logits:
        """Return a term for each sentence, beside its passage's."""
        of, cosines = self._passages.passage_of, self._passages.cosines
        centred = cosines - cosines.mean()
        nearest = np.maximum.reduceat(cosines, self._passage_starts)
        covered = self._shares @ self._best
        lengths = np.bincount(self._passages.sentence_of)
        known = np.stack(
            [
                covered,
                self._best.min(axis=0),
                (cosines - nearest[of]) * 5,
                centred * 5,
                _size(lengths),
                np.full(len(of), _size(len(self._question))),
                covered - (self._shares @ self._passage_best)[of],
            ],
            axis=1,
        )
        features = np.concatenate([self._mean, self._peak, self._kinds(), known], axis=1)
        gains = self._weights["gains"]
        logits: Logits = (
            gains[0] * covered + gains[1] * centred + self._layers("sentence", features)[:, 0]
        )
        return logits

    def passage_terms(self) -> Logits:
        """Return a term for each passage, which all of its sentences share."""
        scores, near = self._passages.scores, self._passages.nearness
        covered = self._shares @ self._passage_best
        known = np.stack(
            [
                scores - scores[0],
                scores - scores.mean(),
                near * 5,
                1 / (np.arange(len(scores)) + 1),
                covered,
                covered - covered.max(),
            ],
            axis=1,
        )
        pooled = (
            np.maximum.reduceat(rows, self._passage_starts) for rows in (self._mean, self._peak)
        )
        features = np.concatenate([*pooled, known], axis=1)
        gain = self._weights["gains"][2]
        logits: Logits = gain * known[:, 1] + self._layers("passage", features)[:, 0]
        return logits

    def _cells(self) -> Vectors:
        """Return what each question token makes of each sentence, (tokens, sentences, 16)."""
        counts = np.stack([self._tokens_near(kernel) for kernel in KERNELS], axis=2)
        best, of_passage = self._best, self._passage_best[:, self._passages.passage_of]
        anywhere = self._passage_best.max(axis=1, keepdims=True)
        beside = np.stack([best, of_passage, best - anywhere], axis=2)
        return self._layers("cell", np.concatenate([np.log1p(counts), beside], axis=2))

    def _tokens_near(self, kernel: np.float32) -> Vectors:
        """Return how many tokens of each sentence are about as near as ``kernel``.

        Shape (question's tokens, sentences). One kernel at a time stays in the processor's cache.
        """
        off = self._similar - kernel
        near = np.exp(off * off / np.float32(-2 * KERNEL_WIDTH**2))
        counts: Vectors = np.add.reduceat(near, self._sentence_starts, axis=1)
        return counts

    def _kinds(self) -> Vectors:
        """Return how far each sentence holds the kind of thing that is asked for."""
        wanted = np.tanh(self._linear("question_kind", self._shares @ self._question))
        kinds = np.tanh(self._linear("token_kind", self._passages.tokens))
        there: Vectors = wanted * np.maximum.reduceat(kinds, self._sentence_starts)
        return there

    def _layers(self, name: str, features: Vectors) -> Vectors:
        hidden = self._linear(f"{name}.0", features)
        return self._linear(f"{name}.2", hidden * _sigmoid(hidden))

    def _linear(self, name: str, features: Vectors) -> Vectors:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        made: Vectors = features.astype(np.float32, copy=False) @ weight.T + bias
        return made


def _starts(groups: Integers) -> Integers:
    """Return where each group begins, of numbers that ascend by one."""
    starts: Integers = np.flatnonzero(np.diff(groups, prepend=-1))
    return starts


def _size(number: int | Integers) -> Vectors:
    return np.asarray(np.log1p(number) / 4, np.float32)


def _sigmoid(values: Vectors) -> Vectors:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)
