"""Jobs over HTTP: the outcome of the files that were accepted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.auth.middleware import Authenticator, Principal
from api.contract import job_responses
from api.contract.job_responses import JobOut, JobsOut
from api.contract.requests import JobsQuery
from api.jobs.news import JobNews
from api.middleware.admission import follower_place
from api.problems import UnknownJob
from api.routes.dependencies import JobId, PrincipalHere, ServiceHere
from api.service import Service
from corpus.errors import CatalogueError
from corpus.store.jobs import State

QUIET_SECONDS = 15.0
"""Silence after which a comment is sent, so that no proxy takes the connection for dead."""

_PLACE = re.compile(r"\d{1,9}", re.ASCII)
"""Where a stream was: no job has a milliard files, and SQLite takes no longer numbers."""


class AppState(Protocol):
    """What a stream needs of the application."""

    door: Authenticator
    news: JobNews


router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("", summary="List jobs")
def list_jobs(
    service: ServiceHere, principal: PrincipalHere, query: Annotated[JobsQuery, Query()]
) -> JobsOut:
    """The newest jobs, newest first, without their files."""
    return newest_jobs(service, principal, query.limit)


@router.get("/{id}", summary="Show a job")
def show_job(service: ServiceHere, principal: PrincipalHere, job: JobId) -> JobOut:
    """The progress of a job, and the outcome of each file."""
    return job_in(service, principal, job)


@router.get(
    "/{id}/events",
    summary="Follow a job",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events named `job`.",
            "content": {"text/event-stream": {}},
        }
    },
    dependencies=[Depends(follower_place)],
)
async def follow_job(
    request: Request,
    service: ServiceHere,
    principal: PrincipalHere,
    job: JobId,
    last_event_id: Annotated[
        str, Header(description="Id of the last event received, to resume a stream.")
    ] = "0",
) -> StreamingResponse:
    """Server-sent events named `job`. Each contains the job, with the files that were finished
    since the event before. The stream ends after the event whose state is `done`."""
    settled = int(last_event_id) if _PLACE.fullmatch(last_event_id) else 0
    first = await run_in_threadpool(job_in, service, principal, job, settled)
    return StreamingResponse(
        _events(service, request.app.state, principal, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(
    service: Service, app: AppState, principal: Principal, job: JobOut
) -> AsyncIterator[str]:
    with app.news.of(job.id) as has_news:
        last = None
        while True:
            shown = job.model_dump_json()
            settled = sum(job.counts.values())
            if shown != last:
                yield f"id: {settled}\nevent: job\ndata: {shown}\n\n"
                last = job.model_copy(update={"files": []}).model_dump_json()
            if job.state == State.DONE or service.worker.is_stopping:
                return
            while not await _comes(has_news):
                yield ": waiting\n\n"
            has_news.clear()
            if not _is_open(app.door, principal):
                return
            job = await run_in_threadpool(job_in, service, principal, job.id, settled)


def _is_open(door: Authenticator, principal: Principal) -> bool:
    """Tell whether a stream may go on; it may not while no key can be checked."""
    try:
        return door.still_opens(principal)
    except CatalogueError:
        return False


async def _comes(event: asyncio.Event) -> bool:
    """Wait until an event is set, or for QUIET_SECONDS; tell whether it is."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), QUIET_SECONDS)
    return event.is_set()


def newest_jobs(service: Service, principal: Principal, limit: int) -> JobsOut:
    """Return the newest jobs in collections that the principal may read, without their files."""
    with service.settings.store.existing() as catalogue:
        found = catalogue.jobs.newest(limit, principal.rights.reads)
    shown = principal.rights.reads is None
    readings = service.worker.readings
    return JobsOut(
        jobs=[
            job_responses.job(job, readings=readings(job.number), counts_texts=shown)
            for job in found
        ]
    )


def job_in(
    service: Service, principal: Principal, job: str, settled_after: int | None = None
) -> JobOut:
    """Return a job with its files; with ``settled_after``, only those settled since so many.

    Raises:
        UnknownJob: there is none in a collection that the principal may read.
    """
    with service.settings.store.existing() as catalogue:
        found = catalogue.jobs.get(job, principal.rights.reads)
        if found is None:
            raise UnknownJob
        files = catalogue.jobs.files(found, settled_after)
    readings = service.worker.readings(found.number)
    return job_responses.job(found, files, readings, counts_texts=principal.rights.reads is None)
