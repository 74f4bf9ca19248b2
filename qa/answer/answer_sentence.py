"""Which sentence of a passage answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qa.config import SentenceConfig

_ENDS = (".", "。", "!", ";", ":", "…", '"', "»", "”", "“", ")")
_BULLETS = ("-", "•", "*")
_QUOTES = ("„", "“", '"', "«", "”")


def answering(sentences: Sequence[str], scores: Sequence[float], config: SentenceConfig) -> int:
    """Return which sentence answers, counted from 0; the first of those that are as good.

    ``scores`` are how well each does, one for each and one at least.
    """
    marks = [
        config.fragment * _is_fragment(sentence) + config.quotation * sentence.startswith(_QUOTES)
        for sentence in sentences
    ]
    good = np.array(scores)
    return int((good - good.std() * np.array(marks)).argmax())


def _is_fragment(sentence: str) -> bool:
    """Tell whether it is a question, or a heading, a table's row or an address: no full stop."""
    return not sentence.startswith(_BULLETS) and not sentence.rstrip().endswith(_ENDS)
