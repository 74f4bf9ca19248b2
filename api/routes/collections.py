"""Which collections there are, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api import schemas
from api.routes.shared import ServiceHere, VisitorHere, view_for
from api.schemas import CollectionsOut

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/collections", summary="List collections")
def list_collections(service: ServiceHere, visitor: VisitorHere) -> CollectionsOut:
    """How much is in each collection, by name."""
    counts = view_for(service, visitor).collections()
    return CollectionsOut(collections=[schemas.collection(count) for count in counts])
