"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

BATCH_TOKENS = 2048
"""Tokens of a batch, padding included. docs/decisions/0011-openvino.md."""


def batches(lengths: Sequence[int], budget: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the places of texts that are to be encoded together, the longest texts first.

    ``lengths`` are the texts' tokens. A batch's longest text times its number of texts is at
    most ``budget``, except for a text alone that is longer by itself; as texts of like length
    come together, little of that is padding. A text without tokens is in no batch.
    """
    longest_first = np.argsort(-np.asarray(lengths, np.int64), kind="stable").tolist()
    order = [place for place in longest_first if lengths[place]]
    start = 0
    while start < len(order):
        texts = max(1, budget // lengths[order[start]])
        yield order[start : start + texts]
        start += texts
