"""Which sentence of a passage answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from qa.answer.answer_types import holds
from qa.config import SentenceConfig
from qa.types import AnswerType

_ENDS = (".", "。", "!", ";", ":", "…", '"', "»", "”", "“", ")")
_BULLETS = ("-", "•", "*")
_QUOTES = ("„", "“", '"', "«", "”")


def answering(
    sentences: Sequence[str],
    cosines: Sequence[float],
    language: str,
    wanted: Collection[AnswerType],
    config: SentenceConfig,
) -> int:
    """Return which sentence answers, counted from 0; the first of those that are as good.

    ``cosines`` are the sentences' to the question, one each and one at least, ``language`` is
    the passage's, ``wanted`` what the question asks for.
    """
    near = np.array(cosines)
    spread = near.std()
    marks = [
        config.fragment * _is_fragment(sentence) + config.quotation * sentence.startswith(_QUOTES)
        for sentence in sentences
    ]
    scores = near - spread * np.array(marks)
    # Whatever lies further behind than the bonus cannot win with it.
    for place in np.flatnonzero(scores >= scores.max() - config.bonus * spread).tolist():
        scores[place] += config.bonus * spread * holds(sentences[place], language, wanted)
    return int(scores.argmax())


def _is_fragment(sentence: str) -> bool:
    """Tell whether it is a question, or a heading, a table's row or an address: no full stop."""
    return not sentence.startswith(_BULLETS) and not sentence.rstrip().endswith(_ENDS)
