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
from index.vectors.found import Found
from qa.config import RankingConfig
from qa.search.lexical_evidence import LexicalEvidence
from qa.search.ranker import rank
from qa.search.score_norm import ScoreNorm
from qa.types import UnderstoodQuestion

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
LEVEL = ScoreNorm(ordinary=0.7, nearest=(), spread=1.0, advantages=dict.fromkeys(LANGUAGES, 0.0))


def asked(language: str) -> UnderstoodQuestion:
    return UnderstoodQuestion("?", language, "?")


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
    ScoreNorm,
    ordinary=cosines,
    nearest=st.just(()),
    spread=st.floats(1e-3, 1),
    advantages=st.fixed_dictionaries(dict.fromkeys(LANGUAGES, cosines)),
)


@given(hits, st.sampled_from(["fr", "nl", "und"]), st.none() | st.floats(0, 10), scales)
def test_every_hit_is_ranked_once_best_first(
    found: list[Hit], language: str, prefer: float | None, scale: ScoreNorm
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


def test_a_score_says_how_far_above_its_own_language_a_passage_is() -> None:
    found = [make_hit(1, "fr", 0.9, 0.9), make_hit(2, "lb", 0.85, 0.85)]
    scale = ScoreNorm(
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
        rank(together(found), asked("de"), 0, scale, config, LexicalEvidence({1: share}, {}))
        for share in (0.5, 1.0)
    )
    assert [passage.passage_id for passage in half] == [2, 1]
    assert [passage.passage_id for passage in whole] == [1, 2]
    assert whole[0].score == pytest.approx((0.84 - 0.7) / 0.01 + 3)
    assert whole[0].nearness == pytest.approx(0.84 - 0.7)


def test_what_a_document_names_lifts_all_of_its_passages() -> None:
    hits = together([make_hit(1, "fr", 0.84, 0.84), make_hit(2, "nl", 0.86, 0.86)])
    (document,) = set(hits.found.document_keys.tolist())
    config, scale = RankingConfig(exact=3), replace(LEVEL, spread=0.01)
    for named, gain in ((document, 3), (document + 1, 0)):
        evidence = LexicalEvidence({}, {named: 1.0})
        ranked = rank(hits, asked("de"), 0, scale, config, evidence)
        assert [each.score for each in ranked] == pytest.approx([16 + gain, 14 + gain], rel=1e-5)
