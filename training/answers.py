"""Teaches the encoder what answers what, from the questions that we wrote.

    python -m training.answers --texts FILE.jsonl... --start FILE --out FOLDER
        [--set NAME=VALUE]...

``--start`` is a packed adapter: the aligned model that this goes on from. ``--texts`` is the
parallel text whose paragraphs the questions are on. What comes out is for
``training.pack --start``.

The loss of a task has three terms:

- the cross entropy of each question's scores, the cosines over ``temperature``, with the passage
  that answers it as what is right (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748). A
  passage that happens to answer a question, and is not its own, is no wrong one;
- ``hold`` times 1 - cosine between each vector and the one that the model gave at the start;
- ``retention`` times the divergence (Kullback-Leibler) of each question's scores over the passages
  in its own language from what they were at the start.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn import functional

from index.encoders import bundled
from index.encoders.lora import read_adapter
from index.errors import AdapterError
from index.settings import ModelSettings
from training import batches, questions, tasks
from training.errors import TrainingError
from training.recipe import AnswerRecipe, changed
from training.student import STEPS_PER_CHECKPOINT, Progress, Student, digest, load
from training.tasks import Task
from training.teacher import Teacher

_NOT_THERE = -1e4
"""In place of the score of a passage that does not count."""

log = logging.getLogger(__name__)


def main() -> None:
    """Train an adapter as the command line says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        _train(_options())
    except (AdapterError, TrainingError) as error:
        sys.exit(str(error))


def _train(options: argparse.Namespace) -> None:
    recipe = changed(AnswerRecipe(), options.set)
    log.info("%s", recipe)
    sources = batches.read(options.texts)
    asked = questions.chosen(sources, recipe)
    headings = questions.headings(sources, seed=recipe.seed)
    log.info("%d questions, %d headings", len(asked), len(headings))
    options.out.mkdir(parents=True, exist_ok=True)
    start = read_adapter(options.start, sha256=None)
    folder = bundled.unpack(ModelSettings().cache / "models", start)
    untrained = load(folder, to_learn=False)
    before = Teacher(untrained, options.out / "before.npz", bfloat16=recipe.bfloat16)
    run = Run(load(folder), before, recipe)
    drawn = tasks.draw(asked, recipe.shape, steps=recipe.steps, seed=recipe.seed, headings=headings)
    run.train(list(drawn), options.out)
    made_of = {"start": start.sha256, "questions": len(asked), "headings": len(headings)}
    run.save(options.out, made_of)


class Run:
    """A student that learns what answers what."""

    def __init__(self, student: SentenceTransformer, before: Teacher, recipe: AnswerRecipe) -> None:
        """Put adapters into ``student``, in place; ``before`` is the model it was."""
        self._recipe = recipe
        self._student = Student(student, recipe)
        self._before = before

    def train(self, drawn: Sequence[Task], out: Path) -> None:
        """Take every step; a run that was cut off goes on from its last checkpoint.

        Raises:
            OtherRun: that is of another recipe, or of other questions.
        """
        state = self._student.resume(out, lambda step: _digest(drawn[:step]))
        progress = Progress(len(drawn), done=state.get("step", 0))
        for step, task in enumerate(drawn[progress.done :], progress.done + 1):
            progress.step(**self._learn(task))
            if step % STEPS_PER_CHECKPOINT == 0:
                self._student.checkpoint(out, step, _digest(drawn[:step]))
                self._before.save()

    def save(self, out: Path, made_of: dict[str, object]) -> None:
        """Write the adapter at 16 bits, and what it was made of."""
        self._student.save(out, made_of)

    def _learn(self, task: Task) -> dict[str, float]:
        """Take one step; return the parts of its loss."""
        question, passage = self._student.prompts
        texts = [question + asked.text for asked in task.asked]
        texts += [passage + each.text for each in task.passages]
        vectors = functional.normalize(self._student.encode(texts), dim=1)
        before = self._before.encode(texts)
        scores, as_before = (self._scores(task, each) for each in (vectors, before))
        wrong = self._wrong(task, scores)
        moved = 1 - functional.cosine_similarity(vectors, before).mean()
        forgotten = _forgotten(task, scores, as_before)
        self._student.learn(wrong + self._recipe.hold * moved + self._recipe.retention * forgotten)
        return {"wrong": wrong.item(), "moved": moved.item(), "forgotten": forgotten.item()}

    def _scores(self, task: Task, vectors: Tensor) -> Tensor:
        """Return each question's scores over passages, (questions, passages)."""
        rows, columns = vectors.tensor_split([len(task.asked)])
        return rows @ columns.T / self._recipe.temperature

    def _wrong(self, task: Task, scores: Tensor) -> Tensor:
        right = torch.tensor(task.right)
        answers = torch.tensor(
            [[passage.answers(asked) for passage in task.passages] for asked in task.asked]
        )
        answers[torch.arange(len(right)), right] = False
        return functional.cross_entropy(scores.masked_fill(answers, _NOT_THERE), right)


def _forgotten(task: Task, scores: Tensor, before: Tensor) -> Tensor:
    """Return how far scores within a language are from what they were (Kullback-Leibler)."""
    other = torch.tensor(
        [[passage.language != asked.language for passage in task.passages] for asked in task.asked]
    )
    return functional.kl_div(
        scores.masked_fill(other, _NOT_THERE).log_softmax(dim=1),
        before.masked_fill(other, _NOT_THERE).softmax(dim=1),
        reduction="batchmean",
    )


def _digest(drawn: Sequence[Task]) -> str:
    return digest(
        [
            [[asked.text for asked in task.asked], [passage.text for passage in task.passages]]
            for task in drawn
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Teach the default model what answers what.")
    parser.add_argument("--texts", type=Path, nargs="+", required=True, metavar="FILE.jsonl")
    parser.add_argument("--start", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
