"""Trains the reader (``qa.reading``) on evaluation sets whose answers are known.

    python -m benchmarks.written --training --out sets
    python -m training.reader --set sets/notes-1 --set sets/notes-2 ... --cache CACHE --out FOLDER

What it learns is one choice: of all sentences of the first passages, which answers.

``FOLDER`` gets ``token_projection.safetensors`` and ``reader.safetensors``, which the product
ships; their hashes are printed, to be pinned.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save as to_bytes
from torch import Tensor, nn

from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.protocol import Encoder, States
from index.encoders.token_codes import ENTRY
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from qa.evaluation.question_sets import read_set
from training.candidates import Candidate, Example, examples
from training.reader_network import Logits, ReaderNetwork, Sheet
from training.student import Progress, rate

PROJECTION = "token_projection.safetensors"
READER = "reader.safetensors"

SEEDS = (1, 2)
"""Draws of one language for each document."""

_TEXTS_AT_ONCE = 512

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """Everything that decides what is learnt."""

    epochs: float = 1
    """With two, a tenth less of the sentences on held-out notes are right."""
    batch: int = 8
    learning_rate: float = 2e-3
    warm_up: int = 50
    weight_decay: float = 0.1
    dropout: float = 0.3
    candidates: int = 8
    """Passages of an example that are read in a step: the four best that do not answer, what
    answers, and others."""
    seed: int = 2


class TokenStates:
    """The states of texts' tokens, each text encoded once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._questions: dict[str, States] = {}
        self._sentences: dict[str, States] = {}

    def learn(self, some: Sequence[Example]) -> None:
        """Encode what some examples hold."""
        questions = {example.question for example in some} - self._questions.keys()
        sentences = {
            sentence
            for example in some
            for candidate in example.candidates
            for sentence in candidate.sentences
        } - self._sentences.keys()
        for texts, known, encode in (
            (sorted(questions, key=len), self._questions, self._encoder.questions_by_token),
            (sorted(sentences, key=len), self._sentences, self._encoder.passages_by_token),
        ):
            for start in range(0, len(texts), _TEXTS_AT_ONCE):
                part = texts[start : start + _TEXTS_AT_ONCE]
                known.update(zip(part, encode(part).states, strict=True))

    def mean(self) -> Tensor:
        """Return the mean state of the sentences' tokens, shape (hidden size,)."""
        states = np.concatenate(list(self._sentences.values()))
        return torch.from_numpy(states.mean(axis=0, dtype=np.float64).astype(np.float32))

    def sheet(self, example: Example, candidates: Sequence[Candidate]) -> Sheet:
        """Return an example as the network reads it."""
        texts = [text for candidate in candidates for text in candidate.sentences]
        question = self._questions[example.question]
        nothing = np.zeros((1, question.shape[1]), np.float16)
        states = [of if len(of := self._sentences[text]) else nothing for text in texts]
        counts = torch.tensor([len(candidate.sentences) for candidate in candidates])
        lengths = torch.tensor([len(each) for each in states])
        return Sheet(
            question=_tensor(question),
            tokens=_tensor(np.concatenate(states)),
            sentence_of=torch.arange(len(texts)).repeat_interleave(lengths),
            passage_of=torch.arange(len(candidates)).repeat_interleave(counts),
            cosines=torch.tensor([each for one in candidates for each in one.products]),
            scores=torch.tensor([candidate.score for candidate in candidates]),
            nearness=torch.tensor([candidate.nearness for candidate in candidates]),
        )


def train(
    some: Sequence[Example], states: TokenStates, recipe: ReaderRecipe = ReaderRecipe()
) -> ReaderNetwork:
    """Return a network that has learnt from ``some`` examples."""
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)  # noqa: S311, repeatable on purpose
    network = ReaderNetwork(states.mean(), recipe.dropout)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    steps = int(recipe.epochs * len(some) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: rate(step, recipe.warm_up, steps)
    )
    progress, waiting = Progress(steps, done=0), list[Example]()
    for _ in range(steps):
        if len(waiting) < recipe.batch:
            waiting = list(some)
            chance.shuffle(waiting)
        taken, waiting = waiting[: recipe.batch], waiting[recipe.batch :]
        losses = [_loss(network, states, each, recipe.candidates, chance) for each in taken]
        loss = torch.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress.step(loss=loss.item())
    return network.eval()


def _loss(
    network: ReaderNetwork,
    states: TokenStates,
    example: Example,
    many: int,
    chance: random.Random,
) -> Tensor:
    chosen = _chosen(example, many, chance)
    answers = torch.from_numpy(np.concatenate([candidate.answers for candidate in chosen]))
    return loss_of(network(states.sheet(example, chosen)), answers)


def _chosen(example: Example, many: int, chance: random.Random) -> list[Candidate]:
    right = [place for place, each in enumerate(example.candidates) if each.answers.any()]
    wrong = [place for place in range(len(example.candidates)) if place not in right]
    best, others = wrong[: many // 2], wrong[many // 2 :]
    chance.shuffle(others)
    taken = best + right + others[: max(0, many - len(best) - len(right))]
    return [example.candidates[place] for place in sorted(taken)]


def loss_of(logits: Logits, right: Tensor) -> Tensor:
    """Return minus the log-likelihood of the ``right`` sentences, a mask of shape (sentences,)."""
    return logits.sentences.logsumexp(0) - logits.sentences[right].logsumexp(0)


def save(network: ReaderNetwork, encoder: Encoder, recipe: ReaderRecipe, out: Path) -> list[str]:
    """Write what the product ships, and return a line for each file with its SHA-256."""
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    projection = {"mean": weights["mean"], "weights": weights.pop("token.weight")}
    made_of = {"encoder": encoder.identity.sha256, "recipe": asdict(recipe)}
    metadata = {ENTRY: json.dumps(made_of, sort_keys=True)}
    for name, tensors in ((PROJECTION, projection), (READER, weights)):
        (out / name).write_bytes(to_bytes(tensors, metadata))
    return [
        f"{name}: {hashlib.sha256((out / name).read_bytes()).hexdigest()}"
        for name in (PROJECTION, READER)
    ]


def _tensor(states: NDArray[np.float16]) -> Tensor:
    return torch.from_numpy(states.astype(np.float32))


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--set", "folders", multiple=True, required=True, type=click.Path(path_type=Path))
@click.option("--cache", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
def main(folders: tuple[Path, ...], cache: Path, out: Path) -> None:
    """Train on the sets, and write and print what to ship."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    out.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    background = load_background(encoder, ModelSettings().cache)
    some = [
        example
        for folder in folders
        for example in examples(read_set(folder), encoder, background, cache, SEEDS)
    ]
    log.info("%d examples", len(some))
    states, recipe = TokenStates(encoder), ReaderRecipe()
    states.learn(some)
    for line in save(train(some, states, recipe), encoder, recipe, out):
        click.echo(line)


if __name__ == "__main__":
    main()
