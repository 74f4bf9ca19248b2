"""Questions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.contract.answers import AskResponse, ask_response
from api.contract.requests import AskRequest
from api.middleware.admission import QuestionRoute
from api.middleware.hardening import JsonRoute
from api.routes.dependencies import PrincipalHere, ServiceHere, advice_for, answer_for


class _AskRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["questions"], route_class=_AskRoute)


@router.post("/ask", summary="Ask a question")
def ask(service: ServiceHere, principal: PrincipalHere, question: AskRequest) -> AskResponse:
    """The passages that answer, best first. If nothing answers, `answered` is false and the
    nearest passages are returned, and `advice` says why and what may help."""
    asked = question.to_question()
    outcome = answer_for(service, principal, asked)
    return ask_response(outcome, advice_for(service, principal, asked, outcome))
