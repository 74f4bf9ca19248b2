"""What passes between the steps of the question path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, NamedTuple

from corpus.store.view.listings import DocumentSummary
from corpus.types import RecognisedPage, Span
from index.snapshot import EVERYTHING, Scope

Translations = Literal["grouped", "separate"]

Effort = Literal["quick", "thorough"]
"""Whether passages are only ranked, or the first of them read."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is asked."""

    text: str
    limit: int = 5
    """How many passages are wanted at most."""
    scope: Scope = EVERYTHING
    prefer: float | None = None
    """How much passages in the question's own language are favoured, in spreads of the score;
    None stands for the default."""
    conversation: tuple[str, ...] = ()
    """The earlier questions, oldest first."""
    translations: Translations = "grouped"
    """Whether translations of one passage are one hit, or each is ranked by itself."""
    effort: Effort | None = None
    """None stands for the server's default."""


@dataclass(frozen=True, slots=True)
class UnderstoodQuestion:
    """A question as it is searched for."""

    text: str
    language: str
    standalone: str
    """The question with what it takes from the conversation."""


class RankedPassage(NamedTuple):
    """A passage in its place, before its text is fetched."""

    passage_id: int
    document_key: int
    language: str
    score: float
    """How much nearer it is than an ordinary passage, languages made comparable, in spreads."""
    nearness: float
    """How much nearer it is than an ordinary passage, in cosines or so."""
    sentences: tuple[float, ...]
    """How well each of its sentences answers, in the order of the text: products of their vectors
    with the question's or, once it was read, logits."""
    also_in: tuple[RankedPassage, ...] = ()
    """Its translations, best first."""


class Verdict(Enum):
    """Whether the first passages answer."""

    ANSWERS = auto()
    MAY_ANSWER = auto()
    NOTHING = auto()


class Reading(NamedTuple):
    """What is made of ranked passages, by reading the first of them or by their scores alone."""

    ranked: list[RankedPassage]
    """Best first."""
    confidence: float
    """Estimated probability that one of the first answers, 0 to 1."""
    verdict: Verdict
    was_read: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a passage stands, so that anyone can check it."""

    document: DocumentSummary
    span: Span
    """Of the document's cleaned text."""
    page: int | None
    copies: tuple[DocumentSummary, ...] = ()
    """Other documents that were read from the same bytes, which say it at the same place."""
    recognised: RecognisedPage | None = None
    """How well its page was, if its words were recognised in a picture."""

    @property
    def fragment(self) -> str:
        """What opens a document's path at the passage."""
        return f"#{self.span.start}-{self.span.end}"

    @property
    def link(self) -> str:
        """Path that opens the document at the passage."""
        return f"/documents/{self.document.id}{self.fragment}"


@dataclass(frozen=True, slots=True)
class Translation:
    """Where a passage stands in another language."""

    language: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage word for word, the sentence in it that answers, and its source."""

    rank: int
    """From 1."""
    score: float
    language: str
    text: str
    answer: Span
    """The answering sentence, or two that follow one another, as offsets into ``text``."""
    citation: Citation
    also_in: tuple[Translation, ...]
    """The passage's translations, best first."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds that a question took, as a whole and by step."""

    total: float
    encode: float
    search: float
    rank: float
    read: float
    """0 where nothing was read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The collection answers: the passages that do, best first."""

    question: UnderstoodQuestion
    confidence: float
    """Estimated probability that one of the first passages answers, 0 to 1."""
    is_sure: bool
    """Whether that is enough to say that it does, and not that it may."""
    passages: tuple[CitedPassage, ...]
    timings: Timings


@dataclass(frozen=True, slots=True)
class Abstention:
    """Nothing in the collection answers."""

    question: UnderstoodQuestion
    confidence: float
    """Estimated probability that the nearest passage answers all the same, 0 to 1."""
    nearest: tuple[CitedPassage, ...]
    """The nearest passages, none of which is thought to answer."""
    timings: Timings
