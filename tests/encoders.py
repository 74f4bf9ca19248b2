"""A small encoder for tests that ask nothing of meaning. It passes the real one's suite."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from index.encoders.protocol import ByToken, ModelIdentity, Vectors


class WordEncoder:
    """Gives a text the sum of fixed directions, one for each of its words."""

    def __init__(self, dimension: int = 64, revision: str = "1") -> None:
        self._dimension = dimension
        sha256 = hashlib.sha256(f"words {revision}".encode()).hexdigest()
        self._identity = ModelIdentity("words", revision, sha256)
        self.encoded: list[str] = []
        """Every passage and sentence it was given, in order."""

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    @property
    def engine(self) -> str:
        return "words"

    @property
    def dimension(self) -> int:
        return self._dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        vectors = [self._vector(text) for text in texts]
        return np.array(vectors, np.float32).reshape(len(texts), self._dimension)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return self.questions(texts)

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        states = (
            np.array([self._direction(word) for word in text.lower().split()], np.float16).reshape(
                -1, self._dimension
            )
            for text in texts
        )
        return ByToken(self.questions(texts), tuple(states))

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        self.encoded += texts
        return self.questions_by_token(texts)

    def _vector(self, text: str) -> Vectors:
        words = text.lower().split() or [""]
        summed = np.sum([self._direction(word) for word in words], axis=0)
        unit: Vectors = (summed / np.linalg.norm(summed)).astype(np.float32)
        return unit

    def _direction(self, word: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(word.encode(errors="replace")).digest()[:8])
        drawn = np.random.default_rng(seed).standard_normal(self._dimension)
        return drawn.astype(np.float32)
