"""Teaches the encoder that a text means the same in every language.

Low-rank adapters on the default model, distilled from itself: a text in any language is
taught the vector that the untouched model, the teacher, gives to its English version
(Reimers and Gurevych 2020, arXiv:2004.09813; adapters: Hu et al. 2021, arXiv:2106.09685).
Nothing but parallel text is needed.

    pip install -e '.[training]'
    python -m training.align --texts FILE.jsonl... --out FOLDER [--steps N] [--seed S]

What comes out is not used by the product yet.

The loss of a batch is 1 - cosine, on vectors from which the teacher's mean is taken, plus
RELATION_WEIGHT times the squared error of the batch's relations: the student's vectors
against the teacher's should be as the teacher's are among themselves.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional

from api.settings import Settings
from index import bundled

RELATION_WEIGHT = 5.0
"""Weight of the relations against the cosine."""

WARM_UP_STEPS = 50
"""Steps in which the learning rate rises to its highest; it then falls linearly to 0."""

STEPS_PER_CHECKPOINT = 50

MEAN_TEXTS = 1_000
"""English texts that the teacher's mean is taken over, for each prompt."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out."""

    rank: int = 16
    alpha: int = 32
    modules: tuple[str, ...] = ("query", "key", "value", "dense")
    steps: int = 600
    batch: int = 48
    learning_rate: float = 5e-4
    seed: int = 1


class Pair(NamedTuple):
    """A text and its English version."""

    text: str
    english: str


class Batch(NamedTuple):
    """Pairs to be encoded with one prompt."""

    prompt: str
    pairs: list[Pair]


def main() -> None:
    """Train an adapter as the command line says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = _options()
    recipe = Recipe(
        rank=options.rank,
        alpha=2 * options.rank,
        steps=options.steps,
        batch=options.batch,
        seed=options.seed,
    )
    pairs = read_pairs(options.texts)
    log.info("%d pairs in %d languages", sum(map(len, pairs.values())), len(pairs))
    train(pairs, recipe, options.out)


def read_pairs(files: Sequence[Path]) -> dict[str, list[Pair]]:
    """Return every text that has an English version, by language, English itself included."""
    by_language: dict[str, list[Pair]] = {}
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            texts: dict[str, str] = json.loads(line)["texts"]
            english = texts.get("en")
            if english is None:
                continue
            for language, text in texts.items():
                by_language.setdefault(language, []).append(Pair(text, english))
    return by_language


def batches(by_language: dict[str, list[Pair]], recipe: Recipe) -> Iterator[Batch]:
    """Yield ``recipe.steps`` batches: languages drawn evenly, the two prompts in turn."""
    draw = random.Random(recipe.seed)  # noqa: S311, repeatable on purpose
    languages = sorted(by_language)
    prompts = sorted(bundled.PROMPTS.values())
    for step in range(recipe.steps):
        pairs = [draw.choice(by_language[draw.choice(languages)]) for _ in range(recipe.batch)]
        yield Batch(prompts[step % len(prompts)], pairs)


def train(by_language: dict[str, list[Pair]], recipe: Recipe, out: Path) -> None:
    """Train the adapter and write ``adapter.safetensors`` and ``adapter.json`` to ``out``.

    Training that was cut off goes on from its last checkpoint.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    folder = str(bundled.unpack(Settings().cache / "models"))
    teacher = SentenceTransformer(folder, device="cpu", local_files_only=True)
    student = SentenceTransformer(folder, device="cpu", local_files_only=True)
    adapted = _with_adapters(student, recipe)
    means = _teacher_means(teacher, by_language["en"], recipe.seed)
    optimizer = torch.optim.AdamW(
        [parameter for parameter in adapted.parameters() if parameter.requires_grad],
        lr=recipe.learning_rate,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, recipe.steps))
    done = _resume(out, adapted, optimizer, schedule)
    student.train()
    for step, batch in enumerate(batches(by_language, recipe)):
        if step < done:
            continue
        loss = _loss(student, teacher, batch, means[batch.prompt])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(adapted.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % 10 == 0:
            log.info("step %d of %d, loss %.4f", step + 1, recipe.steps, loss.item())
        if (step + 1) % STEPS_PER_CHECKPOINT == 0:
            _checkpoint(out, step + 1, adapted, optimizer, schedule)
    _save(out, adapted, recipe, by_language)


def _loss(
    student: SentenceTransformer, teacher: SentenceTransformer, batch: Batch, mean: Tensor
) -> Tensor:
    english = [pair.english for pair in batch.pairs]
    with torch.no_grad():
        wanted = _encode(teacher, english, batch.prompt)
    given = _encode(student, [pair.text for pair in batch.pairs], batch.prompt)
    cosine = functional.cosine_similarity(given - mean, wanted - mean).mean()
    relations = functional.mse_loss(given @ wanted.T, wanted @ wanted.T)
    return 1 - cosine + RELATION_WEIGHT * relations


def _encode(model: SentenceTransformer, texts: list[str], prompt: str) -> Tensor:
    features = model.preprocess([prompt + text for text in texts])
    vectors: Tensor = model(features)["sentence_embedding"]
    return vectors


def _with_adapters(student: SentenceTransformer, recipe: Recipe) -> nn.Module:
    """Put adapters into the student's encoder, in place, and return the adapted module."""
    from peft import LoraConfig, get_peft_model

    transformer: Any = student[0]
    adapted: nn.Module = get_peft_model(
        transformer.auto_model,
        LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(recipe.modules)),
    )
    transformer.model = adapted
    return adapted


