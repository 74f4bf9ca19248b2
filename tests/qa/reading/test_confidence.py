from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.config import AbstentionConfig
from qa.reading import confidence as told
from qa.search.score_norm import ScoreNorm
from qa.types import RankedPassage

CONFIG = AbstentionConfig()
SCALE = ScoreNorm(ordinary=0.5, nearest=(0.05,) * 10, spread=0.02, advantages={})
nearness = st.floats(-2, 2)


def ranked(*nearnesses: float) -> list[RankedPassage]:
    return [
        RankedPassage(number, 1, "fr", score=near * 30, nearness=near, sentences=(0.5,))
        for number, near in enumerate(nearnesses)
    ]


def confidence(found: list[RankedPassage], scale: ScoreNorm, config: AbstentionConfig) -> float:
    return told.confidence(found, None, scale, config)


def test_nothing_found_answers_nothing() -> None:
    assert confidence([], SCALE, CONFIG) == 0


@given(st.lists(nearness, min_size=1, max_size=20))
def test_a_confidence_is_a_probability(found: list[float]) -> None:
    assert 0 <= confidence(ranked(*found), SCALE, CONFIG) <= 1


def test_the_nearer_the_surer() -> None:
    assert confidence(ranked(0.3, 0.1), SCALE, CONFIG) > confidence(ranked(0.2, 0.0), SCALE, CONFIG)


def test_the_more_it_stands_out_the_surer() -> None:
    assert confidence(ranked(0.2, 0.1, 0.1), SCALE, CONFIG) > confidence(
        ranked(0.2, 0.19, 0.18), SCALE, CONFIG
    )


def test_ordinary_passages_stand_in_where_there_are_few() -> None:
    lone = confidence(ranked(0.2), SCALE, CONFIG)
    assert lone == confidence(ranked(0.2, *[0.05] * 10), SCALE, CONFIG)
    assert lone == confidence(ranked(0.2, 0.01, -0.3), SCALE, CONFIG)
    assert lone > confidence(ranked(0.2, 0.1), SCALE, CONFIG)


@given(st.lists(nearness, min_size=11, max_size=20), nearness)
def test_what_comes_after_the_runners_up_does_not_count(found: list[float], other: float) -> None:
    assert confidence(ranked(*found), SCALE, CONFIG) == pytest.approx(
        confidence(ranked(*found[:11], other), SCALE, CONFIG)
    )


@given(st.lists(nearness, min_size=1, max_size=20), st.floats(-20, 20), st.floats(0.1, 20))
def test_the_better_its_best_sentence_reads_the_surer(
    found: list[float], logit: float, more: float
) -> None:
    hits = ranked(*found)

    def sure(best: float) -> float:
        read = [hits[-1]._replace(sentences=(best, best - 1)), *hits[:-1]]
        return told.confidence(hits, read, SCALE, CONFIG)

    assert sure(logit) <= sure(logit + more)
