"""Tokens are kept small, and come back nearly as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoders import token_codes
from index.encoders.background_texts import background_texts
from index.encoders.protocol import Encoder, ModelIdentity, Vectors
from index.encoders.token_codes import DIMENSION, TokenProjection, decode, projection_for
from index.encoders.variants import Variant
from index.errors import ReaderDamaged

HIDDEN = 96
DRAWN = np.random.default_rng(1)
PROJECTION = TokenProjection(
    mean=DRAWN.standard_normal(HIDDEN).astype(np.float32),
    weights=DRAWN.standard_normal((DIMENSION, HIDDEN)).astype(np.float32),
    encoder="0" * 64,
)


@given(tokens=st.integers(0, 40), seed=st.integers(0, 1000))
def test_codes_take_half_a_byte_a_number_and_nearly_keep_any_direction(
    tokens: int, seed: int
) -> None:
    states = np.random.default_rng(seed).standard_normal((tokens, HIDDEN)).astype(np.float16)
    codes = PROJECTION.encode(states)
    assert len(codes) == tokens * DIMENSION // 2
    restored, projected = decode(codes), PROJECTION.project(states)
    assert restored.shape == projected.shape
    assert restored.dtype == np.float32
    assert (_cosines(restored, projected) > 0.9).all()  # the lowest of 40,000 was .92


def test_the_tokens_of_any_language_keep_their_direction(encoder: Encoder) -> None:
    projection = projection_for(encoder.identity)
    assert projection is not None
    _, states = encoder.passages_by_token([text.passage for text in background_texts()])
    assert len(states) == len(background_texts())
    for of_text in states:
        restored = decode(projection.encode(of_text))
        assert (_cosines(restored, projection.project(of_text)) > 0.97).all()


def _cosines(restored: Vectors, projected: Vectors) -> Vectors:
    cosines: Vectors = (restored * projected).sum(axis=1) / np.linalg.norm(restored, axis=1)
    return cosines


def test_the_default_encoder_has_a_projection_and_others_have_none() -> None:
    assert projection_for(Variant.ALIGNED.identity()) is not None
    assert projection_for(Variant.PLAIN.identity()) is None
    assert projection_for(ModelIdentity("other", "1", "f" * 64)) is None


def test_a_passage_takes_at_most_six_kilobytes() -> None:
    assert 160 * DIMENSION // 2 <= 6 * 1024


def test_a_file_that_was_altered_is_refused(tmp_path: Path) -> None:
    altered = tmp_path / "projection.safetensors"
    altered.write_bytes(token_codes.SHIPPED.read_bytes() + b"\0")
    with pytest.raises(ReaderDamaged, match="Reinstall"):
        token_codes.read_projection(altered)
    with pytest.raises(ReaderDamaged, match="cannot be read"):
        token_codes.read_projection(tmp_path / "missing.safetensors")
    altered.write_bytes(b"not safetensors")
    with pytest.raises(ReaderDamaged, match="cannot be read"):
        token_codes.read_projection(altered, sha256=None)
