"""What passes between the steps of the check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    UNREADABLE = "unreadable"
    """It did not come in the form that was asked for."""


class Held(NamedTuple):
    """A sentence that stands."""

    claim: Claim
    quote: Span
    """Of the passage's text."""


class LeftOut(NamedTuple):
    """A sentence that does not."""

    claim: Claim
    fault: Fault


class Problem(StrEnum):
    """Why nothing is written, or no more."""

    OFF = "off"
    """There is no language model."""
    ABSTAINED = "abstained"
    """Nothing in the collection answers."""
    CONSENT = "consent"
    """No passage is of a collection whose text may be sent."""
    LANGUAGE = "language"
    """What is written in this language cannot be checked."""
    BUSY = "busy"
    """As much is being written as may be at once."""
    BUDGET = "budget"
    """As much was asked for today as may be in a day."""
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """The server answered with another status than 200: an error, or a redirect."""
    SLOW = "slow"
    UNUSABLE = "unusable"
    """The server's answer is too long, cut short, or none that its protocol has."""
    NOTHING = "nothing"
    """The model wrote no sentence."""


class Sentence(NamedTuple):
    """A sentence that stands, and what it rests on."""

    text: str
    rank: int
    """Of the passage, from 1."""
    quote: Span
    """Of the passage's text."""


class Stopped(NamedTuple):
    """The end, before its time."""

    problem: Problem


Part = Sentence | Fault | Stopped
"""What comes of a request to write, one after another; a ``Fault`` is a sentence left out."""


class Written(NamedTuple):
    """All that came of it."""

    sentences: tuple[Sentence, ...]
    left_out: Mapping[Fault, int]
    problem: Problem | None


def together(parts: Iterable[Part]) -> Written:
    """Return what came one after another as one."""
    sentences: list[Sentence] = []
    left_out: Counter[Fault] = Counter()
    problem = None
    for part in parts:
        match part:
            case Sentence():
                sentences.append(part)
            case Fault():
                left_out[part] += 1
            case Stopped():
                problem = part.problem
    return Written(tuple(sentences), left_out, problem)
