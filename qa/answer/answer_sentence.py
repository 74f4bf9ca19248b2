"""Which sentence of a passage answers, or which two."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from corpus.text.table_rows import CELL_SEPARATOR
from qa.config import SentenceConfig

_ENDS = (".", "。", "!", ";", ":", "…", '"', "»", "”", "“", ")")
_BULLETS = ("-", "•", "*")
_QUOTES = ("„", "“", '"', "«", "”")
# Its repeats are bounded where they may be tried from many places: a passage may be hostile.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,255}\.\w+|(?:\+|\b0)\d[\d ./()-]{5,40}\d"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def answering(sentences: Sequence[str], scores: Sequence[float], config: SentenceConfig) -> range:
    """Return which sentences answer, counted from 0: one, or two that follow one another.

    It is the best, the first of those that are as good, and with it a neighbour that is hardly
    worse. ``scores`` are how well each does, one for each and one at least.
    """
    spread = np.array(scores).std()
    good = np.array(scores) - spread * np.array([_doubt(each, config) for each in sentences])
    best = int(good.argmax())
    beside = [place for place in (best - 1, best + 1) if 0 <= place < len(sentences)]
    second = max(beside, key=lambda place: good[place], default=best)
    if good[best] - good[second] < spread * config.runs_on:
        return range(min(best, second), max(best, second) + 1)
    return range(best, best + 1)


def _doubt(sentence: str, config: SentenceConfig) -> float:
    """Return how many standard deviations of the scores are taken off for its form."""
    of_quotation = config.quotation * sentence.startswith(_QUOTES)
    if not _is_fragment(sentence):
        return of_quotation
    rest, addresses = _ADDRESS.subn("", sentence)
    if not addresses:
        return of_quotation + config.fragment
    return config.contact if _WORD.search(rest) else config.address


def _is_fragment(sentence: str) -> bool:
    """Tell whether it is a question, a heading or an address, no row of a table: no full stop."""
    if CELL_SEPARATOR in sentence:
        return False
    return not sentence.startswith(_BULLETS) and not sentence.rstrip().endswith(_ENDS)
