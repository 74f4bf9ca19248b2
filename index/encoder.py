"""Text to vectors, by sentence-transformers."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index import adapter, bundled
from index.adapter import Adapter, read_adapter
from index.errors import ModelNotFound

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
"""float32 of shape (texts, dimension), each row of unit length."""


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


DEFAULT_MODEL = Variant.ALIGNED.value
"""Name that stands for the embedded default model."""

BATCH_TEXTS = 32
"""Texts the model is given at a time; sentence-transformers' own default."""


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
    """What the rest of the index needs of a model."""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions, shape (len(texts), dimension)."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences, shape (len(texts), dimension)."""


def load_encoder(model: str, cache: Path) -> Encoder:
    """Return the encoder for ``model``: a ``Variant``, a folder, or a name on a model hub.

    The default needs no network; it is unpacked below ``cache`` on first use. A folder is
    read from disk only. Any other name is sentence-transformers' to find, in its own cache
    or on the hub.

    Raises:
        ModelNotFound: there is no such model, or it is none that gives one vector a text.
        AdapterError: the default model's adapter cannot be used.
        ModelError: the default model cannot be unpacked.
    """
    if variant := Variant.named(model):
        return _load_bundled(variant, cache)
    local = os.path.isdir(model)  # noqa: PTH112, a name may be no possible path
    loaded = _load(model, local=local)
    revision = "folder" if local else str(getattr(_config(loaded), "_commit_hash", None) or "hub")
    return SentenceTransformerEncoder(
        loaded, ModelIdentity(model, revision, _weights_sha256(loaded))
    )


def _load_bundled(variant: Variant, cache: Path) -> Encoder:
    name, revision = bundled.NAME, bundled.revision()
    if change := variant.adapter():
        name, revision = f"{name} aligned", f"{change.name}, {revision}"
    folder = bundled.unpack(cache / "models", change)
    identity = ModelIdentity(name, revision, variant.sha256)
    return SentenceTransformerEncoder(_load(str(folder), local=True), identity)


class SentenceTransformerEncoder:
    """The reference encoder: a sentence-transformers model on the CPU."""

    def __init__(self, model: SentenceTransformer, identity: ModelIdentity) -> None:
        self._model = model
        self._identity = identity
        # The tokenizer keeps state between calls and refuses two threads at once.
        self._lock = threading.Lock()
        prompts = model.prompts
        self._question_prompt = prompts.get("query") or ""
        self._passage_prompt = prompts.get("document") or prompts.get("passage") or ""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        return self._identity

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        dimension = self._model.get_embedding_dimension()
        assert dimension is not None
        return dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the model's ``query`` prompt, if it has one."""
        return self._encode(texts, self._question_prompt)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences with the model's ``document`` or ``passage`` prompt."""
        return self._encode(texts, self._passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        with self._lock:
            vectors: Vectors = self._model.encode(
                list(texts),
                prompt=prompt,
                batch_size=BATCH_TEXTS,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return vectors.astype(np.float32, copy=False).reshape(len(texts), self.dimension)


def _load(model: str, *, local: bool) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(model, device="cpu", local_files_only=local)
    except Exception as error:  # each kind of broken model raises its own
        raise ModelNotFound(
            f"The model {model} could not be loaded: {_first_line(error)} Name a "
            "sentence-transformers model or its folder, or leave --model out for the default."
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".") + "."


def _config(model: SentenceTransformer) -> object:
    return getattr(getattr(model[0], "auto_model", None), "config", None)


def _weights_sha256(model: SentenceTransformer) -> str:
    """Return the SHA-256 of the weights as loaded, whatever files they came from."""
    import torch

    digest = hashlib.sha256(repr(sorted(model.prompts.items())).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
