"""What is deleted, erased or revoked stays so, and nothing else is lost, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from index import persistence, reader
from tests.robustness.gone.machine import LOG_BYTES, PASSAGES, PLACES, Gone


@pytest.fixture(autouse=True)
def _small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistence, "MIN_PASSAGES", PASSAGES)
    monkeypatch.setattr(reader, "MAX_LOG_BYTES", LOG_BYTES)


@pytest.fixture
def gone() -> Iterator[Gone]:
    machine = Gone()
    yield machine
    machine.teardown()


def test_in_any_order_nothing_returns_and_nothing_is_lost() -> None:
    """``python -m tests.robustness.gone`` tries two thousand orders."""
    few = settings(
        max_examples=6,
        stateful_step_count=20,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Gone, settings=few)


def test_what_comes_in_the_place_of_a_document_while_it_is_deleted_is_found(gone: Gone) -> None:
    gone.upload(PLACES[0])
    gone.settle()
    gone.nothing_is_shown_that_is_gone_and_nothing_is_lost()
    gone.delete(PLACES[0], ["upload", "read", "encode", "poll"])
    gone.poll()
    assert gone.shown() == {PLACES[0]: gone.wanted(PLACES[0])}


def test_the_model_notices_what_returns(gone: Gone) -> None:
    gone.upload(PLACES[0])
    gone.settle()
    gone.nothing_is_shown_that_is_gone_and_nothing_is_lost()
    gone._kept.floor[PLACES[0]] += 1  # as if it had been deleted
    with pytest.raises(AssertionError):
        gone.nothing_is_shown_that_is_gone_and_nothing_is_lost()
    with pytest.raises(AssertionError):
        gone.answers_quote_what_is_there()


def test_the_model_notices_what_is_lost(gone: Gone) -> None:
    gone.upload(PLACES[0])
    gone.settle()
    gone.nothing_is_shown_that_is_gone_and_nothing_is_lost()
    gone.delete(PLACES[0], [])
    gone._kept.floor[PLACES[0]] -= 1  # as if it had not been
    with pytest.raises(AssertionError):
        gone.nothing_is_shown_that_is_gone_and_nothing_is_lost()
    with pytest.raises(AssertionError):
        gone.settle()
