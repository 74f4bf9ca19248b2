"""The ordinary texts, and what a model makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.text.language_id import language_of
from index.encoders.background_texts import (
    BackgroundVectors,
    background_texts,
    fit,
    load_background,
)
from index.encoders.protocol import Encoder
from tests.encoders import WordEncoder
from training.types import UNION


def same(one: BackgroundVectors, other: BackgroundVectors) -> bool:
    return np.array_equal(one.question, other.question) and np.array_equal(
        one.passages, other.passages
    )


def test_the_ordinary_texts_speak_every_language_of_the_union() -> None:
    assert {text.language for text in background_texts()} >= UNION
    assert len(background_texts()) == len({text.question for text in background_texts()})


def test_the_ordinary_texts_are_in_the_language_they_say() -> None:
    wrong = [
        text
        for text in background_texts()
        if language_of(f"{text.question} {text.passage}") not in {text.language, "und"}
    ]
    assert len(wrong) <= 3  # neighbours like Czech and Slovak are told apart by a word


def test_they_are_encoded_once_for_a_model_and_a_cache(tmp_path: Path) -> None:
    encoder = WordEncoder()
    first = load_background(encoder, tmp_path)
    encoder.encoded.clear()
    assert same(load_background(encoder, tmp_path), first)
    assert encoder.encoded == []
    other = WordEncoder(revision="2")
    assert same(load_background(other, tmp_path), fit(other))


@pytest.mark.parametrize("damage", [b"", b"PK nothing", b"\x93NUMPY"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    encoder = WordEncoder()
    whole = load_background(encoder, tmp_path)
    (file,) = tmp_path.glob("neutral/*")
    file.write_bytes(damage)
    assert same(load_background(encoder, tmp_path), whole)
    assert same(load_background(encoder, tmp_path), whole)
    assert file.read_bytes() != damage


def test_a_file_of_other_shapes_is_made_again(tmp_path: Path) -> None:
    encoder = WordEncoder()
    whole = load_background(encoder, tmp_path)
    (file,) = tmp_path.glob("neutral/*")
    np.savez(file, question=whole.question[:3], passages=whole.passages[:3])
    assert same(load_background(encoder, tmp_path), whole)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = WordEncoder()
    assert same(load_background(encoder, tmp_path / "file"), fit(encoder))


def test_an_ordinary_question_is_nearer_to_the_mean_than_passages_are(
    encoder: Encoder, cache: Path
) -> None:
    neutral = load_background(encoder, cache)
    assert neutral.passages.shape == (len(background_texts()), encoder.dimension)
    questions = encoder.questions([text.question for text in background_texts()])
    assert (questions @ neutral.question).mean() > (neutral.passages @ neutral.question).mean()
