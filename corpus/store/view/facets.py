"""How much there is of something in a catalogue."""

from __future__ import annotations

from typing import NamedTuple


class LanguageCount(NamedTuple):
    """How much of the collection is in a language."""

    language: str
    documents: int
    passages: int


class Count(NamedTuple):
    """How many documents have something in common."""

    value: str | None
    """What it is; None for the documents that do not say."""
    documents: int


class CollectionCount(NamedTuple):
    """How much there is in a collection."""

    collection: str
    documents: int
    passages: int
