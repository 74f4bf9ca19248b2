"""Teaches which questions lean on the one before, from the written conversations.

    python -m training.follow_ups --out qa/search/follow_ups.safetensors

A logistic regression over what ``qa.search.follow_ups`` knows of a question. Beside the
conversations that were written stand questions that lean on nothing, drawn by chance: two on one
note after one another, two on two notes, two on paragraphs.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from safetensors.numpy import save as to_bytes
from sklearn.linear_model import LogisticRegression

from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.protocol import Encoder, Vectors
from index.encoders.token_codes import ENTRY
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from qa.search.follow_ups import features
from training.written import held_out, read_follow_ups, read_notes, read_paragraphs

ON_ONE_NOTE: Final = 400
ON_TWO_NOTES: Final = 200
ON_PARAGRAPHS: Final = 300
"""Pairs of questions that do not lean on one another, beside 729 conversations. With none, 66 in
100 questions of the FAQs would be taken for follow-ups of another."""

INVERSE_PENALTY: Final = 0.5
"""scikit-learn's C. At 0.1 one in 50 more follow-ups is told and two in 50 more others taken."""


class Pair(NamedTuple):
    """Two questions, one after the other."""

    turns: tuple[str, str]
    leans: bool


def pairs(seed: int = 4) -> Iterator[Pair]:
    """Return what is learnt from: conversations that are not held out, and questions by chance."""
    for one in read_follow_ups():
        if not held_out(one.id):
            yield Pair((one.turns[-2], one.turns[-1]), one.leans)
    chance = random.Random(seed)  # noqa: S311, repeatable on purpose
    notes = [[question.q for question in note.questions] for note in read_notes()]
    everything = [question for of_note in notes for question in of_note]
    on_paragraphs = [question.q for each in read_paragraphs() for question in each.questions]
    for _ in range(ON_ONE_NOTE):
        yield _unrelated(chance.choice(notes), chance)
    for source, many in ((everything, ON_TWO_NOTES), (on_paragraphs, ON_PARAGRAPHS)):
        for _ in range(many):
            yield _unrelated(source, chance)


def _unrelated(questions: Sequence[str], chance: random.Random) -> Pair:
    first, second = chance.sample(questions, 2)
    return Pair((first, second), leans=False)


def fitted(some: Sequence[Pair], encoder: Encoder, typical: Vectors) -> Vectors:
    """Return the weights, and the bias last, shape (dimension + 4,) float32."""
    vectors = encoder.questions([turn for pair in some for turn in pair.turns])
    known = np.concatenate(
        [
            features(pair.turns, vectors[2 * at : 2 * at + 2], typical)
            for at, pair in enumerate(some)
        ]
    )
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=4000, class_weight="balanced")
    model.fit(known, [pair.leans for pair in some])
    return np.append(model.coef_[0], model.intercept_).astype(np.float32)


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Fit, write and print what to pin."""
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    typical = load_background(encoder, ModelSettings().cache).question
    weights = fitted(list(pairs()), encoder, typical)
    made_of = json.dumps({"encoder": encoder.identity.sha256})
    out.write_bytes(to_bytes({"weights": weights}, {ENTRY: made_of}))
    click.echo(f'SHA256: Final = "{hashlib.sha256(out.read_bytes()).hexdigest()}"')


if __name__ == "__main__":
    main()
