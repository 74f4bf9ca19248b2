from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer

from training.teacher import Teacher


class Counting(SentenceTransformer):
    """Remembers what it was given to encode."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), device="cpu", local_files_only=True)
        self.encoded: list[str] = []

    def encode(self, inputs: Any, *args: Any, **options: Any) -> Any:
        self.encoded += inputs
        return super().encode(inputs, *args, **options)


@pytest.fixture
def model(small_model: Path) -> Counting:
    return Counting(small_model)


def test_a_text_is_encoded_once(model: Counting, tmp_path: Path) -> None:
    teacher = Teacher(model, tmp_path / "teacher.npz")
    first = teacher.encode(["quand ?", "quand", "quand ?"])
    second = teacher.encode(["quand", "? ?"])
    assert model.encoded == ["quand ?", "quand", "? ?"]
    assert torch.equal(first[0], first[2])
    assert torch.equal(first[1], second[0])


def test_vectors_are_of_unit_length_and_those_of_the_model(model: Counting, tmp_path: Path) -> None:
    vectors = Teacher(model, tmp_path / "teacher.npz").encode(["quand ?", "quand"])
    assert vectors.dtype == torch.float32
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2))
    own = torch.from_numpy(model.encode(["quand ?", "quand"], normalize_embeddings=True))
    assert torch.equal(vectors, own)


def test_what_was_kept_is_not_encoded_again(model: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "folder" / "teacher.npz"
    teacher = Teacher(model, cache)
    vectors = teacher.encode(["quand ?", "quand"])
    teacher.save()
    model.encoded.clear()
    assert torch.equal(Teacher(model, cache).encode(["quand", "quand ?"]), vectors.flip(0))
    assert model.encoded == []
    assert [path.name for path in cache.parent.iterdir()] == ["teacher.npz"]


def test_the_teacher_draws_no_progress_bar(
    model: Counting, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with caplog.at_level("INFO"):
        Teacher(model, tmp_path / "teacher.npz").encode(["quand"])
    assert capfd.readouterr().err == ""
