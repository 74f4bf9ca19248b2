from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi import Request

from api.app import create_app
from api.contract import job_responses
from api.service import Service
from api.web.job_page import heading
from api.web.page import Page
from corpus.progress import Progress
from corpus.store.jobs import Job, JobFile, Kind, State
from corpus.types import Outcome

ADDED, UPDATED, SAME = Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED
REFUSED, REMOVED = Outcome.REFUSED, Outcome.REMOVED


def heading_of(state: State, counts: dict[Outcome, int]) -> str:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    total = sum(counts.values())
    job = Job(1, "j-1", Kind.UPLOAD, state, "press", now, now, None, 0, 0, total, counts)
    return heading(job_responses.job(job))


def test_the_page_says_how_far_a_file_is_that_is_read(service: Service) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    job = Job(1, "j-1", Kind.UPLOAD, State.RUNNING, "press", now, None, None, 0, 0, 2, {})
    files = [JobFile(name, None, None, None) for name in ("a.pdf", "b.pdf")]
    shown = job_responses.job(job, files, [("a.pdf", Progress(12, 1300))])
    app = create_app(service)
    scope = {"type": "http", "method": "GET", "path": "/jobs/j-1", "query_string": b"",
             "headers": [], "server": ("localhost", 80), "app": app}  # fmt: skip
    page = Page(Request(scope), "en").render("job.html", job=shown)
    assert bytes(page.body).decode().count("being read: 12 of 1,300") == 1
    assert bytes(page.body).decode().count("waiting") == 1


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
