"""The texts by which a compiled model is compared with its reference."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np

from index.encoders.background_texts import background_texts
from index.encoders.protocol import Vectors
from index.errors import ModelDamaged

SHIPPED: Final = Path(__file__).with_name("reference_vectors.npz")
"""What sentence-transformers makes of them with each form of the default model, in 16 bits;
``python -m training.reference_vectors`` writes it."""


class CheckedTexts(NamedTuple):
    """Texts in all languages."""

    questions: tuple[str, ...]
    passages: tuple[str, ...]


class Expected(NamedTuple):
    """The reference's vectors of these texts, one a row."""

    questions: Vectors
    passages: Vectors


def checked_texts() -> CheckedTexts:
    """Return a question and a passage of each language, an empty passage, and a long one."""
    by_language = {text.language: text for text in background_texts()}
    passages = [text.passage for text in by_language.values()]
    passages += ["", " ".join(passages)]  # one of them is longer than what a model reads
    return CheckedTexts(tuple(text.question for text in by_language.values()), tuple(passages))


def shipped_vectors(variant: str, path: Path = SHIPPED) -> Expected:
    """Return the reference's vectors for a form of the default model.

    Raises:
        ModelDamaged: the file is missing, or is not the one this release came with.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            found = Expected(
                *(kept[f"{variant} {part}"].astype(np.float32) for part in Expected._fields)
            )
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise ModelDamaged(f"{path} cannot be read: {error}. Reinstall passerelle.") from error
    return found
