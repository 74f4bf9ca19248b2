from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.encoders import lora
from index.encoders.lora import read_adapter
from index.errors import (
    AdapterDamaged,
    AdapterError,
    AdapterMisfit,
    ModelError,
    OtherAdapterFormat,
    OtherBaseModel,
)
from tests.adapters import INNER, QUERY, RANK, SHAPES, matrices, write_adapter


@pytest.fixture
def base() -> dict[str, NDArray[np.float32]]:
    """Weights as of a model that has the adapted layers and one more tensor."""
    chance = np.random.default_rng(7)
    weights = {
        f"{layer}.weight": chance.normal(size=shape).astype(np.float32)
        for layer, shape in SHAPES.items()
    }
    return {**weights, f"{QUERY}.bias": np.ones(384, np.float32)}


def test_a_merged_weight_is_the_models_and_the_scaled_product(
    tmp_path: Path, base: dict[str, NDArray[np.float32]]
) -> None:
    merged = read_adapter(write_adapter(tmp_path / "a", share=0.5), sha256=None).merged(base)
    assert merged.keys() == base.keys()
    assert merged[f"{QUERY}.bias"] is base[f"{QUERY}.bias"]
    for layer in SHAPES:
        a, b = (matrices()[f"{layer}.lora_{x}"].astype(np.float64) for x in "AB")
        expected = base[f"{layer}.weight"] + 0.5 * 6 / RANK * (b @ a)
        np.testing.assert_allclose(merged[f"{layer}.weight"], expected, atol=1e-6)
        assert merged[f"{layer}.weight"].dtype == np.float32


def test_a_merged_layer_does_what_the_layer_and_the_adapter_beside_it_do(
    tmp_path: Path, base: dict[str, NDArray[np.float32]]
) -> None:
    """That is how it was trained: the input goes through A, then B, and is added, scaled."""
    import torch
    from torch.nn.functional import linear

    merged = read_adapter(write_adapter(tmp_path / "a"), sha256=None).merged(base)
    a, b = (torch.from_numpy(matrices()[f"{INNER}.lora_{x}"]).float() for x in "AB")
    inputs = torch.from_numpy(np.random.default_rng(3).normal(size=(5, 384)).astype(np.float32))
    beside = linear(linear(inputs, a), b) * 6 / RANK
    expected = linear(inputs, torch.from_numpy(base[f"{INNER}.weight"])) + beside
    given = linear(inputs, torch.from_numpy(merged[f"{INNER}.weight"]))
    torch.testing.assert_close(given, expected, atol=1e-4, rtol=0)


def test_a_half_share_lies_half_way(tmp_path: Path, base: dict[str, NDArray[np.float32]]) -> None:
    whole = read_adapter(write_adapter(tmp_path / "a"), sha256=None).merged(base)
    half = read_adapter(write_adapter(tmp_path / "b", share=0.5), sha256=None).merged(base)
    for name, weight in base.items():
        np.testing.assert_allclose(half[name], (weight + whole[name]) / 2, atol=1e-6)


def test_the_shipped_adapter_is_the_pinned_one_and_says_how_it_was_made() -> None:
    shipped = read_adapter()
    assert lora.SHIPPED.stat().st_size <= lora.MAX_BYTES == 8 * 2**20
    assert shipped.provenance.keys() >= {"name", "share", "trainings", "commit", "tools"}
    assert 0 < shipped.scale < 10


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(lora.SHIPPED.read_bytes())
    content[-1] ^= 1
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(AdapterDamaged, match="Reinstall Passerelle") as caught:
        read_adapter(tmp_path / "a")
    assert str(tmp_path / "a") in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterDamaged, match="No such file"):
        read_adapter(tmp_path / "a")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(lora.MAX_BYTES + 1)
    with pytest.raises(AdapterDamaged, match="8,388,609 bytes"):
        read_adapter(tmp_path / "a", sha256=None)


def test_a_file_that_is_no_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"not safetensors at all")
    save_file(matrices(), tmp_path / "b")
    save_file(matrices(), tmp_path / "c", metadata={"passerelle": "{"})
    save_file(matrices(), tmp_path / "d", metadata={"passerelle": "[]"})
    for name in "abcd":
        with pytest.raises(AdapterDamaged, match="bundled:plain"):
            read_adapter(tmp_path / name, sha256=None)


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OtherAdapterFormat, match="has format 2; this release reads format 1"):
        read_adapter(write_adapter(tmp_path / "a", format=2), sha256=None)


@pytest.mark.parametrize("other", [{"base": "someone/else"}, {"base_sha256": "0" * 64}])
def test_an_adapter_of_another_model_is_refused(tmp_path: Path, other: dict[str, str]) -> None:
    with pytest.raises(OtherBaseModel, match=r"training\.align"):
        read_adapter(write_adapter(tmp_path / "a", **other), sha256=None)


def _without_b() -> dict[str, NDArray[Any]]:
    return {name: tensor for name, tensor in matrices().items() if name != f"{QUERY}.lora_B"}


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        _without_b(),
        {**matrices(), "encoder.layer.0.output.dense.weight": np.zeros((2, 2), np.float16)},
        {**matrices(), f"{QUERY}.lora_A": np.zeros((RANK + 1, 384), np.float16)},
        {**matrices(), f"{QUERY}.lora_A": np.zeros(RANK, np.float16)},
        {**matrices(), f"{QUERY}.lora_B": np.zeros((384, RANK), np.float32)},
        {**matrices(), f"{QUERY}.lora_B": np.full((384, RANK), np.nan, np.float16)},
    ],
    ids=["none", "a lone A", "another name", "another rank", "no matrix", "float32", "not finite"],
)
def test_tensors_that_are_no_low_rank_change_are_refused(
    tmp_path: Path, tensors: dict[str, NDArray[Any]]
) -> None:
    with pytest.raises(AdapterMisfit, match=r"training\.pack"):
        read_adapter(write_adapter(tmp_path / "a", tensors), sha256=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../up"},
        {"name": None},
        {"rank": 0},
        {"rank": "2"},
        {"alpha": -1},
        {"alpha": float("inf")},
        {"share": 0},
        {"share": 1.5},
        {"share": float("nan")},
    ],
)
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(AdapterMisfit, match=next(iter(wrong))):
        read_adapter(write_adapter(tmp_path / "a", **wrong), sha256=None)


def test_layers_that_the_model_has_not_are_refused(
    tmp_path: Path, base: dict[str, NDArray[np.float32]]
) -> None:
    read = read_adapter(write_adapter(tmp_path / "a"), sha256=None)
    with pytest.raises(AdapterMisfit, match="is not there"):
        read.merged({name: weight for name, weight in base.items() if "query" not in name})
    with pytest.raises(AdapterMisfit, match=r"is \(384, 1536\)"):
        read.merged({**base, f"{INNER}.weight": np.zeros((384, 1536), np.float32)})


def test_every_refusal_is_an_error_of_the_model() -> None:
    for refusal in (AdapterDamaged, OtherAdapterFormat, OtherBaseModel, AdapterMisfit):
        assert issubclass(refusal, AdapterError)
    assert issubclass(AdapterError, ModelError)
