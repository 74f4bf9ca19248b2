"""From the reference encoder to a compiled one, checked against it.

It needs PyTorch and is needed once for each model, CPU and precision.
"""

from __future__ import annotations

import errno
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import openvino
import torch
from openvino import opset13 as operations
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from index.encoders import few_pieces
from index.encoders.background_texts import background_texts
from index.encoders.openvino import GRAPH, Compiled, OpenVINOEncoder, open_graph
from index.encoders.protocol import Precision, Vectors
from index.encoders.sentence_transformers import SentenceTransformerEncoder
from index.encoders.tokenizing import TOKENIZER
from index.errors import CannotCompile

AGREEMENT: Final[Mapping[Precision, float]] = {
    Precision.F32: 0.9995,
    Precision.BF16: 0.9995,
    Precision.INT8: 0.99,
}
"""Lowest cosine between the compiled model's vector of a text and the reference's."""


def compile_into(
    folder: Path,
    reference: SentenceTransformerEncoder,
    core: openvino.Core,
    precision: Precision,
) -> tuple[Compiled, float]:
    """Write the graph and the tokenizer into ``folder``; return what else is to be known.

    The number is the lowest cosine with the reference over a set of texts in all languages.

    Raises:
        CannotCompile: OpenVINO cannot convert the model, or it then gives other vectors.
        OSError: ``folder`` cannot be written.
    """
    graph = _converted(reference.model)
    compiled = _compiled(reference, gives_states=len(graph.outputs) > 1)
    if precision is Precision.INT8:
        _to_int8(graph)
    try:
        openvino.save_model(graph, folder / GRAPH)  # weights in 16 bits, where they are not in 8
    except RuntimeError as error:  # its word for a disk that is full
        raise OSError(errno.EIO, "not all of it could be written") from error
    tokenizer = reference.model.tokenizer.backend_tokenizer.to_str()
    (folder / TOKENIZER).write_text(tokenizer, "utf-8")
    few_pieces.write(folder, tokenizer)
    opened = open_graph(folder, core, precision, compiled)
    made = OpenVINOEncoder(opened, compiled, reference.identity, "")
    agreement = _agreement(reference, made)
    if not agreement >= AGREEMENT[precision]:
        raise CannotCompile(
            f"Compiled at {precision}, the model's vectors differ from those of "
            f"sentence-transformers: cosine {agreement:.5f}, where at least "
            f"{AGREEMENT[precision]} is needed."
        )
    return compiled, agreement


def _compiled(reference: SentenceTransformerEncoder, *, gives_states: bool) -> Compiled:
    tokenizer = reference.model.tokenizer
    if not hasattr(tokenizer, "backend_tokenizer") or tokenizer.padding_side != "right":
        raise CannotCompile("The model's tokenizer runs only in transformers.")
    return Compiled(
        dimension=reference.dimension,
        question_prompt=reference.question_prompt,
        passage_prompt=reference.passage_prompt,
        max_tokens=reference.model.get_max_seq_length(),
        pad=tokenizer.pad_token_id or 0,
        gives_states=gives_states,
    )


class _FromTokens(torch.nn.Module):
    """All of the model's modules, from tokens to the text's vector and the tokens' states."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        found = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
        outputs = (found.get(name) for name in ("sentence_embedding", "token_embeddings"))
        return tuple(output for output in outputs if output is not None)


def _converted(model: SentenceTransformer) -> openvino.Model:
    example = {
        "input_ids": torch.tensor([[0, 1, 2, 3], [0, 1, 2, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]),
    }
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tracing; what comes of it is checked
            return openvino.convert_model(_FromTokens(model).eval(), example_input=example)
    except Exception as error:  # whatever the tracer or the converter cannot do
        raise CannotCompile(
            f"OpenVINO cannot convert the model ({type(error).__name__})."
        ) from error
    finally:
        transformers_logging.set_verbosity(verbosity)


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


def _agreement(reference: SentenceTransformerEncoder, made: OpenVINOEncoder) -> float:
    by_language = {text.language: text for text in background_texts()}
    questions = [text.question for text in by_language.values()]
    passages = [text.passage for text in by_language.values()]
    passages += ["", " ".join(passages)]  # one of them is longer than what a model reads
    return float(
        np.minimum(
            _lowest_cosine(reference.questions(questions), made.questions(questions)),
            _lowest_cosine(reference.passages(passages), made.passages(passages)),
        )
    )


def _lowest_cosine(one: Vectors, other: Vectors) -> np.float32:
    """Return it by way of the distance, as a text without tokens has no length; NaN if one is."""
    cosines: Vectors = 1 - np.sum((one - other) ** 2, axis=1) / 2
    return np.float32(cosines.min())
