"""What a question means after the ones before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from corpus.languages import language as data_of
from corpus.text.language_id import language_of
from qa.config import ELLIPSIS_LETTERS, ELLIPSIS_WORDS, FOLLOW_UP_WORDS

# Chinese and Japanese put no spaces; two of their characters say about as much as a word.
_WORD: Final = re.compile(r"[\u3040-\u9fff]{1,2}|[^\s\u3040-\u9fff]+")
_MARKS: Final = "¿?¡!.,;:…«»„“”\"‘'()"


def standalone(question: str, conversation: Sequence[str]) -> str:
    """Return ``question`` as it can be understood without the earlier questions.

    A follow-up ("Et en Belgique ?") is put behind the question before it, which may itself be
    one and then brings along what it leans on; any other question is taken as it stands.
    """
    meaning = ""
    for asked in (*conversation, question):
        meaning = f"{meaning} {asked}" if meaning and _is_follow_up(asked, meaning) else asked
    return meaning


def _is_follow_up(question: str, before: str) -> bool:
    words = _words_of(question)
    if len(words) <= ELLIPSIS_WORDS and len("".join(words)) <= ELLIPSIS_LETTERS:
        return True
    if len(words) > FOLLOW_UP_WORDS:
        return False
    # A few words alone are often in no certain language, and a conversation may change its own.
    languages = {language_of(question), language_of(f"{before} {question}")}
    return any(
        words[0].casefold() in follow_ups.openings or not set(words).isdisjoint(follow_ups.pronouns)
        for follow_ups in (data_of(language).follow_ups for language in languages)
    )


def _words_of(question: str) -> list[str]:
    stripped = (word.strip(_MARKS) for word in _WORD.findall(question))
    return [word.replace("’", "'") for word in stripped if any(map(str.isalnum, word))]
