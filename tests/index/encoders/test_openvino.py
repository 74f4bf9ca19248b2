"""The compiled encoder, and what is done where there can be none."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.encoders import cache_dirs, checked_texts, openvino_cache, openvino_export
from index.encoders.background_texts import background_texts
from index.encoders.loading import load_encoder
from index.encoders.openvino import OpenVINOEncoder
from index.encoders.protocol import Backend, Encoder, Precision
from index.errors import LibraryMissing, ModelDamaged, PrecisionUnavailable

REFERENCE = "sentence-transformers"


@pytest.mark.parametrize("precision", Precision)
def test_it_gives_the_vectors_of_the_reference(
    precision: Precision, cache: Path, reference: Encoder
) -> None:
    """So those in a catalogue can be used by both, and bear the same hash."""
    try:
        encoder = load_encoder("bundled", cache, precision=precision)
    except PrecisionUnavailable as reason:
        pytest.skip(str(reason))
    assert encoder.engine.startswith("OpenVINO")
    assert reference.engine == REFERENCE
    assert encoder.identity == reference.identity
    texts = [text.passage for text in background_texts()[::5]]
    for one, other in (
        (encoder.questions(texts), reference.questions(texts)),
        (encoder.passages(texts), reference.passages(texts)),
    ):
        assert np.sum(one * other, axis=1).min() > openvino_export.AGREEMENT[precision]


@pytest.mark.parametrize(
    ("variant", "fixture"), [("bundled", "reference"), ("bundled:plain", "plain_encoder")]
)
def test_the_shipped_vectors_are_the_references(
    variant: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    """If not, write them again: python -m training.reference_vectors."""
    encoder: Encoder = request.getfixturevalue(fixture)
    texts, shipped = checked_texts.checked_texts(), checked_texts.shipped_vectors(variant)
    for one, other in (
        (shipped.questions, encoder.questions(texts.questions)),
        (shipped.passages, encoder.passages(texts.passages)),
    ):
        assert openvino_export._lowest_cosine(one, other) > 0.99999


def test_shipped_vectors_that_cannot_be_read_are_damage(tmp_path: Path) -> None:
    (tmp_path / "vectors.npz").write_bytes(b"PK")
    with pytest.raises(ModelDamaged, match="Reinstall"):
        checked_texts.shipped_vectors("bundled", tmp_path / "vectors.npz")
    with pytest.raises(ModelDamaged, match="Reinstall"):
        checked_texts.shipped_vectors("bundled:other")


_WITHOUT_TORCH = (
    "import sys\n"
    "from pathlib import Path\n"
    "for name in ('torch', 'transformers', 'sentence_transformers'):\n"
    "    sys.modules[name] = None\n"
    "from index.encoders.loading import load_encoder\n"
    "from index.errors import LibraryMissing\n"
    "cache = Path(sys.argv[1])\n"
    "print(load_encoder('bundled', cache).engine)\n"
    "try:\n"
    "    load_encoder(sys.argv[2], cache)\n"
    "except LibraryMissing as error:\n"
    "    print(error)\n"
)


def test_the_default_model_is_compiled_without_pytorch_and_another_says_what_it_needs(
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    command = [sys.executable, "-c", _WITHOUT_TORCH, str(tmp_path), str(tmp_path / "other")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    compiled, refused = done.stdout.splitlines()
    assert compiled.startswith("OpenVINO")
    assert "pip install sentence-transformers" in refused
    assert not (tmp_path / "models").exists()  # nor does it need the weights once more


_LOAD = (
    "import json, sys\n"
    "from pathlib import Path\n"
    "from index.encoders.loading import load_encoder\n"
    "encoder = load_encoder(sys.argv[1], Path(sys.argv[2]))\n"
    "print(json.dumps([encoder.engine, encoder.identity.sha256, encoder.identity.revision,\n"
    "                  encoder.questions(['quand ?']).tolist(), sorted(sys.modules)]))\n"
)


def _loaded(model: str, cache: Path, **environment: str) -> Any:
    """Load a model in a process of its own; return what it says of it."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, model, str(cache)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return json.loads(done.stdout)


HEAVY = {"torch", "transformers", "sentence_transformers"}


