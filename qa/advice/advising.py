"""What may help where nothing answers, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from index.snapshot import Snapshot
from qa.advice.keywords import Containing, containing
from qa.advice.scope import NOTHING_MISSING, Missing, missing
from qa.advice.spelling import corrected
from qa.thanks import is_thanks
from qa.types import Abstention, Answer, Question


@dataclass(frozen=True, slots=True)
class Advice:
    """What may help; empty where a question is answered."""

    missing: Missing = NOTHING_MISSING
    corrected: str | None = None
    """The question with mistyped words corrected."""
    containing: tuple[Containing, ...] = ()
    """Passages with the keywords, if that is what was asked."""
    is_thanks: bool = False
    """Whether nothing was asked: it was a thank-you."""


NO_ADVICE: Final = Advice()


def advise(snapshot: Snapshot, question: Question, outcome: Answer | Abstention) -> Advice:
    """Return what may help with a question; nothing is looked up for one that is answered.

    The snapshot is of what the reader may read.

    Raises:
        CatalogueError: the passages could not be read.
    """
    if isinstance(outcome, Answer):
        return NO_ADVICE
    if is_thanks(question.text):
        return Advice(is_thanks=True)
    if not outcome.nearest:
        return Advice(missing(snapshot, question.scope))
    asked = outcome.question
    return Advice(
        missing(snapshot, question.scope),
        corrected(snapshot, asked.text, asked.language),
        containing(snapshot, question),
    )
