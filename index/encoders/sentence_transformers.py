"""The reference: a model as sentence-transformers runs it, on PyTorch."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.encoders import bundled
from index.encoders.protocol import NO_STATES, ByToken, ModelIdentity, Vectors
from index.encoders.token_states import prompt_tokens, text_states
from index.encoders.variants import Variant
from index.errors import LibraryMissing, ModelNotFound

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_TEXTS = 32
"""Texts the model is given at a time; sentence-transformers' own default."""


class SentenceTransformerEncoder:
    """The reference encoder: a sentence-transformers model on the CPU."""

    def __init__(self, model: SentenceTransformer, identity: ModelIdentity, engine: str) -> None:
        self.model = model
        self._identity = identity
        self.engine = engine
        """Says that this is sentence-transformers, and why if it was not asked for."""
        # The tokenizer keeps state between calls and refuses two threads at once.
        self._lock = threading.Lock()
        prompts = model.prompts
        self.question_prompt = prompts.get("query") or ""
        self.passage_prompt = prompts.get("document") or prompts.get("passage") or ""

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        return self._identity

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        dimension = self.model.get_embedding_dimension()
        assert dimension is not None
        return dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the model's ``query`` prompt, if it has one."""
        return self._encode(texts, self.question_prompt)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences with the model's ``document`` or ``passage`` prompt."""
        return self._encode(texts, self.passage_prompt)

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode questions as vectors and by token, in one pass."""
        return self._encode_by_token(texts, self.question_prompt)

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode passages or sentences as vectors and by token, in one pass."""
        return self._encode_by_token(texts, self.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        with self._lock:
            vectors: Vectors = self.model.encode(
                list(texts),
                prompt=prompt,
                batch_size=BATCH_TEXTS,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return vectors.astype(np.float32, copy=False).reshape(len(texts), self.dimension)

    def _encode_by_token(self, texts: Sequence[str], prompt: str) -> ByToken:
        tokenizer = getattr(self.model.tokenizer, "backend_tokenizer", None)
        if tokenizer is None:
            return ByToken(self._encode(texts, prompt), (NO_STATES,) * len(texts))
        with self._lock:
            found: Any = self.model.encode(
                list(texts),
                prompt=prompt,
                batch_size=BATCH_TEXTS,
                output_value=None,
                show_progress_bar=False,
            )
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        states = []
        for row, text in enumerate(found):
            vectors[row] = text["sentence_embedding"].float().numpy()
            own = text["token_embeddings"].half().numpy()[: int(text["attention_mask"].sum())]
            states.append(text_states(own, prompt_tokens(tokenizer.encode, prompt)))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return ByToken(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), tuple(states))


def load_reference(
    model: str, cache: Path, engine: str = "sentence-transformers"
) -> SentenceTransformerEncoder:
    """Return sentence-transformers' encoder for ``model``, as ``index.encoders.protocol`` names it.

    Raises:
        LibraryMissing: sentence-transformers, or what it needs, is not installed.
        ModelError: as ``load_encoder``.
    """
    library = _library(model)  # first: without it nothing is unpacked
    if variant := Variant.named(model):
        folder = bundled.unpack(cache / "models", variant.adapter(), check_hashes=True)
        loaded, identity = _load(library, str(folder), local=True), variant.identity()
    else:
        local = is_folder(model)
        loaded = _load(library, model, local=local)
        commit = getattr(_config(loaded), "_commit_hash", None)
        revision = "folder" if local else str(commit or "hub")
        identity = ModelIdentity(model, revision, _weights_sha256(loaded))
    return SentenceTransformerEncoder(loaded, identity, engine)


def is_folder(model: str) -> bool:
    """Tell whether ``model`` is a folder; a name may be no possible path."""
    return os.path.isdir(model)  # noqa: PTH112


def _library(model: str) -> type[SentenceTransformer]:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise LibraryMissing(
            f"{model} is to be run by sentence-transformers, and {error.name} is not installed. "
            "Run `pip install sentence-transformers`, or use the default model, compiled."
        ) from error
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer


def _load(library: type[SentenceTransformer], model: str, *, local: bool) -> SentenceTransformer:
    try:
        return library(model, device="cpu", local_files_only=local)
    except Exception as error:  # each kind of broken model raises its own
        raise ModelNotFound(
            f"The model {model} could not be loaded: {_first_line(error)} Give the name or folder "
            "of a sentence-transformers model, or leave out --model for the default."
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
