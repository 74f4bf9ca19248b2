"""Between any two transactions anything else may happen, and what is gone stays so all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from api.auth.middleware import Authenticator
from corpus.store import erasure
from index.reader import IndexReader
from tests.robustness.orders.machine import Orders
from tests.robustness.orders.stepping import stepped


@pytest.fixture(autouse=True)
def _stepped() -> Iterator[None]:
    with stepped():
        yield


@pytest.fixture
def orders() -> Iterator[Orders]:
    machine = Orders()
    machine.begin()
    yield machine
    machine.take_down()


def test_whatever_comes_between_two_transactions_nothing_returns_and_nothing_is_lost() -> None:
    """``python -m tests.robustness.orders`` tries two thousand orders."""
    few = settings(
        max_examples=5,
        stateful_step_count=20,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Orders, settings=few)


def test_a_deletion_that_is_not_masked_is_noticed(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    for masking in ("forget", "_mask_deleted", "_let_go_of_older_state"):
        monkeypatch.setattr(IndexReader, masking, _nothing)
    orders.reindex(points=100)
    orders.delete(number=0, points=100)
    with pytest.raises(AssertionError, match="gone"):
        orders.ask_in_every_way()


def test_an_upload_whose_key_is_looked_up_before_its_body_only_is_noticed(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Authenticator, "confirm", _nothing)
    orders.upload(number=0, of_owner=False, points=0)
    orders.revoke(number=0, points=100, over_http=False)
    with pytest.raises(AssertionError, match="kept for a revoked key"):
        orders.go_on(number=0, points=100)


def test_an_erasure_that_leaves_words_in_the_index_is_noticed(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "rewrite", _nothing)
    with pytest.raises(AssertionError):
        orders.erase(number=0, points=100, over_http=True)


def _nothing(*_: Any) -> None:
    """Do nothing."""
