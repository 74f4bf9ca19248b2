"""What a question means after the ones before it.

Whether it leans on them is told by the model's vectors: that of a question that leaves out what it
is about differs, in any language, from one that says it. The weights were learnt from written
conversations (``training.follow_ups``) and are of one encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from index.encoders.background_texts import BackgroundVectors
from index.encoders.protocol import Encoder, Vectors
from index.encoders.token_codes import read_tensors, unit_rows

SHIPPED: Final = Path(__file__).with_name("follow_ups.safetensors")
SHA256: Final = "791edfc72d6cd0fb0e7c07ace628b2b4be59952f6e87e4b936c98f15d27ba84a"
"""Of ``follow_ups.safetensors``; ``python -m training.follow_ups`` prints it."""

ELLIPSIS_LETTERS: Final = 20
"""Characters up to which a question leans on the one before where only its length is known, with
another model than the default: "Wer bekommt Jodtabletten?" stands alone with 25."""

_CHARACTERS: Final = 50
_WORDS: Final = 8
"""A question of usual length; what its length is counted in."""


class FollowUps:
    """Tells which questions lean on the one before."""

    def __init__(self, encoder: Encoder, background: BackgroundVectors) -> None:
        """Read the weights of ``encoder``; without any, only the length of a question tells.

        Raises:
            ReaderDamaged: their file is missing, altered, or no such file at all.
        """
        self._encoder = encoder
        self._typical = background.question
        tensors, metadata = read_tensors(SHIPPED, SHA256)
        is_known = metadata["encoder"] == encoder.identity.sha256
        self._weights = tensors["weights"] if is_known else None

    def standalone(self, question: str, conversation: Sequence[str]) -> str:
        """Return ``question`` as it can be understood without the earlier ones, oldest first.

        A follow-up ("Et en Belgique ?") is put behind the question before it, which may itself be
        one and then brings along what it leans on; any other question is taken as it stands.
        """
        turns = [*conversation, question]
        meaning = turns[0]
        for turn, leans in zip(turns[1:], self._leaning(turns), strict=True):
            meaning = f"{meaning} {turn}" if leans else turn
        return meaning

    def _leaning(self, turns: Sequence[str]) -> list[bool]:
        """Return of every turn but the first whether it leans on the one before."""
        if len(turns) == 1:
            return []
        if self._weights is None:
            return [len(turn) <= ELLIPSIS_LETTERS for turn in turns[1:]]
        known = features(turns, self._encoder.questions(turns), self._typical)
        leans: list[bool] = (known @ self._weights[:-1] + self._weights[-1] > 0).tolist()
        return leans


def features(turns: Sequence[str], vectors: Vectors, typical: Vectors) -> Vectors:
    """Return what is known of every turn but the first, shape (turns - 1, dimension + 3).

    That is its vector, shape (turns, dimension), without the ``typical`` question's, how long it
    is in characters and words, and how near it is to the turn before.
    """
    seen = unit_rows(vectors - typical)
    lengths = [(len(turn) / _CHARACTERS, len(turn.split()) / _WORDS) for turn in turns]
    near = (seen[1:] * seen[:-1]).sum(axis=1, keepdims=True)
    return np.hstack([seen[1:] * 4, np.array(lengths[1:], np.float32), near])
