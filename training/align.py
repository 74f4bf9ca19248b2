"""Teaches the encoder that a text means the same in every language.

Low-rank adapters on the default model, distilled from itself: a text in any language is
taught the vector that the untouched model, the teacher, gives to its English version
(Reimers and Gurevych 2020, arXiv:2004.09813; adapters: Hu et al. 2021, arXiv:2106.09685).
Nothing but parallel text is needed.

    pip install -e '.[training]'
    python -m training.align --texts FILE.jsonl... --out FOLDER [--set NAME=VALUE]...

writes ``adapter.safetensors`` and ``adapter.json``, which ``training.pack`` makes the product's
file of. Another model's folder may be named with ``--base``; then ``FOLDER/model`` is that
model aligned, to be used with ``passerelle --model``.

The loss of a batch has three terms, each of the student in many languages against the
teacher in English:

- 1 - cosine, on vectors from which the teacher's mean is taken;
- ``relations`` times the squared error of the batch's relations: the student's vectors against
  the teacher's should be as the teacher's are among themselves;
- ``ranking`` times the divergence (Kullback-Leibler) of each question's scores from what they
  should be. The scores are over the batch's passages and those of the batches before, in
  whatever languages they were, as the student saw them. They should be as the teacher ranks their
  English versions, but for a share of certainty that the question's own passage is the right
  one, which nobody need teach. Most of the mean is taken out of these vectors.

and a fourth that holds on to what the untouched model knows within a language:

- ``retention`` times the squared difference of the student's and the untouched model's scores
  within the batch's commonest language, each question's seen from their mean.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn import functional

from index.encoders import bundled
from index.settings import ModelSettings
from training import batches
from training.batches import Batch, Pair
from training.errors import TrainingError
from training.recipe import Recipe, changed
from training.student import STEPS_PER_CHECKPOINT, Progress, Student, digest, load
from training.teacher import Teacher

if TYPE_CHECKING:
    pass

MEAN_BATCHES = 16
"""Batches whose English texts the teacher's mean is taken over, for each prompt."""

log = logging.getLogger(__name__)


