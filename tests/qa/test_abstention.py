from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.abstention import confidence
from qa.config import AbstentionConfig
from qa.types import RankedPassage

CONFIG = AbstentionConfig()
nearness = st.floats(-2, 2)


def ranked(*nearnesses: float) -> list[RankedPassage]:
    return [
        RankedPassage(number, 1, "fr", score=near * 30, nearness=near, cosines=(0.5,))
        for number, near in enumerate(nearnesses)
    ]


def test_nothing_found_answers_nothing() -> None:
    assert confidence([], CONFIG) == 0


@given(st.lists(nearness, min_size=1, max_size=20))
def test_a_confidence_is_a_probability(found: list[float]) -> None:
    assert 0 <= confidence(ranked(*found), CONFIG) <= 1


def test_the_nearer_the_surer() -> None:
    assert confidence(ranked(0.3, 0.1), CONFIG) > confidence(ranked(0.2, 0.0), CONFIG)


def test_the_more_it_stands_out_the_surer() -> None:
    assert confidence(ranked(0.2, 0.1, 0.1), CONFIG) > confidence(ranked(0.2, 0.19, 0.18), CONFIG)


def test_a_lone_passage_is_judged_by_its_nearness() -> None:
    assert confidence(ranked(0.2), CONFIG) == confidence(ranked(0.2, 0.2), CONFIG)


def test_few_runners_up_are_little_evidence() -> None:
    assert confidence(ranked(0.2, 0.1), CONFIG) < confidence(ranked(0.2, *[0.1] * 10), CONFIG)


@given(st.lists(nearness, min_size=11, max_size=20), nearness)
def test_what_comes_after_the_runners_up_does_not_count(found: list[float], other: float) -> None:
    assert confidence(ranked(*found), CONFIG) == pytest.approx(
        confidence(ranked(*found[:11], other), CONFIG)
    )
