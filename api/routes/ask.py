"""Questions over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from api.contract.answers import AskResponse, ask_response
from api.contract.requests import AskRequest
from api.contract.written import WritingOut, writing_out, written_out
from api.middleware.admission import QuestionRoute
from api.middleware.hardening import JsonRoute
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
)
from api.service import Service
from api.web.exports import MEDIA_TYPES, exported, wanted
from qa.types import Answer, CitedPassage
from qa.writing.types import Part, Sentence, Written, together


class _AskRoute(JsonRoute, QuestionRoute):
    """A route that takes a question, as JSON."""


router = APIRouter(prefix="/v1", tags=["questions"], route_class=_AskRoute)


@router.post(
    "/ask",
    summary="Ask a question",
    response_model=AskResponse,
    responses={
        200: {
            "content": {
                **{MEDIA_TYPES[each]: {} for each in ("csv", "ris", "bibtex")},
                EVENTS: {},
            }
        },
    },
)
def ask(
    request: Request, service: ServiceHere, principal: PrincipalHere, question: AskRequest
) -> AskResponse | Response:
    """The passages that answer, best first. If nothing answers, `answered` is false and the
    nearest passages are returned, and `advice` says why and what may help. `Accept` may ask for
    CSV, RIS or BibTeX in place of JSON.

    With `write`, a language model of the operator's may write two or three sentences in the
    question's language; each stands in `written` with the quotation that it rests on, and
    `writing` says what was left out and why. With `Accept: text/event-stream` as well, the events
    are `answer` (this response), `sentence` for each that stands, and `end` (`writing`)."""
    asked = question.to_question()
    outcome = answer_for(service, principal, asked)
    accepted = request.headers.get("accept", "")
    format_ = wanted(accepted)
    if format_ != "json":
        text = exported(outcome, format_, str(request.base_url).rstrip("/"))
        return Response(text, media_type=MEDIA_TYPES[format_], headers={"Vary": "Accept"})
    response = ask_response(outcome, advice_for(service, principal, asked, outcome))
    if not question.write:
        return response
    parts = parts_for(service, outcome, outcome.question.language)
    passages = outcome.passages if isinstance(outcome, Answer) else ()
    if EVENTS in accepted:
        return StreamingResponse(
            _events(response, parts, passages, service), media_type=EVENTS, headers=EVENT_HEADERS
        )
    return DeferredResponse(partial(_whole, response, parts, passages, service))


def _whole(
    response: AskResponse,
    parts: Iterator[Part],
    passages: tuple[CitedPassage, ...],
    service: Service,
) -> Response:
    written = together(parts)
    response.written = [written_out(each, passages) for each in written.sentences]
    response.writing = _writing(written, service)
    return Response(response.model_dump_json(), media_type="application/json")


def _events(
    response: AskResponse,
    parts: Iterator[Part],
    passages: tuple[CitedPassage, ...],
    service: Service,
) -> Iterator[str]:
    yield event("answer", response.model_dump(mode="json"))
    seen = []
    for part in parts:
        seen.append(part)
        if isinstance(part, Sentence):
            yield event("sentence", written_out(part, passages).model_dump(mode="json"))
    yield event("end", _writing(together(seen), service).model_dump(mode="json"))


def _writing(written: Written, service: Service) -> WritingOut:
    if service.writer is None:
        return writing_out(written, None, None)
    return writing_out(written, service.writer.host, service.writer.model)