def main() -> None:
    """Train an adapter as the command line says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        _train(_options())
    except TrainingError as error:
        sys.exit(str(error))


def _train(options: argparse.Namespace) -> None:
    recipe = changed(Recipe(), options.set)
    sources = batches.read(options.texts)
    log.info("%s", recipe)
    log.info("texts: %s", batches.languages(sources))
    options.out.mkdir(parents=True, exist_ok=True)
    base = options.base or bundled.unpack(ModelSettings().cache / "models")
    teacher = Teacher(
        load(base), options.teacher or options.out / "teacher.npz", bfloat16=recipe.bfloat16
    )
    run = Run(load(base), teacher, recipe)
    drawn = list(batches.draw(sources, recipe.shape, steps=recipe.steps, seed=recipe.seed))
    run.train(drawn, options.out)
    run.save(options.out, batches.languages(sources))
    if options.base:
        run.save_model(options.out / "model")


class Run:
    """A student on its way."""

    def __init__(self, student: SentenceTransformer, teacher: Teacher, recipe: Recipe) -> None:
        """Put adapters into ``student``, in place."""
        self._recipe = recipe
        self._student = Student(student, recipe)
        self._question, self._passage = self._student.prompts
        self._teacher = teacher
        self._bank: deque[Tensor] = deque(maxlen=recipe.bank)

    def train(self, drawn: Sequence[Batch], out: Path) -> None:
        """Take every step; a run that was cut off goes on from its last checkpoint.

        Raises:
            OtherRun: that is of another recipe.
        """
        means = self._means(drawn[:MEAN_BATCHES])
        state = self._student.resume(out, lambda step: digest(drawn[:step]))
        self._bank.extend(state.get("bank", ()))
        progress = Progress(len(drawn), done=state.get("step", 0))
        for step, batch in enumerate(drawn[progress.done :], progress.done):
            before = drawn[step - len(self._bank) : step]
            loss = self._loss(batch, means, before)
            self._student.learn(loss)
            progress.step(loss=loss.item())
            if (step + 1) % STEPS_PER_CHECKPOINT == 0:
                taken = digest(drawn[: step + 1])
                self._student.checkpoint(out, step + 1, taken, bank=list(self._bank))
                self._teacher.save()

    def save(self, out: Path, texts: dict[str, int]) -> None:
        """Write the adapter at 16 bits, and what it was made of."""
        self._student.save(out, {"texts": texts})

    def save_model(self, folder: Path) -> None:
        """Write the aligned model as a sentence-transformers folder; no more steps after that."""
        self._student.save_model(folder)

    def _loss(self, batch: Batch, means: tuple[Tensor, Tensor], before: Sequence[Batch]) -> Tensor:
        wanted = [
            self._teacher.encode([prompt + pair.english for pair in pairs])
            for prompt, pairs in self._prompted(batch)
        ]
        texts = [prompt + pair.text for prompt, pairs in self._prompted(batch) for pair in pairs]
        given = self._student.encode(texts).chunk(2)
        cosine = torch.stack(
            [
                functional.cosine_similarity(ours - mean, theirs - mean).mean()
                for ours, theirs, mean in zip(given, wanted, means, strict=True)
            ]
        ).mean()
        ours, theirs = torch.cat(given), torch.cat(wanted)
        relations = functional.mse_loss(ours @ theirs.T, theirs @ theirs.T)
        english = [self._passage + pair.english for each in before for pair in each.passages]
        others = self._teacher.encode(english) if english else theirs[:0]
        centre = self._recipe.centred * (means[0] + means[1]) / 2
        ranking = functional.kl_div(
            self._scores(given[0], [given[1], *self._bank], centre).log_softmax(dim=1),
            self._certain(self._scores(wanted[0], [wanted[1], others], centre).softmax(dim=1)),
            reduction="batchmean",
        )
        self._bank.append(given[1].detach())
        loss = 1 - cosine + self._recipe.relations * relations + self._recipe.ranking * ranking
        if self._recipe.retention:
            loss = loss + self._recipe.retention * self._forgotten(batch, texts, given)
        return loss

    def _scores(self, questions: Tensor, passages: Sequence[Tensor], centre: Tensor) -> Tensor:
        """Return each question's scores over passages, (questions, passages)."""
        rows = functional.normalize(questions - centre, dim=1)
        columns = functional.normalize(torch.cat(list(passages)) - centre, dim=1)
        return rows @ columns.T / self._recipe.temperature

    def _forgotten(self, batch: Batch, texts: list[str], given: Sequence[Tensor]) -> Tensor:
        """Return how far scores within the batch's commonest language are from what they were."""
        language, _ = Counter(pair.language for pairs in batch for pair in pairs).most_common(1)[0]
        rows, columns = (
            [at for at, pair in enumerate(pairs) if pair.language == language] for pairs in batch
        )
        if not rows or not columns:
            return torch.zeros(())
        spoken = [texts[at] for at in rows] + [texts[len(batch.questions) + at] for at in columns]
        untouched = self._teacher.encode(spoken)
        ours, theirs = (
            functional.normalize(questions, dim=1) @ functional.normalize(passages, dim=1).T
            for questions, passages in (
                (given[0][rows], given[1][columns]),
                untouched.tensor_split([len(rows)]),
            )
        )
        return functional.mse_loss(
            ours - ours.mean(dim=1, keepdim=True), theirs - theirs.mean(dim=1, keepdim=True)
        )

    def _certain(self, probabilities: Tensor) -> Tensor:
        """Return ``probabilities`` moved towards each question's own passage."""
        own = torch.eye(*probabilities.shape)
        return torch.lerp(probabilities, own, self._recipe.certain)

    def _prompted(self, batch: Batch) -> tuple[tuple[str, list[Pair]], tuple[str, list[Pair]]]:
        return (
            (self._question, batch.questions),
            (self._passage, batch.passages),
        )

    def _means(self, drawn: Sequence[Batch]) -> tuple[Tensor, Tensor]:
        """Return the mean of the teacher's questions and passages, each (dimension,)."""
        questions = [self._question + pair.english for batch in drawn for pair in batch.questions]
        passages = [self._passage + pair.english for batch in drawn for pair in batch.passages]
        return self._teacher.encode(questions).mean(0), self._teacher.encode(passages).mean(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Align the default model's languages.")
    parser.add_argument("--texts", type=Path, nargs="+", required=True, metavar="FILE.jsonl")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--base", type=Path, metavar="FOLDER", help="Another model than ours.")
    parser.add_argument("--teacher", type=Path, metavar="FILE.npz", help="The teacher's cache.")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
