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


class CollectionOverview(NamedTuple):
    """What a collection holds."""

    collection: str
    documents: int
    passages: int
    first: str | None
    """The year of its oldest document that bears a date, and of its newest."""
    last: str | None
    languages: tuple[Count, ...]
    """Its documents by their main language, most first."""


class CollectionCount(NamedTuple):
    """How much there is in a collection."""

    collection: str
    documents: int
    passages: int
