from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.snapshot import Hits
from index.vectors.segment import Found
from qa.config import RankingConfig
from qa.search.ranker import rank
from qa.search.score_norm import Scale
from qa.types import AnswerType, UnderstoodQuestion

cosines = st.floats(-1, 1, width=32)
LANGUAGES = ("fr", "lb", "nl")


class Hit(NamedTuple):
    passage: int
    language: str
    score: float
    cosines: list[float]


hits = st.lists(
    st.builds(
        Hit,
        passage=st.integers(1, 50),
        language=st.sampled_from(LANGUAGES),
        score=cosines,
        cosines=st.lists(cosines, min_size=1, max_size=4),
    ),
    max_size=20,
    unique_by=lambda hit: hit.passage,
)
LEVEL = Scale(ordinary=0.7, nearest=(), spread=1.0, advantages=dict.fromkeys(LANGUAGES, 0.0))


def asked(language: str, *wanted: AnswerType) -> UnderstoodQuestion:
    return UnderstoodQuestion("?", language, "?", frozenset(wanted))


def together(hits: Sequence[Hit]) -> Hits:
    numbers = [LANGUAGES.index(hit.language) for hit in hits]
    found = Found(
        ids=np.array([hit.passage for hit in hits], np.int64),
        document_keys=np.ones(len(hits), np.int64),
        scores=np.array([hit.score for hit in hits], np.float32),
        sentence_counts=np.array([len(hit.cosines) for hit in hits], np.int64),
        cosines=np.array([cosine for hit in hits for cosine in hit.cosines], np.float32),
    )
    return Hits(LANGUAGES, np.array(numbers, np.int64), found)


def make_hit(passage: int, language: str, passage_score: float, sentence_score: float) -> Hit:
    return Hit(passage, language, passage_score, [sentence_score])


scales = st.builds(
    Scale,
    ordinary=cosines,
    nearest=st.just(()),
    spread=st.floats(1e-3, 1),
    advantages=st.fixed_dictionaries(dict.fromkeys(LANGUAGES, cosines)),
)


