"""What the index needs of an embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 of shape (texts, dimension), each row of unit length."""


States = NDArray[np.float16]
"""float16 of shape (tokens, hidden size): what the model's last layer makes of each token."""


class ByToken(NamedTuple):
    """Texts as vectors, and as the states of their tokens."""

    vectors: Vectors
    states: tuple[States, ...]
    """Without those of the prompt and of special tokens, the first ``MAX_TOKENS`` of
    ``index.encoders.token_states``; none where the model gives none."""


NO_STATES = np.zeros((0, 0), np.float16)


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a vector. Two vectors compare only where the hashes are equal."""

    name: str
    revision: str
    sha256: str
    """Of the weights, and of the prompts where the model is not the default one."""

    def __str__(self) -> str:
        return f"{self.name} ({self.revision}, {self.sha256[:12]})"


class Encoder(Protocol):
    """What the rest of the index needs of a model. Safe to use from several threads."""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""

    @property
    def engine(self) -> str:
        """What runs the model, in words for an operator."""

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (len(texts), dimension)."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences, shape (len(texts), dimension)."""

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode questions as vectors and by token, in one pass."""

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode passages or sentences as vectors and by token, in one pass."""


class Backend(StrEnum):
    """What runs a model."""

    OPENVINO = "openvino"
    """Compiled for this CPU; sentence-transformers where that is not possible."""
    SENTENCE_TRANSFORMERS = "sentence-transformers"
    """The reference."""


class Precision(StrEnum):
    """How the compiled model calculates."""

    F32 = "f32"
    BF16 = "bf16"
    """bfloat16 products with float32 sums: on CPUs that have them, twice as fast."""
    INT8 = "int8"
    """Weights and, where the CPU can, activations of 8 bits."""
