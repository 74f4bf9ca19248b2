"""What is typed where a question is asked, and only says thank you."""

from __future__ import annotations

from functools import cache

from corpus.languages import words_of_all
from corpus.types import composed
from index.vocabulary import WORD


def is_thanks(text: str) -> bool:
    """Tell whether a text says thank you and nothing else, in any language."""
    return " ".join(WORD.findall(composed(text).casefold())) in _thanks()


@cache
def _thanks() -> frozenset[str]:
    """Return all that says so, as its words."""
    phrases = words_of_all(lambda language: language.questions.thanks)
    return frozenset(" ".join(WORD.findall(phrase.casefold())) for phrase in phrases)
