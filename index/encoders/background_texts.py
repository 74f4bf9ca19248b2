"""What every question, and every passage, has in common, so that it can be left out.

All vectors of a model point much the same way: any two are .7 to .9 alike, and a passage that is
like the usual question is found for every one. Both are measured once for each model, on
ordinary questions and passages in many languages, about anything.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np

from index.encoders.protocol import Encoder, Vectors

_FILE: Final = Path(__file__).with_name("background_texts.tsv")


class BackgroundText(NamedTuple):
    """A question as anyone might ask it, and a passage that answers it."""

    language: str
    question: str
    passage: str


@dataclass(frozen=True, slots=True)
class BackgroundVectors:
    """A model's vectors of the ordinary texts."""

    question: Vectors
    """Mean of the questions, shape (dimension,)."""
    passages: Vectors
    """Shape (texts, dimension)."""


@cache
def background_texts() -> tuple[BackgroundText, ...]:
    """Return the ordinary texts, each of them once."""
    lines = _FILE.read_text("utf-8").splitlines()
    return tuple(BackgroundText(*line.split("\t")) for line in lines)


def load_background(encoder: Encoder, cache: Path) -> BackgroundVectors:
    """Return what ``encoder`` makes of the ordinary texts, kept in a file below ``cache``.

    They are encoded again if that file is not there or cannot be read, and if it cannot be
    written, the next time as well.
    """
    key = sha256(f"{encoder.identity.sha256} {background_texts()}".encode()).hexdigest()
    file = cache / "neutral" / f"{key[:32]}.npz"
    kept = _read(file, encoder.dimension)
    if kept is None:
        kept = fit(encoder)
        _write(file, kept)
    return kept


def fit(encoder: Encoder) -> BackgroundVectors:
    """Encode the ordinary texts: some 200 short ones."""
    questions = encoder.questions([text.question for text in background_texts()])
    return BackgroundVectors(
        questions.mean(axis=0), encoder.passages([text.passage for text in background_texts()])
    )


def _read(file: Path, dimension: int) -> BackgroundVectors | None:
    try:
        with np.load(file, allow_pickle=False) as kept:
            neutral = BackgroundVectors(kept["question"], kept["passages"])
    except (OSError, KeyError, ValueError, EOFError, BadZipFile):
        return None
    shapes = neutral.question.shape, neutral.passages.shape
    return neutral if shapes == ((dimension,), (len(background_texts()), dimension)) else None


def _write(file: Path, neutral: BackgroundVectors) -> None:
    part = file.with_name(f"{file.stem}.{os.getpid()}.part.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, question=neutral.question, passages=neutral.passages)
        part.replace(file)
    except OSError:
        with suppress(OSError):
            part.unlink()
