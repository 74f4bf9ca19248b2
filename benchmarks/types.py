"""What the makers of evaluation sets hand each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

MIN_VERSIONS = 3
"""Languages in which a document must be there to be asked across them."""


class Ask(NamedTuple):
    """One question to a document, in several languages."""

    questions: Mapping[str, str]
    """By language."""
    snippets: Mapping[str, str]
    """Where the passage that answers begins, for each of the document's languages; empty if
    every passage of it answers."""


class Item(NamedTuple):
    """A document in several languages, and what is asked of it."""

    name: str
    texts: Mapping[str, str]
    asks: tuple[Ask, ...]

    def length(self) -> int:
        """Return the number of characters in all languages together."""
        return sum(map(len, self.texts.values()))


Reader = Callable[[Path], Iterator[Item]]
"""Reads items out of a folder that holds one unpacked package in each of its folders."""
