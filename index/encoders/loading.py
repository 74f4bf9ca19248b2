"""From the settings' name of a model to an encoder."""

from __future__ import annotations

from pathlib import Path

from corpus.store.filesystem import anybody_may_change
from index.encoders.protocol import Backend, Encoder, Precision
from index.errors import ModelError


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
        from index.encoders.sentence_transformers import load_reference

        return load_reference(model, cache)

    from index.encoders.openvino_cache import load_compiled

    return load_compiled(model, cache, precision)


def _refuse_if_open(cache: Path) -> None:
    """Raise ModelError if every user of this machine may put a model of theirs into a cache."""
    places = (
        cache,
        *(cache / name for name in ("models", "compiled", "neutral", "identities", "languages")),
    )
    for place in filter(anybody_may_change, places):
        raise ModelError(
            f"Every user of this machine can write to {place}, and so change what the model "
            f"computes. Remove that permission: chmod o-w {place}"
        )
