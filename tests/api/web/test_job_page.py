from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.contract import job_responses
from api.web.job_page import heading
from corpus.store.jobs import Job, Kind, State
from corpus.types import Outcome

ADDED, UPDATED, SAME = Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED
REFUSED, REMOVED = Outcome.REFUSED, Outcome.REMOVED


def heading_of(state: State, counts: dict[Outcome, int]) -> str:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    total = sum(counts.values())
    job = Job(1, "j-1", Kind.UPLOAD, state, "press", now, now, None, 0, 0, total, counts)
    return heading(job_responses.job(job))


@pytest.mark.parametrize(
    ("counts", "key"),
    [
        ({ADDED: 2}, "job_done"),
        ({UPDATED: 1, SAME: 1, REMOVED: 1}, "job_done"),
        ({ADDED: 1, REFUSED: 1}, "job_partly"),
        ({SAME: 3, REFUSED: 2}, "job_partly"),
        ({REFUSED: 2}, "job_none"),
        ({REMOVED: 1}, "job_none"),
        ({REMOVED: 1, REFUSED: 1}, "job_none"),
    ],
)
def test_a_finished_job_says_whether_all_its_files_can_be_found(
    counts: dict[Outcome, int], key: str
) -> None:
    assert heading_of(State.DONE, counts) == key


@pytest.mark.parametrize(
    ("state", "key"),
    [
        (State.QUEUED, "job_running"),
        (State.RUNNING, "job_running"),
        (State.FAILED, "job_failed"),
    ],
)
def test_a_job_that_goes_on_says_so(state: State, key: str) -> None:
    assert heading_of(state, {ADDED: 1, REFUSED: 1}) == key
