from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.metrics import Case, auroc, figures, measured, ndcg


def case(*ranks: int, relevant: int | None = None) -> Case:
    return Case("whole", "q", "fr", None, "fr", ranks, relevant or max(1, len(ranks)))


ranks = st.lists(st.integers(1, 30), max_size=14)


def cases(ranks: st.SearchStrategy[list[int]] = ranks) -> st.SearchStrategy[Case]:
    return st.builds(
        lambda ranks, missed: case(*sorted(ranks), relevant=max(1, len(ranks) + missed)),
        ranks,
        st.integers(0, 3),
    )


def test_figures_are_those_worked_out_by_hand() -> None:
    """Right at ranks 2 and 4 of three; right at 1 of one; not found at all."""
    found = figures([case(2, 4, relevant=3), case(1), case(relevant=1)])
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found.cases == 3
    assert found.success_at_1 == pytest.approx(1 / 3)
    assert found.success_at_5 == pytest.approx(2 / 3)
    assert found.recall_at_10 == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found.mrr_at_10 == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found.ndcg_at_10 == pytest.approx(
        ((1 / math.log2(3) + 1 / math.log2(5)) / ideal + 1 + 0) / 3
    )


def test_what_is_below_rank_10_does_not_count() -> None:
    found = figures([case(11)])
    assert (found.recall_at_10, found.mrr_at_10, found.ndcg_at_10) == (0, 0, 0)


@given(st.lists(cases(), min_size=1, max_size=10))
def test_every_figure_is_between_0_and_1(some: list[Case]) -> None:
    found = figures(some)
    for value in (
        found.success_at_1,
        found.success_at_5,
        found.recall_at_10,
        found.mrr_at_10,
        found.ndcg_at_10,
    ):
        assert 0 <= value <= 1 + 1e-12
    assert found.success_at_1 <= found.success_at_5
    assert found.success_at_1 <= found.mrr_at_10


def test_relevant_ones_that_share_a_hit_gain_no_more_than_one_after_another() -> None:
    for shared, apart in (((1, 1), (1, 2)), ((2, 2, 3), (2, 3, 4)), ((10, 10), (10, 11))):
        assert ndcg(case(*shared)) == ndcg(case(*apart))
    assert ndcg(case(*[1] * 12)) == 1


@given(st.lists(cases(st.lists(st.integers(1, 30), max_size=14, unique=True)), min_size=1))
def test_figures_are_those_of_trec_eval(some: list[Case]) -> None:
    """Where each relevant one is a hit of its own; trec_eval knows no other case."""
    library = pytest.importorskip("ir_measures")
    relevant, found = {}, {}
    for number, one in enumerate(some):
        query, others = str(number), set(range(1, 31)) - set(one.ranks)
        relevant[query] = {f"right {place}": 1 for place in range(one.relevant)}
        found[query] = {f"right {place}": -rank for place, rank in enumerate(one.ranks)}
        found[query] |= {f"wrong {rank}": -rank for rank in others}
    names = [
        library.parse_measure(name)
        for name in ("Success@1", "Success@5", "R@10", "RR@10", "nDCG@10")
    ]
    theirs = library.calc_aggregate(names, relevant, found)
    assert measured(some).mean(axis=0) == pytest.approx([theirs[name] for name in names])


def test_auroc_is_the_chance_of_telling_right() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.3], [0.5]) == 0.5
