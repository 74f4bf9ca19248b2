from __future__ import annotations

import pytest

from qa.conversation import standalone

EARLIER = ["Combien de patrouilles mixtes en France ?"]


@pytest.mark.parametrize("follow_up", ["Et en Belgique ?", "And when was that?", "Wien?"])
def test_a_question_too_short_to_stand_alone_takes_the_one_before(follow_up: str) -> None:
    assert standalone(follow_up, EARLIER) == f"{EARLIER[0]} {follow_up}"


def test_a_question_that_says_what_it_is_about_is_taken_as_it_stands() -> None:
    question = "Wanneer werd het Benelux-politieverdrag ondertekend?"
    assert standalone(question, EARLIER) == question


def test_the_first_question_is_taken_as_it_stands() -> None:
    assert standalone("Quand ?", []) == "Quand ?"
