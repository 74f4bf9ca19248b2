"""Vectors that are made once and kept in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.encoders.protocol import Vectors


class KeptVectors:
    """What an encoder makes of texts, each encoded once."""

    def __init__(self, encode: Callable[[list[str]], Vectors], file: Path) -> None:
        """Take up the vectors in ``file``, if it is there."""
        self._encode = encode
        self._file = file
        self._vectors: dict[str, Vectors] = {}
        if file.exists():
            with np.load(file) as stored:
                self._vectors = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        self._in_file = len(self._vectors)

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of ``texts``, (len(texts), dimension) float32."""
        keys = [sha256(text.encode()).hexdigest() for text in texts]
        missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in self._vectors}
        if missing:
            made = self._encode(list(missing.values()))
            self._vectors.update(zip(missing, made, strict=True))
        return np.stack([self._vectors[key] for key in keys])

    def save(self) -> None:
        """Write every vector to the file, if there is one that it has not."""
        if len(self._vectors) == self._in_file:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(
                file,
                keys=np.array(list(self._vectors)),
                vectors=np.stack(list(self._vectors.values())),
            )
        part.replace(self._file)
        self._in_file = len(self._vectors)
