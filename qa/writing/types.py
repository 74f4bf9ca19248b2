"""What passes between the steps of the check."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from corpus.types import Span


class Claim(NamedTuple):
    """A sentence that a machine wrote, and what it says that it rests on."""

    text: str
    place: int
    """Of the passage among those that it was written from, from 0."""
    quotation: str


class Given(NamedTuple):
    """A passage that was written from."""

    text: str
    language: str


class Fault(StrEnum):
    """Why a sentence is left out: the first that is found."""

    MARKUP = "markup"
    """It has an address, or markup."""
    LANGUAGE = "language"
    """It is in another language than asked for, or in one whose negations are not known."""
    QUOTATION = "quotation"
    """The quotation does not stand in the passage."""
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    PASSAGE = "passage"
    """Another passage is nearer to what it says, or none is near."""


class Held(NamedTuple):
    """A sentence that stands."""

    claim: Claim
    quote: Span
    """Of the passage's text."""


class LeftOut(NamedTuple):
    """A sentence that does not."""

    claim: Claim
    fault: Fault
