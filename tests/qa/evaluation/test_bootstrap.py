from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.bootstrap import interval

outcomes = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 1)), min_size=1, max_size=30
)


def of(some: list[tuple[str, float]]) -> tuple[float, float]:
    ((low, high),) = interval(
        np.array([[value] for _, value in some]), [question for question, _ in some]
    )
    return low, high


@given(outcomes)
def test_an_interval_lies_within_what_was_measured(some: list[tuple[str, float]]) -> None:
    low, high = of(some)
    values = [value for _, value in some]
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert of(some) == (low, high)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    """Of 400 independent outcomes, half of them 1, the mean has a standard error of 0.025."""
    low, high = of([(str(number), float(number % 2)) for number in range(400)])
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_cases_of_one_question_count_as_one() -> None:
    alone = of([(str(number), float(number % 2)) for number in range(40)])
    repeated = of([(str(number), float(number % 2)) for number in range(40) for _ in range(9)])
    assert repeated == pytest.approx(alone)
