from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from corpus.errors import CatalogueError
from index.snapshot import Scope, Snapshot
from qa.advice.advising import NO_ADVICE, advise
from qa.types import Abstention, Answer, Question, Timings, UnderstoodQuestion
from tests.qa.advice.conftest import TEXTS, Collections

TIMES = Timings(0, 0, 0, 0, 0)


def abstained(text: str, *, empty: bool = False) -> Abstention:
    asked = UnderstoodQuestion(text, "de", text)
    return Abstention(asked, 0.0, () if empty else (None,), TIMES)  # type: ignore[arg-type]


def test_nothing_is_looked_up_for_a_question_that_is_answered(
    made: Callable[[Collections], Snapshot],
) -> None:
    closed = made(TEXTS)
    closed.view.close()
    asked = UnderstoodQuestion("Hochwaser", "de", "Hochwaser")
    answer = Answer(asked, 0.9, True, (), TIMES)
    assert advise(closed, Question("Hochwaser"), answer) is NO_ADVICE
    with pytest.raises(CatalogueError):
        advise(closed, Question("Hochwaser"), abstained("Hochwaser"))


def test_a_mistyped_keyword_is_corrected_and_a_right_one_listed(snapshot: Snapshot) -> None:
    wrong = advise(snapshot, Question("Hochwaser"), abstained("Hochwaser"))
    assert (wrong.corrected, wrong.containing) == ("Hochwasser", ())
    right = advise(snapshot, Question("Hochwasser"), abstained("Hochwasser"))
    assert (right.corrected, len(right.containing)) == (None, 2)


def test_where_there_is_nothing_to_search_only_that_is_said(snapshot: Snapshot) -> None:
    question = Question("Hochwaser", scope=Scope(languages=frozenset({"it"})))
    advice = advise(snapshot, question, abstained("Hochwaser", empty=True))
    assert advice == replace(NO_ADVICE, missing=advice.missing)
    assert advice.missing.languages == ("it",)


def test_who_says_thank_you_is_not_told_what_is_near(snapshot: Snapshot) -> None:
    advice = advise(snapshot, Question("Vielen Dank!"), abstained("Vielen Dank!"))
    assert advice == replace(NO_ADVICE, is_thanks=True)
