"""Readers' ratings of passages, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from api import feedback
from api.feedback import Verdict
from api.middleware.hardening import FormRoute
from api.routes.dependencies import PrincipalHere, ServiceHere, summary_in, view_for
from api.routes.pages import PageHere
from corpus.types import Span
from qa.config import MAX_QUESTION_CHARACTERS

router = APIRouter(include_in_schema=False, route_class=FormRoute)

Offset = Annotated[int, Form(ge=0, le=2**31 - 1)]


@router.post("/feedback")
def give_feedback(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    question: Annotated[str, Form(min_length=1, max_length=MAX_QUESTION_CHARACTERS)],
    document: Annotated[str, Form(max_length=100)],
    start: Offset,
    end: Offset,
    verdict: Annotated[Literal["helpful", "unhelpful"], Form()],
    back: Annotated[str, Form()] = "/",
) -> HTMLResponse:
    """Keep a verdict and say thanks; ``back`` is where the reader came from."""
    if not service.settings.feedback:
        raise HTTPException(404)
    found = summary_in(view_for(service, principal), document)
    span = Span(start, end)
    feedback.keep(service.settings.data, Verdict(question, found.id, span, verdict == "helpful"))
    return page.render("thanks.html", back=back if back.startswith("/?") else "/")
