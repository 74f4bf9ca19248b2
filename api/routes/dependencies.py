"""What several routes need."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import monotonic
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.auth import middleware
from api.auth.middleware import Principal
from api.problems import UnknownDocument
from api.service import Service
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from corpus.types import Document
from index.snapshot import Snapshot
from qa.advice.advising import Advice, advise
from qa.types import Abstention, Answer, Question
from qa.writing.types import Part, Problem, Stopped

LOOK_AGAIN_SECONDS = 1.0
"""After which rights are looked up again: a body that came slowly, or a wait for a turn."""

EVENTS = "text/event-stream"
EVENT_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

log = logging.getLogger("passerelle.questions")


async def service_of(request: Request) -> Service:
    """Return what the application opened when it started.

    It waits for nothing; as a plain function it would be run in a thread.
    """
    service: Service = request.app.state.service
    return service


async def principal_of(request: Request) -> Principal:
    """Return who asks, once the body is there and it is their turn.

    Raises:
        BadKey: that took a while, and their key was revoked meanwhile.
        KeyNeeded: it took a while, and they need a key now.
    """
    principal = middleware.principal_of(request)
    if monotonic() - principal.since > LOOK_AGAIN_SECONDS:
        request.app.state.door.confirm(principal)
    return principal


async def known_parameters_only(request: Request) -> None:
    """Refuse a parameter in the address that the route does not have, as bodies are refused.

    Raises:
        RequestValidationError: there is one.
    """
    known = set(_parameters(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": "", "input": None}
                for name in dict.fromkeys(unknown)
            ]
        )


def _parameters(dependant: Dependant) -> Iterator[str]:
    """Yield the parameters in the address that a route and what it depends on take."""
    for field in dependant.query_params:
        shape = field.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            yield from shape.model_fields
        else:
            yield field.alias
    for below in dependant.dependencies:
        yield from _parameters(below)


async def confirmation_of(request: Request) -> Callable[[], None]:
    """Return what raises BadKey or KeyNeeded once who asks may no longer."""
    return partial(request.app.state.door.confirm, middleware.principal_of(request))


class DeferredResponse(Response):
    """A response that is made when the request no longer holds a place among the questions.

    So nobody's question waits while another server is waited for.
    """

    def __init__(self, make: Callable[[], Response]) -> None:
        super().__init__()
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the response, in a thread, and send it."""
        made = await run_in_threadpool(self._make)
        await made(scope, receive, send)


ServiceHere = Annotated[Service, Depends(service_of)]
PrincipalHere = Annotated[Principal, Depends(principal_of)]
ConfirmHere = Annotated[Callable[[], None], Depends(confirmation_of)]
JobId = Annotated[str, Path(alias="id", description="Like `j-5b0c7e1d92a3f468`.")]
DocumentId = Annotated[
    str, Path(alias="id", description="Like `d-3f9c5e0a71b2d8460c1b7e95aa84f2d3`.")
]


def snapshot_for(service: Service, principal: Principal) -> Snapshot:
    """Return the newest state as it would be if there were only what the principal may read."""
    return service.live.newest().within(principal.rights.reads)


def view_for(service: Service, principal: Principal) -> View:
    """Return the documents and texts of that state."""
    return snapshot_for(service, principal).view


def answer_for(
    service: Service, principal: Principal, question: Question, *, again: bool = False
) -> Answer | Abstention:
    """Answer from what the principal may read.

    It is counted as a question that was asked, unless they ask for the same answer ``again``.

    Raises:
        QuestionError: it cannot be asked.
        CatalogueError: the passages could not be read.
    """
    if service.settings.log_questions:
        log.info("asked: %s", question.text)
    outcome = service.answerer.answer(question, principal.rights.reads)
    service.metrics.note(outcome)
    if not again:
        service.asked.note(question, outcome, principal.rights.reads)
    return outcome


def parts_for(service: Service, outcome: Answer | Abstention, language: str) -> Iterator[Part]:
    """Yield what a language model writes of an answer in ``language``, as it is checked.

    Nothing is sent where there is none, or where nothing answers.
    """
    if service.writer is None:
        yield Stopped(Problem.OFF)
    elif isinstance(outcome, Abstention):
        yield Stopped(Problem.ABSTAINED)
    else:
        yield from service.writer.write(outcome, language)


def event(name: str, data: Mapping[str, object]) -> str:
    """Return one server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def advice_for(
    service: Service, principal: Principal, question: Question, outcome: Answer | Abstention
) -> Advice:
    """Return what may help with a question that nothing answers, in what the principal may read.

    Raises:
        CatalogueError: the passages could not be read.
    """
    return advise(snapshot_for(service, principal), question, outcome)


def document_in(view: View, document: str) -> Document:
    """Return a document by its id.

    Raises:
        UnknownDocument: there is none.
    """
    found = view.document(view.meant(document))
    if found is None:
        raise UnknownDocument
    return found


def summary_in(view: View, document: str) -> DocumentSummary:
    """Return a document without its text by its id.

    Raises:
        UnknownDocument: there is none.
    """
    found = view.summary(view.meant(document))
    if found is None:
        raise UnknownDocument
    return found
