from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize
from torch.nn import functional

from training import align
from training.align import Run
from training.batches import Batch, Shape, draw
from training.errors import BadSetting, OtherRun
from training.recipe import Recipe, changed
from training.student import rate
from training.teacher import Teacher
from training.types import Paragraph

# peft still asks transformers for what it calls something else now.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

RECIPE = Recipe(rank=2, steps=55, learning_rate=1e-2, shape=Shape(places=2, neighbours=2))
SOURCE = [
    Paragraph("x", f"page#{at}", {"en": "quand " * (at + 1), "fr": "quand ? " * (at + 1)})
    for at in range(9)
]
BATCHES = list(draw([SOURCE], RECIPE.shape, steps=RECIPE.steps, seed=RECIPE.seed))


def loaded(folder: Path) -> SentenceTransformer:
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    model.append(Normalize())  # as the default model does
    return model


class Trained(NamedTuple):
    folder: Path
    student: SentenceTransformer
    weights: dict[str, torch.Tensor]


def train(
    small_model: Path, out: Path, drawn: Sequence[Batch] = BATCHES, recipe: Recipe = RECIPE
) -> Trained:
    student = loaded(small_model)
    run = Run(student, Teacher(loaded(small_model), out / "teacher.npz"), recipe)
    run.train(drawn, out)
    run.save(out, {"en": 9, "fr": 9})
    return Trained(out, student, load_file(out / "adapter.safetensors"))


@pytest.fixture(scope="module")
def trained(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run from its first step to its last."""
    return train(small_model, tmp_path_factory.mktemp("trained"))


def test_a_run_that_was_cut_off_ends_where_an_uninterrupted_one_does(
    small_model: Path, trained: Trained, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(small_model, tmp_path, BATCHES[:52])  # cut off two steps after its checkpoint
    with caplog.at_level("INFO"):
        resumed = train(small_model, tmp_path)
    assert "going on from step 50" in caplog.text
    assert resumed.weights.keys() == trained.weights.keys()
    for name, weights in trained.weights.items():
        assert torch.equal(resumed.weights[name], weights), name


def test_the_adapter_says_what_it_was_made_of(trained: Trained) -> None:
    made_of = json.loads((trained.folder / "adapter.json").read_text("utf-8"))
    assert made_of["recipe"]["rank"] == 2
    assert made_of["recipe"]["shape"]["places"] == 2
    assert made_of["texts"] == {"en": 9, "fr": 9}
    assert {weights.dtype for weights in trained.weights.values()} == {torch.float16}


def test_a_checkpoint_of_another_recipe_is_refused(
    small_model: Path, trained: Trained, tmp_path: Path
) -> None:
    shutil.copy(trained.folder / "checkpoint.pt", tmp_path)
    with pytest.raises(OtherRun, match="with another recipe"):
        train(small_model, tmp_path, recipe=replace(RECIPE, learning_rate=1e-3))


def test_a_checkpoint_of_other_text_is_refused(
    small_model: Path, trained: Trained, tmp_path: Path
) -> None:
    shutil.copy(trained.folder / "checkpoint.pt", tmp_path)
    with pytest.raises(OtherRun, match="with other text"):
        train(small_model, tmp_path, BATCHES[::-1])


def test_another_model_is_written_as_a_model_that_was_changed(
    small_model: Path, tmp_path: Path
) -> None:
    run = Run(loaded(small_model), Teacher(loaded(small_model), tmp_path / "teacher.npz"), RECIPE)
    run.train(BATCHES[:30], tmp_path)
    run.save_model(tmp_path / "model")
    text = ["query: quand ?"]
    assert not np.allclose(
        loaded(tmp_path / "model").encode(text), loaded(small_model).encode(text), atol=1e-5
    )


def test_training_brings_a_language_nearer_to_its_english(
    small_model: Path, trained: Trained
) -> None:
    untrained = loaded(small_model)
    wanted = untrained.encode([f"passage: {each.texts['en']}" for each in SOURCE])

    def nearness(model: SentenceTransformer) -> float:
        given = model.encode([f"passage: {each.texts['fr']}" for each in SOURCE])
        mean = wanted.mean(axis=0)
        cosines = functional.cosine_similarity(
            torch.from_numpy(given - mean), torch.from_numpy(wanted - mean)
        )
        return float(cosines.mean())

    assert nearness(trained.student) > nearness(untrained)


def test_settings_take_the_place_of_the_recipes_own() -> None:
    recipe = changed(Recipe(), ["rank=8", "learning_rate=1e-3", "shape.joined=0"])
    assert recipe == Recipe(rank=8, learning_rate=1e-3, shape=Shape(joined=0))


@pytest.mark.parametrize("setting", ["ranks=8", "rank", "rank=many", "shape.join=0"])
def test_a_setting_that_is_none_is_named(setting: str) -> None:
    with pytest.raises(BadSetting, match=f"^{setting} is no setting"):
        changed(Recipe(), [setting])


def test_the_command_says_what_is_wrong_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.jsonl").touch()
    arguments = ["align", "--texts", str(tmp_path / "empty.jsonl"), "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match="no parallel text"):
        align.main()


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    rates = [rate(step, 50, 200) for step in range(201)]
    assert max(rates) == rates[50] == 1
    assert rates[0] < rates[25] < rates[50] > rates[100] > rates[199]
    assert rates[200] == 0
