"""A passage is read in its context: its vector takes a share of its neighbours'."""

from __future__ import annotations

from typing import Final

import numpy as np

from index.encoders.protocol import Vectors
from index.vectors.columns import Integers

CONTEXT_SHARE: Final = 0.2
"""Share of the neighbours' mean in a passage's vector. Of 0, .1, .2, .3 best over both development
sets: scattered success@1 .332 to .355 and .399 to .436. docs/decisions/0005."""


def in_context(vectors: Vectors, document_keys: Integers, share: float) -> Vectors:
    """Return the vectors with ``share`` of the mean of the passages just before and after.

    ``vectors`` has shape (passages, dimension), document by document in the order of the text;
    ``document_keys``, shape (passages,), says where one document ends. A passage without a
    neighbour keeps its vector. What comes back is not of unit length.
    """
    follows = document_keys[1:] == document_keys[:-1]
    near = np.zeros_like(vectors)
    near[1:][follows] += vectors[:-1][follows]
    near[:-1][follows] += vectors[1:][follows]
    count = np.zeros(len(vectors), np.float32)
    count[1:] += follows
    count[:-1] += follows
    alone = count == 0
    near[alone], count[alone] = vectors[alone], 1
    return (1 - share) * vectors + share * near / count[:, None]
