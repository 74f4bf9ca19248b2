"""A question and its answer, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from api.web.query_string import Asked
from corpus.types import Span
from index.vocabulary import WORD
from qa.advice.advising import NO_ADVICE, Advice
from qa.types import Abstention, Answer, CitedPassage
from qa.writing.types import Problem, Written


class Writing(NamedTuple):
    """That an answer can be written, and what was."""

    host: str
    """Where the question and passages are sent."""
    model: str
    language: str
    """That the sentences are in."""
    ranks: tuple[int, ...]
    """Of the passages that are sent."""
    written: Written | None = None


class Translating(NamedTuple):
    """That passages can be translated, and what was."""

    host: str
    """Where a passage is sent."""
    ranks: frozenset[int]
    """Of the passages that may be sent."""
    made: Mapping[int, str | Problem] = {}
    """By rank: a translation, or why there is none."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation with its passages."""

    asked: Asked
    answered: bool
    is_sure: bool
    """Whether it is said to be answered, and not only that it may be."""
    passages: tuple[CitedPassage, ...]
    own: frozenset[str]
    """The reader's languages: the question's and the interface's."""
    advice: Advice = NO_ADVICE
    """What may help where it is not answered."""
    writing: Writing | None = None
    """None where there is no language model, or it may not have any of the passages."""
    translating: Translating | None = None
    """None where there is nothing that translates, or it may not have any of the passages."""

    @property
    def words(self) -> str:
        """The keywords that the passages are shown for; empty where they are not."""
        return " ".join(WORD.findall(self.asked.text)) if self.advice.containing else ""

    def marks(self, passage: CitedPassage) -> Sequence[Span]:
        """Return what is marked in a passage: the sentence that answers, or the keywords."""
        if self.advice.containing:
            return self.advice.containing[passage.rank - 1].words
        return [passage.answer] if self.answered else []

    @staticmethod
    def place(passage: CitedPassage) -> str:
        """Return where a passage stands, as an address names it."""
        span = passage.citation.span
        return f"{passage.citation.document.id}:{span.start}-{span.end}"

    def at(self, place: str) -> CitedPassage | None:
        """Return the passage that stands there, if it is among these."""
        return next((each for each in self.passages if self.place(each) == place), None)

    @property
    def has_further_translated(self) -> bool:
        """Whether a passage after the first was to be translated, so that it has to be seen."""
        made = self.translating.made if self.translating else {}
        return any(passage.rank in made for passage in self.further)

    @property
    def first(self) -> CitedPassage:
        """The best passage; there must be one."""
        return self.passages[0]

    @property
    def further(self) -> Sequence[CitedPassage]:
        """The passages after the first."""
        return self.passages[1:]

    def is_own(self, passage: CitedPassage) -> bool:
        """Tell whether a passage is in one of the reader's languages."""
        return passage.language in self.own

    @property
    def further_own(self) -> int:
        """How many further passages are in one of the reader's languages."""
        return sum(map(self.is_own, self.further))

    @property
    def further_other(self) -> list[str]:
        """The languages of the other ones, best passage first."""
        return [passage.language for passage in self.further if not self.is_own(passage)]

    def of_rank(self, rank: int) -> CitedPassage:
        """Return the passage of a rank that there is."""
        return self.passages[rank - 1]

    def quote(self, passage: CitedPassage) -> str:
        """Return what of a passage is worth citing: the answering sentence if one is marked."""
        return passage.text[slice(*passage.answer)] if self.answered else passage.text


def turn_of(
    asked: Asked,
    outcome: Answer | Abstention,
    interface_language: str,
    advice: Advice,
    writing: Writing | None = None,
) -> Turn:
    """Return an outcome as the page shows it."""
    return Turn(
        asked,
        isinstance(outcome, Answer),
        isinstance(outcome, Answer) and outcome.is_sure,
        _shown(outcome, advice),
        frozenset({outcome.question.language, interface_language}),
        advice,
        writing,
    )


def _shown(outcome: Answer | Abstention, advice: Advice) -> tuple[CitedPassage, ...]:
    """Return the passages that are shown.

    Who types a keyword wants those that have it, and who says thank you none.
    """
    if isinstance(outcome, Answer):
        return outcome.passages
    if advice.is_thanks:
        return ()
    return tuple(each.passage for each in advice.containing) or outcome.nearest
