"""``qa.reading.network`` in PyTorch, to be trained."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from index.encoders.token_codes import DIMENSION
from qa.reading.network import KERNEL_WIDTH, KERNELS

CELL = 16
"""Numbers that a token of the question makes of a sentence."""

KINDS = 16
"""Kinds of things that may be asked for: dates, sums, names, whatever they turn out to be."""


class Sheet(NamedTuple):
    """A question with passages, as ``qa.reading.network.Passages`` has them."""

    question: Tensor
    """States, shape (question's tokens, hidden size)."""
    tokens: Tensor
    """States, shape (tokens, hidden size), not projected yet."""
    sentence_of: Tensor
    passage_of: Tensor
    cosines: Tensor
    scores: Tensor
    nearness: Tensor


class Logits(NamedTuple):
    """What comes out; ``Outcome`` in the product."""

    sentences: Tensor
    passages: Tensor


class ReaderNetwork(nn.Module):
    """The projection of tokens, and the layers on top."""

    mean: Tensor
    kernels: Tensor

    def __init__(self, mean: Tensor, dropout: float = 0.1) -> None:
        """Begin untrained; ``mean`` is that of the tokens' states, shape (hidden size,)."""
        super().__init__()
        hidden = len(mean)
        self.register_buffer("mean", mean)
        self.register_buffer("kernels", torch.from_numpy(KERNELS), persistent=False)
        self.question = nn.Linear(hidden, DIMENSION, bias=False)
        self.token = nn.Linear(hidden, DIMENSION, bias=False)
        nn.init.orthogonal_(self.question.weight)
        self.token.weight.data.copy_(self.question.weight.data)
        self.importance = nn.Linear(hidden, 1)
        nn.init.zeros_(self.importance.weight)
        self.cell = _layers(len(KERNELS) + 3, 32, CELL)
        self.question_kind = nn.Linear(DIMENSION, KINDS)
        self.token_kind = nn.Linear(DIMENSION, KINDS)
        self.sentence = _layers(2 * CELL + KINDS + 7, 64, 1)
        self.passage = _layers(2 * CELL + 6, 32, 1)
        self.gains = nn.Parameter(torch.tensor([10.0, 20.0, 1.0]))
        self._dropout = nn.Dropout(dropout)

    def forward(self, sheet: Sheet) -> Logits:
        """Read a question with its passages."""
        of, sentences, passages = sheet.passage_of, len(sheet.passage_of), len(sheet.scores)
        states = sheet.question - self.mean
        question = functional.normalize(self.question(states), dim=-1)
        tokens = functional.normalize(self.token(sheet.tokens - self.mean), dim=-1)
        shares = torch.sigmoid(self.importance(states)[:, 0])
        shares = shares / shares.sum()
        similar = question @ tokens.T
        best = _largest(similar.T, sheet.sentence_of, sentences).T
        passage_best = _largest(best.T, of, passages).T
        cells = self._cells(similar, sheet.sentence_of, best, passage_best, of)
        mean, peak = (cells * shares[:, None, None]).sum(0), cells.amax(0)
        covered, passage_covered = shares @ best, shares @ passage_best

        centred = sheet.cosines - sheet.cosines.mean()
        nearest = _largest(sheet.cosines[:, None], of, passages)[:, 0]
        lengths = torch.bincount(sheet.sentence_of, minlength=sentences)
        asked = math.log1p(len(question)) / 4
        known = torch.stack(
            [
                covered,
                best.amin(0),
                (sheet.cosines - nearest[of]) * 5,
                centred * 5,
                torch.log1p(lengths) / 4,
                torch.full_like(covered, asked),
                covered - passage_covered[of],
            ],
            dim=-1,
        )
        wanted = torch.tanh(self.question_kind(shares @ question))
        kinds = _largest(torch.tanh(self.token_kind(tokens)), sheet.sentence_of, sentences)
        features = torch.cat([mean, peak, wanted * kinds, known], dim=-1)
        logits = (
            self.gains[0] * covered
            + self.gains[1] * centred
            + self.sentence(self._dropout(features))[:, 0]
            + self._passage_terms(sheet, mean, peak, passage_covered)[of]
        )
        return Logits(logits, _summed(logits, of, passages))

    def _cells(
        self, similar: Tensor, sentence_of: Tensor, best: Tensor, passage_best: Tensor, of: Tensor
    ) -> Tensor:
        near = torch.exp((similar[:, :, None] - self.kernels) ** 2 / (-2 * KERNEL_WIDTH**2))
        counts = torch.zeros(len(similar), len(of), len(self.kernels))
        counts = counts.index_add(1, sentence_of, near)
        beside = [best, passage_best[:, of], best - passage_best.amax(1, keepdim=True)]
        cells: Tensor = self.cell(torch.cat([torch.log1p(counts), torch.stack(beside, -1)], -1))
        return cells

    def _passage_terms(self, sheet: Sheet, mean: Tensor, peak: Tensor, covered: Tensor) -> Tensor:
        scores, passages = sheet.scores, len(sheet.scores)
        level = scores - scores.mean()
        known = torch.stack(
            [
                scores - scores[0],
                level,
                sheet.nearness * 5,
                1 / (torch.arange(passages) + 1.0),
                covered,
                covered - covered.max(),
            ],
            dim=-1,
        )
        pooled = [_largest(rows, sheet.passage_of, passages) for rows in (mean, peak)]
        terms = self.passage(self._dropout(torch.cat([*pooled, known], -1)))[:, 0]
        all_terms: Tensor = self.gains[2] * level + terms
        return all_terms


def _layers(before: int, hidden: int, after: int) -> nn.Sequential:
    last = nn.Linear(hidden, after)
    if after == 1:
        last.weight.data *= 0.1
    return nn.Sequential(nn.Linear(before, hidden), nn.SiLU(), last)


def _largest(rows: Tensor, groups: Tensor, number: int) -> Tensor:
    """Return the largest of each group's rows, column by column, (number, columns)."""
    index = groups[:, None].expand(-1, rows.shape[1])
    none = torch.full((number, rows.shape[1]), -torch.inf)
    return none.scatter_reduce(0, index, rows, "amax")


def _summed(logits: Tensor, groups: Tensor, number: int) -> Tensor:
    """Return the logarithm of each group's summed exponentials, (number,)."""
    largest = _largest(logits[:, None], groups, number)[:, 0].detach()
    sums = torch.zeros(number).index_add(0, groups, torch.exp(logits - largest[groups]))
    return largest + torch.log(sums)
