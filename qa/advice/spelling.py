"""Mistyped words, corrected from the collection's own vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from corpus.types import composed
from index.snapshot import Snapshot
from index.vocabulary import WORD, folded, words_in

LEAST_LETTERS: Final = 4
"""Shorter words differ from too many others by one letter."""

LONG_LETTERS: Final = 8
"""From here on two letters may be wrong, not one."""

FEW_WORDS: Final = 3
"""Words in which a question's language is a guess, so that a correction may be in any."""

MANY_PASSAGES: Final = 50_000
"""From here on the first two letters have to be right, not one: so the words that begin alike stay
few enough to be looked through in some 20 ms."""

MAX_WORDS: Final = 8
"""Words of a question that are looked at, which bounds the work that it makes."""

COUNTED_PASSAGES: Final = 20
"""Of two words as much alike the one in more passages is meant; so many are counted."""


def corrected(snapshot: Snapshot, question: str, language: str) -> str | None:
    """Return a question with mistyped words corrected, None if there is none.

    A word is mistyped if no passage has it and some have one that differs by a letter
    or two: left out, added, another one, or two swapped. In a longer question it must be a word of
    the question's own ``language``, since a collection seldom has all words of another.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    result = question = composed(question)
    words = list(WORD.finditer(question))
    wanted = None if len(words) <= FEW_WORDS else language
    prefix_letters = 1 if len(snapshot) < MANY_PASSAGES else 2
    long_enough = [word for word in words if len(word[0]) >= LEAST_LETTERS]
    for word in reversed(long_enough[:MAX_WORDS]):
        if not snapshot.places_of([folded(word[0])], 1):
            instead = _meant(snapshot, word[0], wanted, prefix_letters)
            result = result[: word.start()] + (instead or word[0]) + result[word.end() :]
    return None if result == question else result


def _meant(snapshot: Snapshot, word: str, language: str | None, prefix_letters: int) -> str | None:
    """Return the word that was probably meant, as a passage writes it."""
    best: tuple[int, int, str, int] | None = None
    for distance, near in _near(snapshot, folded(word), prefix_letters):
        if best and distance > best[0]:
            break
        places = snapshot.places_of([near], COUNTED_PASSAGES)
        fitting = [place.passage for place in places if language in (None, place.language)]
        if fitting:
            found = (distance, -len(places), near, fitting[0])
            best = min(best, found) if best else found
    return _as_written(snapshot, best[3], best[2]) if best else None


def _near(snapshot: Snapshot, word: str, prefix_letters: int) -> list[tuple[int, str]]:
    """Return words of the catalogue that differ little from ``word``, the most alike first, each
    after the number of letters that do."""
    from rapidfuzz.distance import OSA

    most = 2 if len(word) >= LONG_LETTERS else 1
    found = {
        (OSA.distance(word, other, score_cutoff=most), other)
        for prefix in _beginnings(word, prefix_letters)
        for other in snapshot.words_from(prefix)
        if abs(len(other) - len(word)) <= most and WORD.fullmatch(other)
    }
    return sorted((distance, other) for distance, other in found if distance <= most)


def _beginnings(word: str, letters: int) -> Iterator[str]:
    """Yield how the words begin that are looked at: the first two letters may be swapped."""
    yield word[:letters]
    yield (word[1] + word[0] + word[2:])[:letters]


def _as_written(snapshot: Snapshot, passage: int, word: str) -> str | None:
    text = snapshot.view.passages([passage])[passage].text
    return next((text[slice(*span)] for span in words_in(text, frozenset({word}))), None)
