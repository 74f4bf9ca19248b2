"""Text to vectors: what the index needs of a model, and how it is named and loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.disk import anybody_may_change
from index import adapter, bundled
from index.adapter import Adapter, read_adapter
from index.errors import ModelError, ModelNotFound

Vectors = NDArray[np.float32]
"""float32 of shape (texts, dimension), each row of unit length."""


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


class Variant(StrEnum):
    """The forms of the default model, each by the name that stands for it in the settings."""

    ALIGNED = "bundled"
    """Its languages aligned with one another by the adapter that comes with this release."""
    PLAIN = "bundled:plain"
    """As it was published."""

    @classmethod
    def named(cls, model: str) -> Variant | None:
        """Return the form that ``model`` names; None if it names another model.

        Raises:
            ModelNotFound: it begins like one, but there is no such form.
        """
        if model.partition(":")[0] != cls.ALIGNED:
            return None
        if model not in set(cls):
            raise ModelNotFound(
                f"There is no model {model}. Name {cls.ALIGNED}, the default model with its "
                f"languages aligned, or {cls.PLAIN}, the same as it was published."
            )
        return cls(model)

    @classmethod
    def of(cls, sha256: str) -> Variant | None:
        """Return the form whose vectors bear that hash; None if they are another model's."""
        return next((variant for variant in cls if variant.sha256 == sha256), None)

    @property
    def sha256(self) -> str:
        """Of what the weights are made from: merging may round differently elsewhere."""
        if self is Variant.PLAIN:
            return bundled.WEIGHTS_SHA256
        return hashlib.sha256(f"{bundled.WEIGHTS_SHA256} {adapter.SHA256}".encode()).hexdigest()

    def adapter(self) -> Adapter | None:
        """Read what is to be merged into the weights, if anything.

        Raises:
            AdapterError: it cannot be used.
        """
        return read_adapter() if self is Variant.ALIGNED else None

    def identity(self) -> ModelIdentity:
        """Return which model this is; its weights are not read.

        Raises:
            AdapterError: its adapter cannot be used.
        """
        name, revision = bundled.NAME, bundled.revision()
        if change := self.adapter():
            name, revision = f"{name} aligned", f"{change.name}, {revision}"
        return ModelIdentity(name, revision, self.sha256)


DEFAULT_MODEL = Variant.ALIGNED.value
"""Name that stands for the embedded default model."""


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


def load_encoder(
    model: str,
    cache: Path,
    backend: Backend = Backend.OPENVINO,
    precision: Precision | None = None,
) -> Encoder:
    """Return the encoder for ``model``: a ``Variant``, a folder, or a name on a model hub.

    The default needs no network; it is unpacked below ``cache`` on first use. A folder is
    read from disk only. Any other name is sentence-transformers' to find, in its own cache
    or on the hub. Without a ``precision``, it is this CPU's own.

    Raises:
        ModelNotFound: there is no such model, or it is none that gives one vector a text.
        AdapterError: the default model's adapter cannot be used.
        PrecisionUnavailable: this CPU has no such precision.
        ModelError: the default model cannot be unpacked, or everybody may write to ``cache``.
    """
    _refuse_if_open(cache)
    if backend is Backend.SENTENCE_TRANSFORMERS:
        from index.reference import load_reference

        return load_reference(model, cache)

    from index.accelerated import load_accelerated

    return load_accelerated(model, cache, precision)


def _refuse_if_open(cache: Path) -> None:
    """Raise ModelError if every user of this machine may put a model of theirs into a cache."""
    places = (cache, *(cache / name for name in ("models", "compiled", "neutral", "identities")))
    for place in filter(anybody_may_change, places):
        raise ModelError(
            f"Every user of this machine may write to {place}, and so decide what is computed. "
            f"Take that right away: chmod o-w {place}"
        )
