"""What readers say of passages, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from api import feedback
from api.feedback import Verdict
from api.routes.pages import PageHere
from api.routes.shared import ServiceHere, summary_in
from api.security import is_cross_site
from corpus.types import Span
from qa.config import MAX_QUESTION_CHARACTERS

router = APIRouter(include_in_schema=False)

Offset = Annotated[int, Form(ge=0, le=2**31 - 1)]


@router.post("/feedback")
def give_feedback(
    request: Request,
    service: ServiceHere,
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
    if is_cross_site(request, trusts_null=True):  # a verdict is no great matter
        raise HTTPException(403, "A verdict can only be sent from a page of this service.")
    found = summary_in(service.live.newest().view, document)
    span = Span(start, end)
    feedback.keep(service.settings.data, Verdict(question, found.id, span, verdict == "helpful"))
    return page.render("thanks.html", back=back if back.startswith("/?") else "/")
