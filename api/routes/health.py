"""The state of the service, for monitoring.

These wait for nothing, so they answer from the event loop however many questions there are.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.contract.responses import HealthOut, ReadyOut
from api.problems import NotReady
from api.routes.dependencies import PrincipalHere, ServiceHere
from corpus.store import reserve

router = APIRouter(tags=["operation"])


@router.get("/health", summary="Alive?")
async def health() -> HealthOut:
    """Answers as long as the process runs."""
    return HealthOut()


@router.get("/ready", summary="Ready?")
async def ready(service: ServiceHere, principal: PrincipalHere) -> ReadyOut:
    """Answers 200 while questions are answered from the newest state of the collection, the
    catalogue can be read, keys can be checked, and jobs are carried out. Otherwise it answers
    503. Numbers are shown only to those who may read every collection. On a full disk questions are
    still answered; `disk` says so."""
    if problem := service.live.problem:
        raise NotReady(problem)
    service.keys.check_place()
    if not service.worker.is_alive:
        raise NotReady("The job worker has stopped. Restart the server.")
    service.settings.store.view().close()
    disk: Literal["ok", "full"] = "ok" if reserve.is_kept(service.settings.data) else "full"
    if principal.rights.reads is not None:
        return ReadyOut(disk=disk)
    snapshot = service.live.newest()
    return ReadyOut(
        disk=disk,
        generation=snapshot.generation,
        passages=len(snapshot),
        model=str(service.encoder.identity),
    )


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus's text format.", "content": {"text/plain": {}}}},
)
def metrics(service: ServiceHere) -> Response:
    """Metrics for Prometheus. They contain no text of questions or documents."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
