"""The untouched model, whose vectors of English texts the student learns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from index.encoders.protocol import Vectors
from training.vectors import KeptVectors


class Teacher:
    """Encodes English texts, each once: what it made is kept in a file."""

    def __init__(self, model: SentenceTransformer, cache: Path, *, bfloat16: bool = False) -> None:
        """Take up the vectors in ``cache``, if it is there; multiply at 16 bits for others."""
        encode = partial(model.encode, normalize_embeddings=True, show_progress_bar=False)

        def encode_at(texts: list[str]) -> Vectors:
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                return encode(texts).astype(np.float32)

        self._vectors = KeptVectors(encode_at, cache)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of ``texts``, prompts included, (len(texts), dimension) float32."""
        return torch.from_numpy(self._vectors.of(texts))

    def save(self) -> None:
        """Write every vector to the cache."""
        self._vectors.save()
