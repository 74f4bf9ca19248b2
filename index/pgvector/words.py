"""Words as they are looked up, in the forms in which PostgreSQL takes them.

They are told apart here, and not by a parser of the server's, so that a passage is found by the
same words whatever keeps it: letters and digits on end, folded, with § as one of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from index.vocabulary import folded

_WORD: Final = re.compile(r"(?:[^\W_]|§)+")

MAX_CHARACTERS: Final = 500
"""Of a word; PostgreSQL takes 2,046 bytes."""

MAX_POSITION: Final = 16_383
"""PostgreSQL counts no further; phrases are not told apart behind it."""


def words_of(text: str) -> list[str]:
    """Return a text's words, in their order."""
    return [word[:MAX_CHARACTERS] for word in _WORD.findall(folded(text))]


def as_vector(text: str) -> str:
    """Return a text's words and where they stand, as a ``tsvector`` is written."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words_of(text), start=1):
        places[word].append(min(place, MAX_POSITION))
    return " ".join(f"'{word}':{','.join(map(str, at))}" for word, at in places.items())


def any_of(phrases: Sequence[str]) -> str:
    """Return a ``tsquery`` for texts that have one of these phrases; empty: none has a word."""
    written = (" <-> ".join(f"'{word}'" for word in words_of(phrase)) for phrase in phrases)
    return " | ".join(f"({phrase})" for phrase in written if phrase)


def all_of(words: Sequence[str]) -> str:
    """Return a ``tsquery`` for texts that have all of these words."""
    return " & ".join(f"'{part}'" for word in words for part in words_of(word))
