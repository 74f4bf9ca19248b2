"""Words as they are compared across languages and scripts."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz

ALIKE: Final = 75.0
"""Likeness of two names (rapidfuzz, of 100) from which they are one in two spellings. Of the pairs
for choosing, "Kaliningrad" and "Kaliningrado" have 96, "Suvorova" and "Soevorova" 88."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:…]\W*$|^\W*$")
_SAME_SOUND: Final = (
    *(("sch", "s"), ("sh", "s"), ("sz", "s"), ("ch", "k"), ("ck", "k"), ("kh", "h"), ("ph", "f")),
    *(("th", "t"), ("zh", "j"), ("ij", "i"), ("oe", "u"), ("ou", "u"), ("ee", "e"), ("x", "ks")),
    *(("c", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("j", "i"), ("z", "s")),
)
"""Letters that stand for about the same sound in one spelling or another of a name."""


_SHORT: Final = 3
"""Letters up to which a name must be the same, but for one letter at its end."""


class Word(NamedTuple):
    """A word in its place."""

    text: str
    start: int
    begins: bool
    """Whether a sentence, or what is quoted, begins with it."""

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


def words_of(text: str) -> list[Word]:
    """Return the words of a text in their order, without figures."""
    return [
        Word(match[0], match.start(), bool(_SENTENCE_END.search(text[: match.start()][-40:])))
        for match in _WORD.finditer(text)
    ]


def folded(word: str) -> str:
    """Return a word in ASCII, lower case, letters only."""
    return "".join(letter for letter in anyascii(word).lower() if letter.isalpha())


def likeness(one: str, other: str) -> float:
    """Return how alike two names are as they sound, 0 to 100, endings aside."""
    first, second = _sound(one), _sound(other)
    if not first or not second:
        return 0.0
    shorter = min(len(first), len(second))
    if shorter <= _SHORT:
        same = first[:shorter] == second[:shorter]
        return 100.0 if same and max(len(first), len(second)) <= shorter + 1 else 0.0
    whole = fuzz.ratio(first, second)
    # "Luwrem" and "Louvre", "Trier" and "в Трире": languages that decline put endings on.
    stem = fuzz.ratio(first[:shorter], second[:shorter]) if abs(len(first) - len(second)) < 4 else 0
    return max(whole, stem - 5)


def are_alike(one: str, other: str) -> bool:
    """Tell whether two words may be one name in two spellings."""
    if one.isupper() and other.isupper() and len(one) > 1:
        return sorted(folded(one)) == sorted(folded(other))  # "EU" and "UE", "NATO" and "OTAN"
    return likeness(one, other) >= ALIKE


def _sound(word: str) -> str:
    letters = folded(word)
    for spelling, sound in _SAME_SOUND:
        letters = letters.replace(spelling, sound)
    return re.sub(r"(.)\1+", r"\1", letters)
