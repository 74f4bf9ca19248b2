"""Writes a compiled form of a model, checked against the reference.

``index.encoders.openvino_bundled`` says what the default model's is made of, and
``index.encoders.openvino_torch`` what any other model's is.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import openvino
from openvino import opset13 as operations

from index.encoders import tokenizing
from index.encoders.checked_texts import Expected, checked_texts
from index.encoders.openvino import GRAPH, Compiled, OpenVINOEncoder, open_graph
from index.encoders.protocol import ModelIdentity, Precision, Vectors
from index.errors import CannotCompile

AGREEMENT: Final[Mapping[Precision, float]] = {
    Precision.F32: 0.9995,
    Precision.BF16: 0.9995,
    Precision.INT8: 0.99,
}
"""Lowest cosine between the compiled model's vector of a text and the reference's."""


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """What a compiled model is made of."""

    graph: openvino.Model
    """Float32, from tokens to vectors, and to the tokens' states if it gives them."""
    tokenizer: str
    """JSON of the library tokenizers."""
    compiled: Compiled
    identity: ModelIdentity
    expected: Expected
    """What the reference makes of ``checked_texts``."""


def compile_into(
    folder: Path, original: Original, core: openvino.Core, precision: Precision
) -> float:
    """Write the graph and the tokenizer into ``folder``; return how well they do.

    That is the lowest cosine with the reference over a set of texts in all languages.

    Raises:
        CannotCompile: the compiled model gives other vectors.
        OSError: ``folder`` cannot be written.
    """
    if precision is Precision.INT8:
        _to_int8(original.graph)
    try:
        # Weights in 16 bits, where they are not in 8.
        openvino.save_model(original.graph, folder / GRAPH)
    except RuntimeError as error:  # its word for a disk that is full
        raise OSError(errno.EIO, "not all of it could be written") from error
    tokenizing.write(folder, original.tokenizer)
    opened = open_graph(folder, core, precision, original.compiled)
    made = OpenVINOEncoder(opened, original.compiled, original.identity, "")
    agreement = _agreement(original.expected, made)
    if not agreement >= AGREEMENT[precision]:
        raise CannotCompile(
            f"Compiled at {precision}, the model's vectors differ from those of "
            f"sentence-transformers: cosine {agreement:.5f}, where at least "
            f"{AGREEMENT[precision]} is needed."
        )
    return agreement


def _to_int8(graph: openvino.Model) -> None:
    """Give every weight matrix 8 bits and, for each of its rows, a scale.

    Those are the matrices that activations are multiplied by and the tables that embeddings
    are taken from.
    """
    for node in graph.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in {"MatMul", "Gather"}:
            continue
        place = 1 if kind == "MatMul" else 0
        source = node.input_value(place).get_node()
        if source.get_type_name() != "Constant" or source.get_output_element_type(0) != (
            openvino.Type.f32
        ):
            continue
        weights = source.data
        if weights.ndim != 2:
            continue
        across = 1 if kind == "Gather" or node.get_attributes()["transpose_b"] else 0
        scale = np.abs(weights).max(axis=across, keepdims=True) / 127
        scale = np.maximum(scale, np.finfo(np.float32).tiny).astype(np.float32)
        rounded = np.round(weights / scale).astype(np.int8)
        restored = operations.multiply(
            operations.convert(operations.constant(rounded), "f32"), operations.constant(scale)
        )
        node.input(place).replace_source_output(restored.output(0))


def _agreement(expected: Expected, made: OpenVINOEncoder) -> float:
    texts = checked_texts()
    return float(
        np.minimum(
            _lowest_cosine(expected.questions, made.questions(texts.questions)),
            _lowest_cosine(expected.passages, made.passages(texts.passages)),
        )
    )


def _lowest_cosine(one: Vectors, other: Vectors) -> np.float32:
    """Return it by way of the distance, as a text without tokens has no length; NaN if one is."""
    cosines: Vectors = 1 - np.sum((one - other) ** 2, axis=1) / 2
    return np.float32(cosines.min())
