"""Questions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.contract.answers import AskResponse, ask_response
from api.contract.requests import AskRequest
from api.middleware.admission import QuestionRoute
from api.middleware.hardening import JsonRoute
from api.routes.dependencies import PrincipalHere, ServiceHere, answer_for


class _AskRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["questions"], route_class=_AskRoute)


@router.post("/ask", summary="Ask a question")
def ask(service: ServiceHere, principal: PrincipalHere, question: AskRequest) -> AskResponse:
    """The passages that answer, best first. If nothing answers, `answered` is false and the
    nearest passages are returned."""
    return ask_response(answer_for(service, principal, question.to_question()))
