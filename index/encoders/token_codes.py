"""A sentence by its tokens, small enough to be kept for every sentence.

Each token's state is projected to DIMENSION numbers, brought to unit length, and kept at 4 bits a
number: late interaction with few bits (ColBERT, arXiv:2004.12832; ColBERTv2, arXiv:2112.01488).
A passage of the usual 160 tokens takes 5 KB. The projection is learnt with the reader
(``qa.reading``), and is of one encoder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from index.encoders.protocol import ModelIdentity, States, Vectors
from index.errors import ReaderDamaged

SHIPPED: Final = Path(__file__).with_name("token_projection.safetensors")
SHA256: Final = "e52775d7a205f77ae9e257e6c6b893afa503d4e5698e7930440a0cb95557c318"
"""Of ``token_projection.safetensors``; ``python -m training.reader`` prints it."""

DIMENSION: Final = 64

ENTRY: Final = "passerelle"
"""The one entry of a file's metadata, JSON: safetensors writes several in no fixed order."""

_LEVELS: Final = 7
"""Largest code; the smallest is -7, so a code and 8 fit into 4 bits."""

_HIGHEST: Final = 0.4
"""Of a component, from which all have the largest code: 3.2 standard deviations of 64 numbers at
unit length."""

_MIDDLE: Final = 8

NO_TOKEN: Final = bytes([_MIDDLE << 4 | _MIDDLE]) * (DIMENSION // 2)
"""The code of a token that is like no other, DIMENSION zeros: in place of the tokens of a sentence
that has none, such as one of a form feed."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenProjection:
    """What makes codes of tokens' states."""

    mean: Vectors
    """Shape (hidden size,): the mean state, which is taken off."""
    weights: Vectors
    """Shape (DIMENSION, hidden size)."""
    encoder: str
    """SHA-256 of the model whose states these are."""

    def project(self, states: States) -> Vectors:
        """Return tokens, shape (tokens, hidden size), as rows of DIMENSION numbers, unit length."""
        return unit_rows(np.asarray((states - self.mean) @ self.weights.T, np.float32))

    def encode(self, states: States) -> bytes:
        """Return the codes of a text's tokens, DIMENSION / 2 bytes each."""
        if not len(states):
            return b""
        levels = np.rint(self.project(states) * (_LEVELS / _HIGHEST))
        codes = (np.clip(levels, -_LEVELS, _LEVELS) + _MIDDLE).astype(np.uint8)
        packed: NDArray[np.uint8] = codes[:, ::2] << 4 | codes[:, 1::2]
        return packed.tobytes()


def decode(codes: bytes) -> Vectors:
    """Return the tokens that ``codes`` are of, (tokens, DIMENSION) float32, about unit length."""
    packed = np.frombuffer(codes, np.uint8).reshape(-1, DIMENSION // 2)
    tokens = np.empty((len(packed), DIMENSION), np.float32)
    tokens[:, ::2] = packed >> 4
    tokens[:, 1::2] = packed & 15
    restored: Vectors = (tokens - _MIDDLE) * np.float32(_HIGHEST / _LEVELS)
    return restored


def unit_rows(rows: NDArray[np.float32]) -> Vectors:
    """Return rows at unit length; one of nothing stays so."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def projection_for(encoder: ModelIdentity, path: Path = SHIPPED) -> TokenProjection | None:
    """Return the projection of an encoder's tokens; None if this release has none for it.

    Raises:
        ReaderDamaged: its file is missing, altered, or no such file at all.
    """
    projection = read_projection(path)
    return projection if projection.encoder == encoder.sha256 else None


def read_projection(path: Path = SHIPPED, *, sha256: str | None = SHA256) -> TokenProjection:
    """Read a projection's file, without arguments the one that comes with this release.

    Raises:
        ReaderDamaged: it is missing, altered, or no such file at all.
    """
    tensors, metadata = read_tensors(path, sha256)
    return TokenProjection(tensors["mean"], tensors["weights"], metadata["encoder"])


def read_tensors(path: Path, sha256: str | None) -> tuple[dict[str, Vectors], dict[str, Any]]:
    """Return a file's tensors as float32, and what its one entry of metadata says, ENTRY.

    Raises:
        ReaderDamaged: it is missing, has another SHA-256 than given, or is no safetensors file.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if sha256 is not None and found != sha256:
            raise ReaderDamaged(
                f"{path} has SHA-256 {found[:12]}…, not {sha256[:12]}…, so it is not the file this "
                "release came with. Reinstall passerelle."
            )
        with safe_open(path, "numpy") as file:
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
            return tensors, json.loads((file.metadata() or {})[ENTRY])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ReaderDamaged(f"{path} cannot be read: {error}. Reinstall passerelle.") from error
