"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

BATCH_TOKENS: Final = 1024
"""Tokens of a batch at most, padding included."""

POLITE_TOKENS: Final = 128
"""The same while questions are asked, each of which waits for the batch it comes upon."""

POLITE_SECONDS: Final = 3.0
"""Time after a question for which more are expected."""

FULL_TOKENS: Final = 192
"""Tokens from which a batch makes good use of the cores, so that it need not take in a text that
would add padding."""

MAX_PADDING: Final = 0.05
"""Share of padding that such a batch may have."""


def batches(lengths: Sequence[int], budget: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the places of texts that are to be encoded together, the longest texts first.

    ``lengths`` are the texts' tokens. A batch's longest text times its number of texts is at
    most ``budget``, except for a text alone that is longer by itself. A text without tokens is
    in no batch.
    """
    longest_first = np.argsort(-np.asarray(lengths, np.int64), kind="stable").tolist()
    batch: list[int] = []
    tokens = 0
    for place in longest_first:
        length = lengths[place]
        if not length:
            break
        if batch and not _has_room(lengths[batch[0]], len(batch), tokens, length, budget):
            yield batch
            batch, tokens = [], 0
        batch.append(place)
        tokens += length
    if batch:
        yield batch


def _has_room(longest: int, texts: int, tokens: int, length: int, budget: int) -> bool:
    """Tell whether a batch of so many texts and tokens may take in one more."""
    padded = longest * (texts + 1)
    padding = 1 - (tokens + length) / padded
    return padded <= budget and (padding <= MAX_PADDING or longest * texts < FULL_TOKENS)
