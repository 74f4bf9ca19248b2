"""Readers' ratings of passages, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from api import feedback
from api.contract.requests import FeedbackForm
from api.feedback import Verdict
from api.middleware.hardening import FormRoute
from api.routes.dependencies import PrincipalHere, ServiceHere, summary_in, view_for
from api.routes.pages import PageHere
from corpus.types import Span

router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.post("/feedback")
def give_feedback(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[FeedbackForm, Form()],
) -> HTMLResponse:
    """Keep a verdict and say thanks; ``form.back`` is where the reader came from."""
    if not service.settings.feedback:
        raise HTTPException(404)
    found = summary_in(view_for(service, principal), form.document)
    verdict = Verdict(
        form.question, found.id, Span(form.start, form.end), form.verdict == "helpful"
    )
    feedback.keep(service.settings.data, verdict)
    return page.render("thanks.html", back=form.back if form.back.startswith("/?") else "/")
