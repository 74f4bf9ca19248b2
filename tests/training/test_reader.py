"""The reader learns which sentence answers, and the product computes what was learnt."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from index.encoders.token_codes import read_projection, read_tensors
from qa.reading.network import Network, Passages
from tests.encoders import WordEncoder
from training.candidates import Candidate, Example, which_answer
from training.reader import (
    PROJECTION,
    READER,
    ReaderRecipe,
    TokenStates,
    loss_of,
    save,
    train,
)
from training.reader_network import Logits, ReaderNetwork, Sheet

ENCODER = WordEncoder()
HIDDEN = ENCODER.dimension


def drawn_sheet(seed: int, counts: list[list[int]], asked: int) -> Sheet:
    """Return random numbers for passages, each with the number of tokens of its sentences."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.tensor([tokens for passage in counts for tokens in passage])
    sentences = torch.tensor([len(passage) for passage in counts])

    def numbers(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw)

    return Sheet(
        question=numbers(asked, HIDDEN),
        tokens=numbers(int(lengths.sum()), HIDDEN),
        sentence_of=torch.arange(len(lengths)).repeat_interleave(lengths),
        passage_of=torch.arange(len(counts)).repeat_interleave(sentences),
        cosines=numbers(len(lengths)),
        scores=numbers(len(counts)).sort(descending=True).values,
        nearness=numbers(len(counts)) / 10,
    )


@given(
    seed=st.integers(0, 1000),
    counts=st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), min_size=1, max_size=5),
    asked=st.integers(1, 6),
)
def test_the_product_computes_what_the_training_does(
    seed: int, counts: list[list[int]], asked: int
) -> None:
    torch.manual_seed(seed)
    trained = ReaderNetwork(torch.randn(HIDDEN)).eval()
    sheet = drawn_sheet(seed, counts, asked)
    with torch.no_grad():
        wanted = trained(sheet)
    weights = {name: tensor.numpy() for name, tensor in trained.state_dict().items()}
    states = (sheet.tokens - trained.mean).numpy() @ weights["token.weight"].T
    tokens = states / np.linalg.norm(states, axis=1, keepdims=True)
    found = Network(weights).run(
        sheet.question.numpy().astype(np.float32),
        Passages(tokens, *(each.numpy() for each in sheet[2:])),
    )
    np.testing.assert_allclose(found.sentences, wanted.sentences.numpy(), atol=1e-3)
    np.testing.assert_allclose(found.passages, wanted.passages.numpy(), atol=1e-3)


def made_up(number: int) -> list[Example]:
    """Return questions that the one sentence with their own word answers."""
    chance = random.Random(1)
    words = [f"word{at}" for at in range(60)]
    found = []
    for _ in range(number):
        asked, *others = chance.sample(words, 9)
        right = chance.randrange(4)
        candidates = []
        for place in range(4):
            here = place == right
            sentences = (others[2 * place], asked if here else others[2 * place + 1])
            answers = np.array([False, here])
            candidates.append(Candidate(sentences, answers, -place / 10, 0.1, (0.5, 0.5)))
        found.append(Example(f"{asked} please", tuple(candidates)))
    return found


def test_it_learns_which_sentence_answers(tmp_path: Path) -> None:
    some = made_up(250)
    states = TokenStates(ENCODER)
    states.learn(some)
    recipe = ReaderRecipe(epochs=3)
    network = train(some[:200], states, recipe)
    right = 0
    for example in some[200:]:
        with torch.no_grad():
            logits = network(states.sheet(example, example.candidates))
        answers = np.concatenate([candidate.answers for candidate in example.candidates])
        right += bool(answers[int(logits.sentences.argmax())])
    assert right >= 0.9 * 50

    save(network, ENCODER, recipe, tmp_path)
    projection = read_projection(tmp_path / PROJECTION, sha256=None)
    assert projection.encoder == ENCODER.identity.sha256
    weights, metadata = read_tensors(tmp_path / READER, None)
    assert metadata["encoder"] == ENCODER.identity.sha256
    assert "token.weight" not in weights


def test_the_loss_is_small_where_what_is_right_is_likely() -> None:
    logits = Logits(torch.tensor([9.0, -9.0]), torch.tensor([9.0]))
    right = torch.tensor([True, False])
    assert loss_of(logits, right) < 1e-3 < loss_of(logits, ~right)


@pytest.mark.parametrize(
    ("snippet", "wanted"),
    [
        ("costs 4 euros", [False, True, False]),
        ("It costs 4 euros. Bring cash.", [False, True, True]),
        ("Today it costs about 4 euros.", [False, True, False]),
        ("Something else altogether.", [True, True, True]),
        (None, [True, True, True]),
    ],
)
def test_the_sentence_that_answers_is_told_by_its_words(
    snippet: str | None, wanted: list[bool]
) -> None:
    sentences = ["The bridge is old.", "It costs 4 euros.", "Bring cash."]
    assert which_answer(sentences, snippet).tolist() == wanted
