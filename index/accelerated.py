"""The same encoder, compiled by OpenVINO for this CPU.

``index.compiling`` makes the compiled form out of the reference encoder, once for each model,
CPU and precision, in a folder of the cache. From then on neither PyTorch nor transformers is
loaded.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from index import folders, identities
from index.batches import BATCH_TOKENS, POLITE_SECONDS, POLITE_TOKENS, batches
from index.encoder import ModelIdentity, Precision, Variant, Vectors
from index.errors import CannotAccelerate, PrecisionUnavailable
from index.reference import SentenceTransformerEncoder, load_reference

if TYPE_CHECKING:
    from openvino import CompiledModel, Core
    from tokenizers import Encoding, Tokenizer

LAYOUT: Final = 1
"""Version of what is kept in the folder; part of its name, so a change compiles anew."""

GRAPH: Final = "model.xml"
TOKENIZER: Final = "tokenizer.json"

KERNELS: Final = 128
"""Compiled kernels that each of two caches keeps, OpenVINO's and oneDNN's below it. A batch of
another shape needs new ones, which take 0.4 MB and under 5 ms. The libraries would keep 5,000 and
1,024: a server's memory then grows for hours. docs/decisions/0031-few-kernels-kept.md"""

AMX: Final = frozenset({"amx_bf16"})
"""Linux's name for the instructions that multiply matrices of bfloat16."""

VNNI: Final = frozenset({"avx512_vnni", "avx_vnni"})
"""Its names for those that multiply and add bytes."""

_HINTS: Final[Mapping[Precision, Mapping[str, str]]] = {
    Precision.F32: {"INFERENCE_PRECISION_HINT": "f32"},
    Precision.BF16: {"INFERENCE_PRECISION_HINT": "bf16"},
    Precision.INT8: {
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": "384",
    },
}

log = logging.getLogger(__name__)


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


class AcceleratedEncoder:
    """A compiled model."""

    def __init__(
        self,
        network: CompiledModel,
        tokenizer: Tokenizer,
        compiled: Compiled,
        identity: ModelIdentity,
        engine: str,
    ) -> None:
        self._request = network.create_infer_request()
        # It holds one input and one output; every call uses all cores anyway. Who waits for it
        # holds the second lock, so that a question goes before an ingest's next batch.
        self._busy, self._next = threading.Lock(), threading.Lock()
        self._asked = -math.inf
        self._tokenizer = tokenizer
        self._compiled = compiled
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
        self._asked = monotonic()
        return self._encode(texts, self._compiled.question_prompt, lambda: BATCH_TOKENS)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Encode passages or sentences with the model's ``document`` or ``passage`` prompt."""
        return self._encode(texts, self._compiled.passage_prompt, self._polite_tokens)

    def _polite_tokens(self) -> int:
        return POLITE_TOKENS if monotonic() - self._asked < POLITE_SECONDS else BATCH_TOKENS

    def _encode(self, texts: Sequence[str], prompt: str, budget: Callable[[], int]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        tokenized = self._tokenizer.encode_batch_fast([prompt + text for text in texts])
        left = [len(tokens) for tokens in tokenized]
        while places := next(batches(left, budget()), None):
            vectors[places] = self._run([tokenized[place] for place in places])
            for place in places:
                left[place] = 0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def _run(self, tokenized: Sequence[Encoding]) -> Vectors:
        longest = max(len(tokens) for tokens in tokenized)
        ids = np.full((len(tokenized), longest), self._compiled.pad, np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(tokenized):
            ids[row, : len(tokens)] = tokens.ids
            mask[row, : len(tokens)] = 1
        with self._next:
            self._busy.acquire()
        try:
            self._request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
            vectors: Vectors = self._request.get_output_tensor(0).data.copy()
        finally:
            self._busy.release()
        return vectors


def load_accelerated(
    model: str, cache: Path, precision: Precision | None
) -> AcceleratedEncoder | SentenceTransformerEncoder:
    """Return the compiled encoder for ``model``, compiled now if it never was on this CPU.

    Where that is impossible it is the reference encoder, whose ``engine`` says why.

    Raises:
        ModelError: as ``load_encoder``.
    """
    reference: SentenceTransformerEncoder | None = None
    try:
        core = _core()
        precision = _chosen(core, model, precision)
        identity = identities.known(model, cache)
        if identity is None:
            reference = load_reference(model, cache)
            identity = reference.identity
            identities.remember(model, cache, identity)
        folder = cache / "compiled" / _folder_name(core, identity, precision)
        if kept := _kept(folder, core, identity, precision):
            return kept
        reference = reference or load_reference(model, cache)
        _compile(folder, reference, precision)
        return _open_compiled(folder, core, identity, precision)
    except CannotAccelerate as reason:
        log.warning("Encoding is several times slower than it could be: %s", reason)
        reference = reference or load_reference(model, cache)
        reference.engine = f"sentence-transformers. {reason}"
        return reference


def open_graph(
    folder: Path, core: Core, precision: Precision, compiled: Compiled
) -> tuple[CompiledModel, Tokenizer]:
    """Load what ``index.compiling`` wrote into ``folder``."""
    from tokenizers import Tokenizer

    hints = {
        "PERFORMANCE_HINT": "LATENCY",
        "CPU_RUNTIME_CACHE_CAPACITY": str(KERNELS),
        **_HINTS[precision],
    }
    with ThreadPoolExecutor(1) as pool:
        network = pool.submit(core.compile_model, folder / GRAPH, "CPU", hints)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.no_padding()
        if compiled.max_tokens is None:
            tokenizer.no_truncation()
        else:
            tokenizer.enable_truncation(compiled.max_tokens)
        return network.result(), tokenizer


def _core() -> Core:
    """Return OpenVINO's entrance.

    Raises:
        CannotAccelerate: there is no OpenVINO for this platform, or it does not start.
    """
    # oneDNN has no other way to be told; it looks when the first kernel is made.
    os.putenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KERNELS))
    try:
        from openvino import Core

        return Core()
    except (ImportError, RuntimeError) as error:
        raise CannotAccelerate(f"OpenVINO cannot be used here ({error}).") from error


