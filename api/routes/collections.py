"""Which collections there are, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.contract import responses
from api.contract.responses import CollectionsOut
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/collections", summary="List collections")
def list_collections(service: ServiceHere, principal: PrincipalHere) -> CollectionsOut:
    """How much each collection holds, by name."""
    counts = view_for(service, principal).collections()
    return CollectionsOut(collections=[responses.collection(count) for count in counts])
