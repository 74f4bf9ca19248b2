"""Questions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.contract.answers import AskResponse, ask_response
from api.contract.requests import AskRequest
from api.middleware.admission import QuestionRoute
from api.middleware.hardening import JsonRoute
from api.routes.dependencies import PrincipalHere, ServiceHere, advice_for, answer_for
from api.web.exports import MEDIA_TYPES, exported, wanted


class _AskRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["questions"], route_class=_AskRoute)


@router.post(
    "/ask",
    summary="Ask a question",
    response_model=AskResponse,
    responses={
        200: {"content": {MEDIA_TYPES[each]: {} for each in ("csv", "ris", "bibtex")}},
    },
)
def ask(
    request: Request, service: ServiceHere, principal: PrincipalHere, question: AskRequest
) -> AskResponse | Response:
    """The passages that answer, best first. If nothing answers, `answered` is false and the
    nearest passages are returned, and `advice` says why and what may help. `Accept` may ask for
    CSV, RIS or BibTeX in place of JSON."""
    asked = question.to_question()
    outcome = answer_for(service, principal, asked)
    format_ = wanted(request.headers.get("accept", ""))
    if format_ != "json":
        text = exported(outcome, format_, str(request.base_url).rstrip("/"))
        return Response(text, media_type=MEDIA_TYPES[format_], headers={"Vary": "Accept"})
    return ask_response(outcome, advice_for(service, principal, asked, outcome))
