"""Whether a text says that something is, or that it is not."""

from __future__ import annotations

import re
from functools import cache

from corpus.languages import any_of
from corpus.languages import language as data_of

_CONTRACTED = re.compile(r"\w+n['’]t\b", re.IGNORECASE)


def is_known(language: str) -> bool:
    """Tell whether it is known how the language denies."""
    return bool(data_of(language).claims.negations)


def is_negated(text: str, language: str) -> bool:
    """Tell whether a text denies; one that denies a refusal ("not forbidden") does not."""
    text = text.replace("’", "'")
    if language == "en":
        text = _CONTRACTED.sub(" not ", text)
    left = _phrases(language, "no_negations").sub(" ", text)
    denies = _phrases(language, "negations").search(left) is not None
    refuses = _phrases(language, "refusals").search(left) is not None
    return denies != refuses


@cache
def _phrases(language: str, key: str) -> re.Pattern[str]:
    words = getattr(data_of(language).claims, key)
    return re.compile(rf"(?<!\w){any_of(words)}(?!\w)", re.IGNORECASE)
