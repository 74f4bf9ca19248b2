"""What becomes of an upload, as its page says it."""

from __future__ import annotations

from api.contract.job_responses import JobOut
from corpus.store.jobs import State
from corpus.types import Outcome

FOUND = (Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED)
"""Outcomes of files that can be found."""


def heading(job: JobOut) -> str:
    """Return the key of the text that says how far a job is, or what came of it."""
    if job.state == State.FAILED:
        return "job_failed"
    if job.state != State.DONE:
        return "job_running"
    if not any(job.counts[outcome] for outcome in FOUND):
        return "job_none"
    return "job_partly" if job.counts[Outcome.REFUSED] else "job_done"
