"""Has an answer written, and lets through what its passages carry; the order of the steps."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from copy import copy
from threading import BoundedSemaphore
from typing import Final

from api.writing import prompt
from api.writing.bounded_request import NotWritten
from api.writing.budget import Budget
from api.writing.consent import Consent
from api.writing.model_server import ModelServer
from api.writing.reply import claims
from index.encoders.protocol import Encoder
from qa.errors import WritingError
from qa.types import Answer, CitedPassage
from qa.writing.checking import Checker
from qa.writing.negation import is_known
from qa.writing.types import Fault, Given, Held, LeftOut, Part, Problem, Sentence, Stopped

MAX_SENTENCES: Final = 3
MAX_CLAIMS: Final = 8
"""Sentences of a reply that are looked at, good or bad."""

AT_ONCE: Final = 4
"""Answers that are written at once: each holds a thread meanwhile, of the 40 there are."""


log = logging.getLogger(__name__)


class Writer:
    """Writes from the passages of an answer. Safe to use from several threads."""

    def __init__(
        self, server: ModelServer, checker: Checker, consent: Consent, budget: Budget
    ) -> None:
        self._server = server
        self._checker = checker
        self._consent = consent
        self._budget = budget
        self._places = BoundedSemaphore(AT_ONCE)

    def checking_with(self, encoder: Encoder) -> Writer | None:
        """Return this writer with another model to check by; None if that cannot be."""
        try:
            checker = Checker(encoder)
        except WritingError as error:
            log.error("%s", error)
            return None
        other = copy(self)
        other._checker = checker
        return other

    @property
    def host(self) -> str:
        """Where questions and passages are sent."""
        return self._server.host

    @property
    def model(self) -> str:
        """What the model is called."""
        return self._server.model

    def sent(self, passages: Sequence[CitedPassage]) -> list[CitedPassage]:
        """Return those of an answer's passages that would be sent."""
        return self._consent.given(passages)[: prompt.MAX_PASSAGES]

    def write(self, answer: Answer, language: str) -> Generator[Part]:
        """Yield what is written in ``language``, sentence by sentence, as it is checked.

        Whatever goes wrong ends it, and is said by a last ``Stopped``.
        """
        passages = self.sent(answer.passages)
        if not passages:
            yield Stopped(Problem.CONSENT)
        elif not is_known(language):
            yield Stopped(Problem.LANGUAGE)
        elif not self._places.acquire(blocking=False):
            yield Stopped(Problem.BUSY)
        else:
            try:
                yield from self._written(answer, language, passages)
            finally:
                self._places.release()

    def _written(
        self, answer: Answer, language: str, passages: Sequence[CitedPassage]
    ) -> Iterator[Part]:
        if not self._budget.take():
            yield Stopped(Problem.BUDGET)
            return
        checking = self._checker.among(
            [Given(passage.text, passage.language) for passage in passages], language
        )
        held = looked_at = 0
        pieces = self._server.pieces(
            prompt.messages(answer.question.standalone, language, passages)
        )
        try:
            for claim in claims(pieces):
                looked_at += 1
                if claim is None:
                    yield Fault.UNREADABLE
                else:
                    (outcome,) = checking.check([claim])
                    yield _part(outcome, passages)
                    held += isinstance(outcome, Held)
                if held == MAX_SENTENCES or looked_at == MAX_CLAIMS:
                    return
        except NotWritten as error:
            if error.status is None:  # another than 200 is in the log already
                log.warning("nothing, or no more, was written by %s: %s", self.host, error)
            yield Stopped(error.problem)
            return
        finally:
            pieces.close()
        if not looked_at:
            yield Stopped(Problem.NOTHING)


def _part(outcome: Held | LeftOut, passages: Sequence[CitedPassage]) -> Part:
    match outcome:
        case Held(claim, quote):
            return Sentence(claim.text, passages[claim.place].rank, quote)
        case LeftOut(_, fault):
            return fault
