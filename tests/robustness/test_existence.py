"""Whether what is timed is all that could tell, and whether the timing would show it."""

from __future__ import annotations

import numpy as np

from tests.api.auth.test_middleware import EXPECTED
from tests.robustness.existence import PROBES, auc, prepared


def test_every_route_that_takes_an_id_or_a_collection_is_timed() -> None:
    timed = {(probe.method, probe.path.partition("?")[0]) for probe in PROBES}
    assert timed >= {route for route in EXPECTED if "{" in route[1]}
    named = [f"{probe.path} {dict(probe.sent)}" for probe in PROBES]
    assert all("{id}" in each or "{collection}" in each for each in named)
    assert timed >= {("POST", "/v1/ask"), ("GET", "/"), ("POST", "/feedback")}


def test_the_two_requests_of_a_probe_are_alike_but_for_what_they_name() -> None:
    for probe in PROBES:
        there = prepared(probe, {"id": "d-1", "collection": "secret"}, "key")
        absent = prepared(probe, {"id": "d-2", "collection": "absent"}, "key")
        assert (there.target, there.body) != (absent.target, absent.body)
        assert (len(there.target), len(there.body)) == (len(absent.target), len(absent.body))


def test_a_difference_is_found_and_none_is_made_up() -> None:
    chance = np.random.default_rng(1)
    one, other = chance.lognormal(size=(2, 500))
    share, by_chance = auc(one, other)
    assert 0.45 < share < 0.55
    assert by_chance > 0.01
    share, by_chance = auc(one * 1.5, other)
    assert share > 0.55
    assert by_chance < 0.001
    assert auc([1.0, 1.0], [1.0, 1.0]) == (0.5, 1.0)
