"""Compiled models in the cache: opened where there is one for this CPU, compiled where not."""

from __future__ import annotations

import functools
import hashlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from index.encoders import cache_dirs, model_hash
from index.encoders.openvino import KERNELS, Compiled, Graph, OpenVINOEncoder, open_graph
from index.encoders.protocol import ModelIdentity, Precision
from index.encoders.sentence_transformers import SentenceTransformerEncoder, load_reference
from index.encoders.variants import Variant
from index.errors import CannotCompile, LibraryMissing, PrecisionUnavailable

if TYPE_CHECKING:
    from openvino import Core

    from index.encoders.openvino_export import Original

LAYOUT: Final = 3
"""Version of what is kept in the folder; part of its name, so a change compiles anew."""

AMX: Final = frozenset({"amx_bf16"})
"""Linux's name for the instructions that multiply matrices of bfloat16."""

VNNI: Final = frozenset({"avx512_vnni", "avx_vnni"})
"""Its names for those that multiply and add bytes."""

_OPEN: Final[WeakValueDictionary[tuple[bytes, Precision], Graph]] = WeakValueDictionary()
"""What this process has open, by its manifest, which has the files' hashes. To open the default
model takes 1.3 s of a CPU and 220 MB; who loads one that is in use needs neither."""

log = logging.getLogger(__name__)


def load_compiled(
    model: str, cache: Path, precision: Precision | None
) -> OpenVINOEncoder | SentenceTransformerEncoder:
    """Return the compiled encoder for ``model``, compiled now if it never was on this CPU.

    Where that is impossible it is the reference encoder, whose ``engine`` says why.

    Raises:
        ModelError: as ``load_encoder``.
    """
    reference: SentenceTransformerEncoder | None = None
    try:
        core = _core()
        precision = _chosen(core, model, precision)
        identity = model_hash.known(model, cache)
        if identity is None:
            reference = load_reference(model, cache)
            identity = reference.identity
            model_hash.remember(model, cache, identity)
        folder = cache / "compiled" / _folder_name(core, identity, precision)
        if kept := _kept(folder, core, identity, precision):
            return kept
        if variant := Variant.named(model):
            _compile(folder, partial(_bundled, variant), precision)
        else:
            reference = reference or load_reference(model, cache)
            _compile(folder, partial(_converted, reference), precision)
        return _open_compiled(folder, core, identity, precision)
    except CannotCompile as reason:
        reference = reference or _instead(model, cache, reason)
        log.warning("Encoding is several times slower than it could be: %s", reason)
        reference.engine = f"sentence-transformers. {reason}"
        return reference


def _instead(model: str, cache: Path, reason: CannotCompile) -> SentenceTransformerEncoder:
    try:
        return load_reference(model, cache)
    except LibraryMissing as error:  # an installation without PyTorch: the reason is to be mended
        raise LibraryMissing(f"{reason} Uncompiled, {error}") from error


def _core() -> Core:
    """Return OpenVINO's entrance.

    Raises:
        CannotCompile: there is no OpenVINO for this platform, or it does not start.
    """
    # oneDNN has no other way to be told; it looks when the first kernel is made.
    os.putenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KERNELS))
    try:
        from openvino import Core

        return _only(Core)
    except (ImportError, RuntimeError) as error:
        raise CannotCompile(f"OpenVINO cannot be used here ({error}).") from error


@functools.cache
def _only(entrance: type[Core]) -> Core:
    """Return the one that this process has for good.

    To let go of one on another thread than made it frees that thread's stack for signals, and the
    next signal ends the process.
    """
    return entrance()


def _chosen(core: Core, model: str, wanted: Precision | None) -> Precision:
    """Return the precision asked for, or the quickest on this CPU of those that find as much.

    Of int8 that is known with the aligned model only: docs/decisions/0034-int8.md.
    """
    has_bf16 = core.get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name() == "bf16"
    if wanted is Precision.BF16 and not has_bf16:
        raise PrecisionUnavailable(
            "This CPU has no instructions for bfloat16 (AVX512_BF16 or AMX). Unset "
            "PASSERELLE_PRECISION, or set it to f32 or int8."
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
) -> OpenVINOEncoder | None:
    """Return what was compiled before; None if there is none, or it is not what was written.

    Raises:
        CannotCompile: it was found before that the model cannot be compiled.
    """
    if not cache_dirs.is_whole(folder):
        return None
    with ThreadPoolExecutor(1) as beside:  # to read all of it takes 0.2 s
        hashes = beside.submit(cache_dirs.is_whole, folder, check_hashes=True)
        try:
            opened = _open_compiled(folder, core, identity, precision)
        except CannotCompile:
            raise
        except Exception as error:  # tokenizers raises nothing narrower
            log.warning("%s", error)
        else:
            if hashes.result():
                return opened
    log.warning("The compiled model in %s has changed and will be compiled again.", folder)
    try:
        cache_dirs.discard(folder)
    except OSError as error:
        raise _cannot_keep(folder, error) from error
    return None


def _bundled(variant: Variant) -> Original:
    from index.encoders import openvino_bundled

    return openvino_bundled.original_of(variant)


def _converted(reference: SentenceTransformerEncoder) -> Original:
    from index.encoders import openvino_torch

    return openvino_torch.original_of(reference)


def _compile(folder: Path, read: Callable[[], Original], precision: Precision) -> None:
    from index.encoders.openvino_export import compile_into

    def write(staging: Path) -> dict[str, Any]:
        try:
            original = read()
            agreement = compile_into(staging, original, _core(), precision)
            return {"compiled": asdict(original.compiled), "agreement": agreement}
        except CannotCompile as reason:
            return {"refused": str(reason)}

    try:
        cache_dirs.make(folder, write)
    except OSError as error:
        raise _cannot_keep(folder, error) from error


def _cannot_keep(folder: Path, error: OSError) -> CannotCompile:
    return CannotCompile(
        f"The compiled model cannot be stored in {folder.parent} ({error.strerror}). Free 250 MB "
        "there, or choose another folder with PASSERELLE_CACHE."
    )


def _open_compiled(
    folder: Path, core: Core, identity: ModelIdentity, precision: Precision
) -> OpenVINOEncoder:
    facts = cache_dirs.manifest(folder)
    if "refused" in facts:
        raise CannotCompile(facts["refused"])
    compiled = Compiled(**facts["compiled"])
    from openvino import get_version

    graph = _shared(folder, core, precision, compiled)
    engine = (
        f"OpenVINO {get_version().split('-')[0]}, {precision}, cosine to sentence-transformers at "
        f"least {facts['agreement']:.5f}"
    )
    return OpenVINOEncoder(graph, compiled, identity, engine)


def _shared(folder: Path, core: Core, precision: Precision, compiled: Compiled) -> Graph:
    """Return what an encoder of this process has open of the same files, or open them."""
    content = (folder / cache_dirs.MANIFEST).read_bytes()
    if (graph := _OPEN.get((content, precision))) is None:
        graph = _OPEN[content, precision] = open_graph(folder, core, precision, compiled)
    return graph
