"""The encoder learns what answers what, and stays near what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize

from training.answers import Run
from training.errors import OtherRun
from training.recipe import AnswerRecipe
from training.student import STEPS_PER_CHECKPOINT
from training.tasks import Asked, Document, Task, TaskShape, draw
from training.teacher import Teacher

# peft still asks transformers for what it calls something else now.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

STEPS = STEPS_PER_CHECKPOINT + 5
RECIPE = AnswerRecipe(
    rank=2,
    steps=STEPS,
    learning_rate=1e-2,
    hold=0,
    retention=0,
    shape=TaskShape(questions=9, joined=0),
)
ASKED = [
    Asked(
        "pourquoi " * (at + 1),
        "fr",
        Document(str(at), {}, {"fr": [["quand " * (at + 1)], ["quand ? " * (at + 1)]]}),
        (0, 0),
    )
    for at in range(9)
]
TASKS = list(draw(ASKED, RECIPE.shape, steps=STEPS, seed=1))


def loaded(folder: Path) -> SentenceTransformer:
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    model.append(Normalize())  # as the default model does
    return model


def train(
    small_model: Path, out: Path, tasks: list[Task] = TASKS, recipe: AnswerRecipe = RECIPE
) -> dict[str, torch.Tensor]:
    run = Run(loaded(small_model), Teacher(loaded(small_model), out / "before.npz"), recipe)
    run.train(tasks, out)
    run.save(out, {"questions": len(ASKED)})
    return load_file(out / "adapter.safetensors")


def test_it_finds_more_of_the_answers_than_before(
    small_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        train(small_model, tmp_path)
    lines = [record.getMessage() for record in caplog.records if "wrong" in record.getMessage()]
    wrong = [float(line.partition("wrong ")[2].partition(",")[0]) for line in lines]
    assert wrong[-1] < wrong[0]


def test_a_run_that_was_cut_off_ends_where_an_uninterrupted_one_does(
    small_model: Path, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    train(small_model, cut, TASKS[: STEPS_PER_CHECKPOINT + 2])
    resumed = train(small_model, cut)
    for name, weights in train(small_model, whole).items():
        assert torch.equal(resumed[name], weights), name


def test_other_questions_are_another_run(small_model: Path, tmp_path: Path) -> None:
    train(small_model, tmp_path)
    with pytest.raises(OtherRun, match="other text"):
        train(small_model, tmp_path, TASKS[::-1])
    with pytest.raises(OtherRun, match="another recipe"):
        train(small_model, tmp_path, recipe=replace(RECIPE, hold=1.0))


def test_retention_keeps_scores_within_a_language_as_they_were(
    small_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    forgotten = []
    for retention in (0.0, 100.0):
        out = tmp_path / str(retention)
        out.mkdir()
        caplog.clear()
        with caplog.at_level("INFO"):
            train(small_model, out, recipe=replace(RECIPE, retention=retention))
        line = next(m for m in reversed(caplog.messages) if "forgotten" in m)
        forgotten.append(float(line.partition("forgotten ")[2].partition(",")[0]))
    assert forgotten[1] < forgotten[0]


def test_what_holds_it_keeps_vectors_near_what_they_were(small_model: Path, tmp_path: Path) -> None:
    moved = []
    for hold in (0.0, 1000.0):
        out = tmp_path / str(hold)
        out.mkdir()
        weights = train(small_model, out, recipe=replace(RECIPE, hold=hold))
        moved.append(sum(float(w.float().norm()) for n, w in weights.items() if "lora_B" in n))
    assert moved[1] < moved[0]
