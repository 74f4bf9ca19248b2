"""What a machine writes on the page: an answer, or a passage in the reader's language.

A form sends the question, and the page comes back with what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.middleware.admission import QuestionRoute
from api.middleware.hardening import BoundedFormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import (
    EVENT_HEADERS,
    EVENTS,
    DeferredResponse,
    PrincipalHere,
    ServiceHere,
    advice_for,
    answer_for,
    event,
    parts_for,
    view_for,
)
from api.routes.pages import READ, PageHere, turn_for, writing_offered
from api.service import Service
from api.web.collection_summary import contents_of
from api.web.page import Page, templates
from api.web.turn import Turn
from qa.errors import QuestionError
from qa.writing.types import Part, Sentence, together


class _WriteRoute(BoundedFormRoute, QuestionRoute):
    """A route that takes a question by its address, and a form without anything in it."""


router = APIRouter(include_in_schema=False, route_class=_WriteRoute)


@router.api_route("/translate", methods=READ)
@router.api_route("/write", methods=READ)
def back_to_the_question(request: Request) -> Response:
    """Whoever reloads the page, or takes it in another language, asks without writing."""
    return RedirectResponse(f"/?{request.url.query}", SEE_OTHER)


@router.post("/write")
def write_page(
    request: Request, service: ServiceHere, principal: PrincipalHere, page: PageHere
) -> Response:
    """The answer to the question that the address asks, with what is written; in events, its
    pieces only."""
    try:
        question = page.asked.to_question()
        outcome = answer_for(service, principal, question, again=True)
    except (ValidationError, QuestionError):
        return RedirectResponse(f"/?{request.url.query}", SEE_OTHER)
    advice = advice_for(service, principal, question, outcome)
    offered = writing_offered(service, page, outcome)
    parts = parts_for(service, outcome, offered.language if offered else page.language)
    turn = turn_for(service, page, outcome, advice, offered)
    if EVENTS in request.headers.get("accept", ""):
        return StreamingResponse(
            _events(parts, turn, page), media_type=EVENTS, headers=EVENT_HEADERS
        )

    def whole() -> Response:
        written = offered and offered._replace(written=together(parts))
        return page.render(
            "conversation.html",
            contents=contents_of(view_for(service, principal)),
            turn=turn_for(service, page, outcome, advice, written),
            feedback=service.settings.feedback,
        )

    return DeferredResponse(whole)


@router.post("/translate")
def translate_page(
    request: Request,
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    passage: Annotated[str, Query()] = "",
) -> Response:
    """The answer to the question that the address asks, with one passage translated."""
    try:
        question = page.asked.to_question()
        outcome = answer_for(service, principal, question, again=True)
    except (ValidationError, QuestionError):
        return RedirectResponse(f"/?{request.url.query}", SEE_OTHER)
    advice = advice_for(service, principal, question, outcome)
    turn = turn_for(service, page, outcome, advice, writing_offered(service, page, outcome))

    def whole() -> Response:
        return page.render(
            "conversation.html",
            contents=contents_of(view_for(service, principal)),
            turn=_translated(service, turn, passage, page.language),
            feedback=service.settings.feedback,
        )

    return DeferredResponse(whole)


def _translated(service: Service, turn: Turn, place: str, language: str) -> Turn:
    """Return an answer with the passage at a place translated, if it is offered."""
    wanted, translating = turn.at(place), turn.translating
    if service.translator is None or wanted is None or translating is None:
        return turn
    if wanted.rank not in translating.ranks:
        return turn
    made = {wanted.rank: service.translator.translate(wanted, language)}
    return replace(turn, translating=translating._replace(made=made))


def _events(parts: Iterator[Part], turn: Turn, page: Page) -> Iterator[str]:
    """Yield each sentence, and at last what was left out, as the markup that the page has."""
    made: Any = templates.get_template("written.html").module
    seen = []
    for part in parts:
        seen.append(part)
        if isinstance(part, Sentence):
            yield event("sentence", {"html": str(made.sentence(part, turn, page, page.texts))})
    if turn.writing is not None:
        yield event(
            "end", {"html": str(made.outcome(together(seen), turn.writing, page, page.texts))}
        )
