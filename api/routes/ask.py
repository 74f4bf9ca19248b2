"""Questions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.gates import question_place
from api.requests import AskRequest
from api.routes.shared import ServiceHere
from api.schemas import AskResponse, ask_response
from api.security import JsonRoute

router = APIRouter(prefix="/v1", tags=["questions"], route_class=JsonRoute)


@router.post("/ask", summary="Ask a question", dependencies=[Depends(question_place)])
def ask(service: ServiceHere, question: AskRequest) -> AskResponse:
    """The passages that answer, best first; where nothing does, `answered` is false and the
    nearest passages are shown."""
    return ask_response(service.answerer.answer(question.to_question()))
