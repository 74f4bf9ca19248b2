"""The untouched model, whose vectors of English texts the student learns."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor


class Teacher:
    """Encodes English texts, each once: what it made is kept in a file."""

    def __init__(self, model: SentenceTransformer, cache: Path) -> None:
        """Take up the vectors in ``cache``, if it is there."""
        self._model = model
        self._cache = cache
        self._vectors: dict[str, np.ndarray] = {}
        if cache.exists():
            with np.load(cache) as stored:
                self._vectors = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of ``texts``, prompts included, (len(texts), dimension) float32."""
        keys = [sha256(text.encode()).hexdigest() for text in texts]
        missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in self._vectors}
        if missing:
            made = self._model.encode(
                list(missing.values()), normalize_embeddings=True, show_progress_bar=False
            )
            self._vectors.update(zip(missing, made, strict=True))
        return torch.from_numpy(np.stack([self._vectors[key] for key in keys]))

    def save(self) -> None:
        """Write every vector to the cache."""
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        part = self._cache.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(
                file,
                keys=np.array(list(self._vectors)),
                vectors=np.stack(list(self._vectors.values())),
            )
        part.replace(self._cache)
