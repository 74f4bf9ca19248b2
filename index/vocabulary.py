"""The collection's own words: which there are, and in which passages.

Words are those of the catalogue's inverted index: in lower case, without accents. Which words the
whole catalogue has is for nobody to see: only passages tell what a view may know of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.store.view import View

WORD: Final = re.compile(r"[^\W\d_]+")
"""Letters on end, as the index takes them for a word."""


class Place(NamedTuple):
    """A passage that some words are in."""

    passage: int
    document_key: int
    language: str


def folded(word: str) -> str:
    """Return a word as the index has it."""
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def words_in(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where the ``wanted`` words, which are folded, stand in a text: start and end."""
    return (found.span() for found in WORD.finditer(text) if folded(found[0]) in wanted)


def words_from(view: View, prefix: str) -> list[str]:
    """Return every word of the whole catalogue that begins with ``prefix``, which is folded.

    It takes longer the more passages have one: some 20 ms for a million.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    rows = view.query(
        "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ?",
        (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)),
    )
    return [word for (word,) in rows]


def places_of(view: View, words: Sequence[str], limit: int) -> list[Place]:
    """Return passages that all of the folded ``words`` are in, up to ``limit``, the oldest first.

    Raises:
        CatalogueError: the catalogue cannot be read.
    """
    rows = view.query(
        "SELECT p.id, p.document_key, p.language FROM passage_words"
        " JOIN passages p ON p.id = passage_words.rowid"
        " JOIN {documents} d ON d.key = p.document_key AND d.live = 1"
        " WHERE passage_words MATCH ? ORDER BY passage_words.rowid LIMIT ?",
        (" AND ".join(f'"{word}"' for word in words), limit),
    )
    return [Place(*row) for row in rows]
