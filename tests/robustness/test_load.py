"""What is said of a server's memory."""

from __future__ import annotations

import random

import pytest

from tests.robustness.load.memory import Held, slope


def test_the_slope_is_that_of_the_last_minutes_and_its_error_that_of_their_noise() -> None:
    random_ = random.Random(1)
    warming = [Held(seconds, 100 + seconds) for seconds in range(0, 600, 5)]
    later = [
        Held(seconds, 700 + 0.5 * (seconds - 600) / 60 + random_.gauss(0, 3))
        for seconds in range(600, 1805, 5)
    ]
    growth, error = slope([*warming, *later], 20)
    assert growth == pytest.approx(0.5, abs=3 * error)
    assert 0 < error < 0.1
