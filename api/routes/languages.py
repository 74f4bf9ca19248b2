"""Which languages the collection holds, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.contract import responses
from api.contract.responses import LanguagesOut
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/languages", summary="List languages")
def list_languages(service: ServiceHere, principal: PrincipalHere) -> LanguagesOut:
    """How much of the collection is in each language, most passages first."""
    counts = view_for(service, principal).languages()
    return LanguagesOut(languages=[responses.language(count) for count in counts])