@given(hits, st.sampled_from(["fr", "nl", "und"]), st.none() | st.floats(0, 10), scales)
def test_every_hit_is_ranked_once_best_first(
    found: list[Hit], language: str, prefer: float | None, scale: Scale
) -> None:
    ranked = rank(together(found), asked(language), prefer, scale, RankingConfig())
    assert sorted(passage.passage_id for passage in ranked) == sorted(hit.passage for hit in found)
    scores = [passage.score for passage in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(math.isfinite(score) for score in scores)


@given(hits, st.randoms())
def test_the_order_of_the_hits_does_not_matter(found: list[Hit], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        [
            passage.passage_id
            for passage in rank(together(some), asked("fr"), 0, LEVEL, RankingConfig())
        ]
        for some in (found, shuffled)
    )
    assert one == other


def test_the_score_weighs_the_passage_and_its_best_sentence() -> None:
    config = RankingConfig(sentence_weight=0.4)
    (only,) = rank(together([make_hit(1, "fr", 0.8, 0.9)]), asked("nl"), 0, LEVEL, config)
    assert only.score == pytest.approx(0.84 - 0.7)
    assert only.nearness == pytest.approx(0.84 - 0.7)


def test_the_best_sentence_weighs_more_where_a_fact_is_asked_for() -> None:
    found = [make_hit(1, "fr", 0.86, 0.8), make_hit(2, "fr", 0.8, 0.9)]
    config = RankingConfig(sentence_weight=0.1, fact_weight=0.5)
    for question, first in ((asked("fr"), 1), (asked("fr", AnswerType.DATE), 2)):
        assert rank(together(found), question, 0, LEVEL, config)[0].passage_id == first


def test_a_score_says_how_far_above_its_own_language_a_passage_is() -> None:
    found = [make_hit(1, "fr", 0.9, 0.9), make_hit(2, "lb", 0.85, 0.85)]
    scale = Scale(
        ordinary=0.7, nearest=(), spread=0.05, advantages={"fr": 0.1, "lb": 0.0, "nl": 0.0}
    )
    ranked = rank(together(found), asked("nl"), 0, scale, RankingConfig())
    assert [passage.passage_id for passage in ranked] == [2, 1]
    assert [passage.score for passage in ranked] == pytest.approx([3.0, 2.0])
    assert [passage.nearness for passage in ranked] == pytest.approx([0.15, 0.2])


def test_only_so_many_are_ranked_as_are_wanted() -> None:
    found = [make_hit(number, "fr", number / 10, 0.8) for number in range(1, 8)]
    every = rank(together(found), asked("nl"), None, LEVEL, RankingConfig())
    assert rank(together(found), asked("nl"), None, LEVEL, RankingConfig(), limit=3) == every[:3]


def test_equal_scores_go_to_the_lower_passage_id() -> None:
    found = [make_hit(number, "fr", 0.8, 0.8) for number in (3, 1, 2)]
    ranked = rank(together(found), asked("nl"), 0, LEVEL, RankingConfig())
    assert [passage.passage_id for passage in ranked] == [1, 2, 3]


def test_preferring_the_own_language_lifts_its_passages() -> None:
    found = [make_hit(1, "fr", 0.86, 0.86), make_hit(2, "lb", 0.84, 0.84)]

    def order(prefer: float | None) -> list[int]:
        ranked = rank(together(found), asked("lb"), prefer, LEVEL, RankingConfig())
        return [passage.passage_id for passage in ranked]

    assert order(0) == [1, 2]
    assert order(3) == [2, 1]
    assert order(None) == [1, 2]


def test_a_passage_that_stands_out_in_the_questions_language_gains_some_of_its_lead() -> None:
    found = [make_hit(1, "fr", 0.80, 0.80), make_hit(5, "nl", 0.81, 0.81)]
    found += [make_hit(at, "fr", 0.70, 0.70) for at in (2, 3, 4)]
    found += [make_hit(at, "nl", 0.70, 0.70) for at in (6, 7, 8)]

    def first(language: str, prefer: float | None) -> int:
        return rank(together(found), asked(language), prefer, LEVEL, RankingConfig())[0].passage_id

    assert first("fr", None) == 1
    assert first("de", None) == 5
    assert first("fr", 0) == 5, "no preference was asked for"


def test_a_passage_without_rivals_in_its_language_has_no_lead() -> None:
    found = [make_hit(1, "fr", 0.80, 0.80), make_hit(2, "nl", 0.81, 0.81)]
    ranked = rank(together(found), asked("fr"), None, LEVEL, RankingConfig())
    assert [passage.passage_id for passage in ranked] == [2, 1]


def test_exact_evidence_lifts_a_passage_by_its_share_of_the_bonus() -> None:
    found = [make_hit(1, "fr", 0.84, 0.84), make_hit(2, "nl", 0.86, 0.86)]
    scale = replace(LEVEL, spread=0.01)
    config = RankingConfig(exact=3)
    half, whole = (
        rank(together(found), asked("de"), 0, scale, config, {1: share}) for share in (0.5, 1.0)
    )
    assert [passage.passage_id for passage in half] == [2, 1]
    assert [passage.passage_id for passage in whole] == [1, 2]
    assert whole[0].score == pytest.approx((0.84 - 0.7) / 0.01 + 3)
    assert whole[0].nearness == pytest.approx(0.84 - 0.7)


def test_a_passage_that_stands_alone_goes_before_one_in_a_crowd_as_near() -> None:
    crowd = [make_hit(number, "fr", 0.85, 0.85) for number in range(1, 30)]
    alone = [make_hit(30, "lb", 0.85, 0.85)]
    far = [make_hit(number, "lb", 0.6, 0.6) for number in range(31, 60)]
    found = together([*crowd, *alone, *far])
    ranked = rank(found, asked("nl"), 0, LEVEL, RankingConfig())
    assert ranked[0].passage_id == 30
    unaware = rank(found, asked("nl"), 0, LEVEL, RankingConfig(runners_up_share=0))
    assert unaware[0].passage_id == 1


def test_few_passages_of_a_language_are_hardly_a_crowd() -> None:
    few = [make_hit(number, "fr", 0.85, 0.85) for number in (1, 2)]
    many = [make_hit(number, "nl", 0.85, 0.85) for number in range(3, 53)]
    far = [make_hit(number, "lb", 0.6, 0.6) for number in range(53, 103)]
    ranked = rank(together([*few, *many, *far]), asked("lb"), 0, LEVEL, RankingConfig())
    assert [passage.passage_id for passage in ranked[:2]] == [1, 2]


@given(hits, scales)
def test_a_crowd_changes_nothing_within_its_language(found: list[Hit], scale: Scale) -> None:
    def nearness(config: RankingConfig, language: str) -> list[float]:
        ranked = rank(together(found), asked("und"), 0, scale, config)
        return [passage.nearness for passage in ranked if passage.language == language]

    for language in LANGUAGES:
        with_crowds = nearness(RankingConfig(), language)
        assert with_crowds == pytest.approx(
            nearness(RankingConfig(runners_up_share=0), language), abs=1e-9
        )