def test_once_it_is_compiled_neither_pytorch_nor_transformers_is_loaded(
    small_model: Path, tmp_path: Path
) -> None:
    first = load_encoder(str(small_model), tmp_path)
    engine, sha256, _, vectors, modules = _loaded(str(small_model), tmp_path)
    assert engine == first.engine
    assert engine.startswith("OpenVINO")
    assert sha256 == first.identity.sha256
    np.testing.assert_allclose(vectors, first.questions(["quand ?"]), atol=1e-6)
    assert not HEAVY & set(modules)


def test_nor_for_a_model_that_was_fetched_from_a_hub(small_model: Path, tmp_path: Path) -> None:
    """One process compiles it; the next one finds what it made."""
    hub = tmp_path / "hub" / "models--someone--small"
    shutil.copytree(small_model, hub / "snapshots" / "c0ffee")
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text("c0ffee")
    offline = {"HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    first, again = (_loaded("someone/small", tmp_path, **offline) for _ in range(2))
    assert first[0].startswith("OpenVINO")
    assert (again[0], again[1], again[3]) == (first[0], first[1], first[3])
    assert again[2] == "c0ffee"
    assert set(first[4]) >= HEAVY
    assert not HEAVY & set(again[4])


_ENCODE_IN_MANY_SHAPES = (
    "import sys\n"
    "from pathlib import Path\n"
    "from index.encoders.loading import load_encoder\n"
    "encoder = load_encoder(sys.argv[1], Path(sys.argv[2]))\n"
    "pages = []\n"
    "for words in range(300, 0, -1):\n"
    "    encoder.questions(['quand ' * words])\n"
    "    pages.append(int(Path('/proc/self/statm').read_text().split()[1]))\n"
    "print(pages[99], pages[299])\n"
)


def test_memory_does_not_grow_with_every_new_length_of_text(
    small_model: Path, tmp_path: Path
) -> None:
    load_encoder(str(small_model), tmp_path)
    command = [sys.executable, "-c", _ENCODE_IN_MANY_SHAPES, str(small_model), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    third, whole = (int(pages) * resource.getpagesize() / 2**20 for pages in done.stdout.split())
    assert whole - third < 30


def test_two_encoders_of_one_model_have_it_open_once_and_the_last_one_lets_go_of_it(
    small_model: Path, tmp_path: Path
) -> None:
    one, other = (load_encoder(str(small_model), tmp_path) for _ in range(2))
    assert isinstance(one, OpenVINOEncoder)
    assert isinstance(other, OpenVINOEncoder)
    assert one._graph is other._graph
    np.testing.assert_array_equal(one.questions(["quand ?"]), other.questions(["quand ?"]))
    graph = weakref.ref(one._graph)
    del one
    assert graph() is not None
    del other
    assert graph() is None


def test_another_precision_of_a_model_in_use_is_opened_by_itself(
    small_model: Path, tmp_path: Path
) -> None:
    one, other = (
        load_encoder(str(small_model), tmp_path, precision=precision)
        for precision in (Precision.F32, Precision.INT8)
    )
    assert isinstance(one, OpenVINOEncoder)
    assert isinstance(other, OpenVINOEncoder)
    assert one._graph is not other._graph


def test_openvino_tells_nobody_that_it_is_used(encoder: Encoder) -> None:
    """Its telemetry package would, at every import, without having asked."""
    assert encoder.engine.startswith("OpenVINO")
    assert not [name for name in sys.modules if name.startswith("openvino_telemetry.")]


@pytest.mark.parametrize("precision", [Precision.F32, Precision.INT8])
def test_each_precision_has_a_compiled_form_of_its_own(
    small_model: Path, tmp_path: Path, precision: Precision
) -> None:
    plain = load_encoder(str(small_model), tmp_path, Backend.SENTENCE_TRANSFORMERS)
    made = load_encoder(str(small_model), tmp_path, precision=precision)
    assert f", {precision}, " in made.engine
    without_tokens = ""
    vectors = made.questions(["quand ?", "quand quand", without_tokens])
    cosines = np.sum(vectors[:2] * plain.questions(["quand ?", "quand quand"]), axis=1)
    assert cosines.min() >= openvino_export.AGREEMENT[precision]
    assert not vectors[2].any()
    (folder,) = (tmp_path / "compiled").iterdir()
    assert precision in folder.name
    assert cache_dirs.is_whole(folder, check_hashes=True)


class _Cpu:
    """What OpenVINO says of a CPU with or without bfloat16."""

    def __init__(self, hint: str) -> None:
        self._hint = hint

    def get_property(self, *_: str) -> object:
        from openvino import Type

        return getattr(Type, self._hint)


@pytest.mark.parametrize(
    ("hint", "flags", "quickest"),
    [
        ("f32", "avx2", Precision.F32),
        ("f32", "avx2 avx_vnni", Precision.INT8),
        ("bf16", "avx2 avx512_vnni avx512_bf16", Precision.INT8),
        ("bf16", "avx2 avx512_vnni avx512_bf16 amx_bf16 amx_int8", Precision.BF16),
        ("bf16", "", Precision.BF16),
        ("f32", "", Precision.F32),
    ],
)
def test_the_precision_is_the_cpus_quickest(
    hint: str, flags: str, quickest: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_cache, "_cpu_flags", lambda: frozenset(flags.split()))
    assert openvino_cache._chosen(_Cpu(hint), "bundled", None) is quickest


@pytest.mark.parametrize("model", ["bundled:plain", "intfloat/multilingual-e5-base"])
def test_a_model_that_was_not_measured_at_8_bits_has_more(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_cache, "_cpu_flags", lambda: frozenset({"avx512_vnni"}))
    assert openvino_cache._chosen(_Cpu("f32"), model, None) is Precision.F32


def test_a_precision_that_the_cpu_does_not_have_is_refused_with_the_remedy() -> None:
    with pytest.raises(PrecisionUnavailable, match="PASSERELLE_PRECISION"):
        openvino_cache._chosen(_Cpu("f32"), "bundled", Precision.BF16)


def test_one_that_gives_other_vectors_is_not_used_and_not_tried_again(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible: Mapping[Precision, float] = dict.fromkeys(Precision, 1.1)
    monkeypatch.setattr(openvino_export, "AGREEMENT", impossible)
    refused = load_encoder(str(small_model), tmp_path)
    assert refused.engine.startswith(REFERENCE)
    assert "vectors differ" in refused.engine
    assert np.isfinite(refused.questions(["quand ?"])).all()
    monkeypatch.undo()
    assert load_encoder(str(small_model), tmp_path).engine == refused.engine


def test_a_model_that_cannot_be_converted_is_run_by_the_reference(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr("index.encoders.openvino_torch.ovc.convert_model", refuse)
    loaded = load_encoder(str(small_model), tmp_path)
    assert loaded.engine.startswith(REFERENCE)
    assert "cannot convert" in loaded.engine


def test_without_openvino_the_reference_is_used(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    loaded = load_encoder(str(small_model), tmp_path)
    assert loaded.engine.startswith(REFERENCE)
    assert "OpenVINO cannot be used here" in loaded.engine


def test_a_cache_that_cannot_be_written_leaves_the_reference_and_names_the_remedy(
    small_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "compiled").write_text("a file")
    loaded = load_encoder(str(small_model), tmp_path)
    assert loaded.engine.startswith(REFERENCE)
    assert "PASSERELLE_CACHE" in loaded.engine


def test_a_disk_that_is_full_leaves_the_reference_and_nothing_half_done(
    small_model: Path, tmp_path: Path
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        loaded = load_encoder(str(small_model), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert loaded.engine.startswith(REFERENCE)
    assert "PASSERELLE_CACHE" in loaded.engine
    assert list((tmp_path / "compiled").iterdir()) == []
    assert load_encoder(str(small_model), tmp_path).engine.startswith("OpenVINO")


def test_a_folder_whose_model_was_changed_is_another_model(
    small_model: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    model = tmp_path / "model"
    shutil.copytree(small_model, model)
    before = load_encoder(str(model), tmp_path / "cache").identity
    (weights,) = model.rglob("model.safetensors")
    tensors = load_file(weights)
    save_file({name: 2 * each for name, each in tensors.items()}, weights, {"format": "pt"})
    assert load_encoder(str(model), tmp_path / "cache").identity.sha256 != before.sha256


def test_with_neither_the_default_model_says_both_and_is_not_unpacked_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(LibraryMissing, match=r"^bundled is to be run by sentence-transformers"):
        load_encoder("bundled", tmp_path, Backend.SENTENCE_TRANSFORMERS)
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(LibraryMissing, match=r"OpenVINO cannot be used .* install sentence"):
        load_encoder("bundled", tmp_path)
    assert not (tmp_path / "models").exists()
