"""How the service is, for whatever watches over it.

These wait for nothing, so they answer from the event loop however many questions there are.
"""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import NotReady
from api.routes.shared import ServiceHere
from api.schemas import HealthOut, ReadyOut

router = APIRouter(tags=["operation"])


@router.get("/health", summary="Alive?")
async def health() -> HealthOut:
    """Answers as long as the process does."""
    return HealthOut()


@router.get("/ready", summary="Ready?")
async def ready(service: ServiceHere) -> ReadyOut:
    """Answers 200 as long as questions are answered from the newest state of the collection,
    503 otherwise."""
    problem = service.live.problem
    if problem:
        raise NotReady(problem)
    snapshot = service.live.newest()
    return ReadyOut(
        generation=snapshot.generation,
        passages=len(snapshot),
        model=str(service.encoder.identity),
    )
