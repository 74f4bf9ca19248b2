"""From a model of sentence-transformers to OpenVINO's graph, by way of PyTorch."""

from __future__ import annotations

import sys
import warnings

import openvino
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from index.encoders.checked_texts import Expected, checked_texts
from index.encoders.openvino import Compiled
from index.encoders.openvino_export import Original
from index.encoders.sentence_transformers import SentenceTransformerEncoder
from index.errors import CannotCompile

if sys.modules.get("openvino.tools.ovc", ...) is None:
    del sys.modules["openvino.tools.ovc"]  # index/__init__.py says why it was hidden
from openvino.tools import ovc


def original_of(reference: SentenceTransformerEncoder) -> Original:
    """Return all that a compiled form of the reference encoder is made of.

    Raises:
        CannotCompile: OpenVINO cannot convert the model, or it has another kind of tokenizer.
    """
    graph = _converted(reference.model)
    texts = checked_texts()
    return Original(
        graph=graph,
        tokenizer=reference.model.tokenizer.backend_tokenizer.to_str(),
        compiled=_compiled(reference, gives_states=len(graph.outputs) > 1),
        identity=reference.identity,
        expected=Expected(reference.questions(texts.questions), reference.passages(texts.passages)),
    )


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
            return ovc.convert_model(_FromTokens(model).eval(), example_input=example)
    except Exception as error:  # whatever the tracer or the converter cannot do
        raise CannotCompile(
            f"OpenVINO cannot convert the model ({type(error).__name__})."
        ) from error
    finally:
        transformers_logging.set_verbosity(verbosity)