def _chosen(core: Core, model: str, wanted: Precision | None) -> Precision:
    """Return the precision asked for, or the quickest on this CPU of those that find as much.

    Of int8 that is known with the aligned model only: docs/decisions/0034-int8.md.
    """
    has_bf16 = core.get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name() == "bf16"
    if wanted is Precision.BF16 and not has_bf16:
        raise PrecisionUnavailable(
            "This CPU has no instructions for bfloat16 (AVX512_BF16 or AMX). Leave "
            "PASSERELLE_PRECISION out, or set it to f32 or int8."
        )
    if wanted:
        return wanted
    flags = _cpu_flags()
    if flags & VNNI and not flags & AMX and model == Variant.ALIGNED:
        return Precision.INT8
    return Precision.BF16 if has_bf16 else Precision.F32


def _cpu_flags() -> frozenset[str]:
    """Return what Linux says the CPU can do; nothing elsewhere, or if it says nothing."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def _folder_name(core: Core, identity: ModelIdentity, precision: Precision) -> str:
    from openvino import get_version

    abilities = sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    cpu = f"{core.get_property('CPU', 'FULL_DEVICE_NAME')} {abilities}"
    place = hashlib.sha256(f"{cpu} {get_version()} {LAYOUT}".encode()).hexdigest()
    return f"{identity.sha256[:16]}-{precision}-{place[:12]}"


def _kept(
    folder: Path, core: Core, identity: ModelIdentity, precision: Precision
) -> AcceleratedEncoder | None:
    """Return what was compiled before; None if there is none, or it is not what was written.

    Raises:
        CannotAccelerate: it was found before that the model cannot be compiled.
    """
    if not folders.is_whole(folder):
        return None
    with ThreadPoolExecutor(1) as beside:  # to read all of it takes 0.2 s
        hashes = beside.submit(folders.is_whole, folder, check_hashes=True)
        try:
            opened = _open_compiled(folder, core, identity, precision)
        except CannotAccelerate:
            raise
        except Exception as error:  # tokenizers raises nothing narrower
            log.warning("%s", error)
        else:
            if hashes.result():
                return opened
    log.warning("The compiled model in %s was altered and is made anew.", folder)
    try:
        folders.discard(folder)
    except OSError as error:
        raise _cannot_keep(folder, error) from error
    return None


def _compile(folder: Path, reference: SentenceTransformerEncoder, precision: Precision) -> None:
    from index.compiling import compile_into

    def write(staging: Path) -> dict[str, Any]:
        try:
            compiled, agreement = compile_into(staging, reference, _core(), precision)
            return {"compiled": asdict(compiled), "agreement": agreement}
        except CannotAccelerate as reason:
            return {"refused": str(reason)}

    try:
        folders.make(folder, write)
    except OSError as error:
        raise _cannot_keep(folder, error) from error


def _cannot_keep(folder: Path, error: OSError) -> CannotAccelerate:
    return CannotAccelerate(
        f"The compiled model cannot be kept in {folder.parent} ({error.strerror}). Make room for "
        "250 MB, or name another folder with PASSERELLE_CACHE."
    )


def _open_compiled(
    folder: Path, core: Core, identity: ModelIdentity, precision: Precision
) -> AcceleratedEncoder:
    facts = folders.manifest(folder)
    if "refused" in facts:
        raise CannotAccelerate(facts["refused"])
    compiled = Compiled(**facts["compiled"])
    from openvino import get_version

    network, tokenizer = open_graph(folder, core, precision, compiled)
    engine = (
        f"OpenVINO {get_version().split('-')[0]}, {precision}, at least {facts['agreement']:.5f} "
        "like sentence-transformers"
    )
    return AcceleratedEncoder(network, tokenizer, compiled, identity, engine)
