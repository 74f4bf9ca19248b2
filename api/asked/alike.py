"""When two questions are alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from corpus.types import composed

MAX_CHARACTERS: Final = 200
"""Of a question whose words are kept. A longer one is hardly asked five times, and tells more."""


_APOSTROPHE: Final = re.compile(r"(?<=\w)['’`´](?=\w)")
"""Within a word, however it is typed."""

_LETTER_APOSTROPHE: Final = "\N{MODIFIER LETTER APOSTROPHE}"


def folded(question: str) -> str:
    """Return what questions that are alike have in common: their words, in small letters.

    It is empty for a question that is too long to be kept.
    """
    if len(question) > MAX_CHARACTERS:
        return ""
    small = composed(unicodedata.normalize("NFD", question).casefold())
    words = " ".join("".join(map(_or_a_space, _APOSTROPHE.sub(_LETTER_APOSTROPHE, small))).split())
    return words if len(words) <= MAX_CHARACTERS else ""


def _or_a_space(character: str) -> str:
    """Return a letter, a mark, a digit or a symbol; a space for anything else."""
    return character if unicodedata.category(character)[0] in "LMNS" else " "
