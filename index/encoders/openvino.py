"""The same encoder, compiled by OpenVINO for this CPU.

``index.encoders.openvino_export`` makes the compiled form, once for each model, CPU and precision.
The default model's needs neither PyTorch nor transformers; from then on no other model's does.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import numpy as np

from index.encoders.batching import BATCH_TOKENS, POLITE_SECONDS, POLITE_TOKENS, batches
from index.encoders.protocol import NO_STATES, ByToken, ModelIdentity, Precision, States, Vectors
from index.encoders.token_states import prompt_tokens, text_states
from index.encoders.tokenizing import TextTokenizer

if TYPE_CHECKING:
    from openvino import CompiledModel, Core

GRAPH: Final = "model.xml"

KERNELS: Final = 128
"""Compiled kernels that each of two caches keeps, OpenVINO's and oneDNN's below it. A batch of
another shape needs new ones, which take 0.4 MB and under 5 ms. The libraries would keep 5,000 and
1,024: a server's memory then grows for hours. docs/decisions/0031-few-kernels-kept.md"""

_HINTS: Final[Mapping[Precision, Mapping[str, str]]] = {
    Precision.F32: {"INFERENCE_PRECISION_HINT": "f32"},
    Precision.BF16: {"INFERENCE_PRECISION_HINT": "bf16"},
    Precision.INT8: {
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": "384",
    },
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is known of a compiled model beside its graph and its tokenizer."""

    dimension: int
    question_prompt: str
    passage_prompt: str
    max_tokens: int | None
    """Of a text, special ones included; None for no limit."""
    pad: int
    """Token that shorter texts of a batch are filled up with."""
    gives_states: bool
    """Whether the graph has a second output, the tokens' states."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Graph:
    """What was opened. Several encoders may share it."""

    network: CompiledModel
    tokenizer: TextTokenizer


class OpenVINOEncoder:
    """A compiled model."""

    def __init__(
        self, graph: Graph, compiled: Compiled, identity: ModelIdentity, engine: str
    ) -> None:
        self._graph = graph
        self._request = graph.network.create_infer_request()
        # It holds one input and one output; every call uses all cores anyway. Who waits for it
        # holds the second lock, so that a question goes before an ingest's next batch.
        self._busy, self._next = threading.Lock(), threading.Lock()
        self._asked = -math.inf
        self._compiled = compiled
        self._beginnings = {
            prompt: prompt_tokens(lambda text: graph.tokenizer.questions([text])[0], prompt)
            for prompt in (compiled.question_prompt, compiled.passage_prompt)
        }
        self._identity = identity
        self._engine = engine

    @property
    def identity(self) -> ModelIdentity:
        """The model that makes the vectors."""
        return self._identity

    @property
    def engine(self) -> str:
        """Names OpenVINO, the precision, and how well it agrees with the reference."""
        return self._engine

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return self._compiled.dimension

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Encode questions with the model's ``query`` prompt, if it has one."""
        return self.questions_by_token(texts).vectors

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences with the model's ``document`` or ``passage`` prompt."""
        return self.passages_by_token(texts).vectors

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode questions as vectors and by token, in one pass."""
        self._asked = monotonic()
        prompt = self._compiled.question_prompt
        tokenized = self._graph.tokenizer.questions([prompt + text for text in texts])
        return self._encode(tokenized, prompt, lambda: BATCH_TOKENS)

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        """Encode passages or sentences as vectors and by token, in one pass."""
        prompt = self._compiled.passage_prompt
        tokenized = self._graph.tokenizer.passages([prompt + text for text in texts])
        return self._encode(tokenized, prompt, self._polite_tokens)

    def _polite_tokens(self) -> int:
        return POLITE_TOKENS if monotonic() - self._asked < POLITE_SECONDS else BATCH_TOKENS

    def _encode(
        self, tokenized: Sequence[Sequence[int]], prompt: str, budget: Callable[[], int]
    ) -> ByToken:
        vectors = np.zeros((len(tokenized), self.dimension), np.float32)
        states = [NO_STATES] * len(tokenized)
        left = [len(tokens) for tokens in tokenized]
        while places := next(batches(left, budget()), None):
            vectors[places], of_tokens = self._run([tokenized[place] for place in places])
            for place, of_text in zip(places, of_tokens, strict=True):
                states[place] = text_states(of_text[: left[place]], self._beginnings[prompt])
                left[place] = 0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return ByToken(unit, tuple(states))

    def _run(self, tokenized: Sequence[Sequence[int]]) -> tuple[Vectors, States]:
        """Return the texts' vectors, and their tokens' states, (texts, tokens, hidden size)."""
        longest = max(len(tokens) for tokens in tokenized)
        ids = np.full((len(tokenized), longest), self._compiled.pad, np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(tokenized):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        with self._next:
            self._busy.acquire()
        try:
            self._request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
            vectors: Vectors = self._request.get_output_tensor(0).data.copy()
            states = self._states(len(tokenized))
        finally:
            self._busy.release()
        return vectors, states

    def _states(self, texts: int) -> States:
        if not self._compiled.gives_states:
            return np.zeros((texts, 0, 0), np.float16)
        of_tokens: States = self._request.get_output_tensor(1).data.astype(np.float16)
        return of_tokens


def open_graph(folder: Path, core: Core, precision: Precision, compiled: Compiled) -> Graph:
    """Load what ``index.encoders.openvino_export`` wrote into ``folder``."""
    hints = {
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": str(KERNELS),
        **_HINTS[precision],
    }
    with ThreadPoolExecutor(1) as pool:
        network = pool.submit(core.compile_model, folder / GRAPH, "CPU", hints)
        tokenizer = TextTokenizer(folder, compiled.max_tokens)
        return Graph(network.result(), tokenizer)
