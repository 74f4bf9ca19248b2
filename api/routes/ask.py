"""Questions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.gates import QuestionRoute
from api.requests import AskRequest
from api.routes.shared import ServiceHere, VisitorHere, answer_for
from api.schemas import AskResponse, ask_response
from api.security import JsonRoute


class _AskRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["questions"], route_class=_AskRoute)


@router.post("/ask", summary="Ask a question")
def ask(service: ServiceHere, visitor: VisitorHere, question: AskRequest) -> AskResponse:
    """The passages that answer, best first; where nothing does, `answered` is false and the
    nearest passages are shown."""
    return ask_response(answer_for(service, visitor, question.to_question()))