def _teacher_means(
    teacher: SentenceTransformer, english: Sequence[Pair], seed: int
) -> dict[str, Tensor]:
    """Return the mean of the teacher's vectors for each prompt, shape (dimension,)."""
    draw = random.Random(seed)  # noqa: S311, repeatable on purpose
    texts = [pair.text for pair in draw.sample(english, min(MEAN_TEXTS, len(english)))]
    return {
        prompt: teacher.encode(texts, prompt=prompt, convert_to_tensor=True).mean(dim=0)
        for prompt in bundled.PROMPTS.values()
    }


def rate(step: int, steps: int) -> float:
    """Return the share of the highest learning rate at a step: up, then linearly to 0."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    return max(0.0, (steps - step) / max(1, steps - WARM_UP_STEPS))


def _checkpoint(
    out: Path,
    step: int,
    adapted: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> None:
    from peft import get_peft_model_state_dict

    state = {
        "step": step,
        "adapter": get_peft_model_state_dict(adapted),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    torch.save(state, out / "checkpoint.partial")
    (out / "checkpoint.partial").replace(out / "checkpoint.pt")


def _resume(
    out: Path,
    adapted: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> int:
    """Take up the last checkpoint, and return how many steps it had done."""
    path = out / "checkpoint.pt"
    if not path.exists():
        return 0
    from peft import set_peft_model_state_dict

    state = torch.load(path, weights_only=True)
    set_peft_model_state_dict(adapted, state["adapter"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    log.info("going on from step %d", state["step"])
    return int(state["step"])


def _save(
    out: Path, adapted: nn.Module, recipe: Recipe, by_language: dict[str, list[Pair]]
) -> None:
    """Write the adapter at 16 bits, and what it was made of."""
    from peft import get_peft_model_state_dict

    weights = get_peft_model_state_dict(adapted)
    save_file(
        {name: tensor.to(torch.float16).contiguous() for name, tensor in weights.items()},
        out / "adapter.safetensors",
    )
    made_of = {
        "base": bundled.NAME,
        "base_sha256": bundled.WEIGHTS_SHA256,
        "recipe": asdict(recipe),
        "texts": {language: len(pairs) for language, pairs in sorted(by_language.items())},
    }
    (out / "adapter.json").write_text(json.dumps(made_of, indent=2) + "\n", "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Align the default model's languages.")
    parser.add_argument("--texts", type=Path, nargs="+", required=True, metavar="FILE.jsonl")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    default = Recipe()
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--batch", type=int, default=default.batch)
    parser.add_argument("--rank", type=int, default=default.rank)
    parser.add_argument("--seed", type=int, default=default.seed)
    return parser.parse_args()


if __name__ == "__main__":
    main()
