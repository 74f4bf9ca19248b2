"""What several routes need."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Annotated

from fastapi import Depends, Path, Request

from api.auth import middleware
from api.auth.middleware import Principal
from api.problems import UnknownDocument
from api.service import Service
from corpus.store.view import View
from corpus.store.view.listings import DocumentSummary
from corpus.types import Document
from qa.types import Abstention, Answer, Question

LOOK_AGAIN_SECONDS = 1.0
"""After which rights are looked up again: a body that came slowly, or a wait for a turn."""

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


async def confirmation_of(request: Request) -> Callable[[], None]:
    """Return what raises BadKey or KeyNeeded once who asks may no longer."""
    return partial(request.app.state.door.confirm, middleware.principal_of(request))


ServiceHere = Annotated[Service, Depends(service_of)]
PrincipalHere = Annotated[Principal, Depends(principal_of)]
ConfirmHere = Annotated[Callable[[], None], Depends(confirmation_of)]
JobId = Annotated[str, Path(alias="id", description="Like `j-5b0c7e1d92a3f468`.")]
DocumentId = Annotated[
    str, Path(alias="id", description="Like `d-3f9c5e0a71b2d8460c1b7e95aa84f2d3`.")
]


def view_for(service: Service, principal: Principal) -> View:
    """Return the newest state as it would be if there were only what the principal may read."""
    return service.live.newest().within(principal.rights.reads).view


def answer_for(service: Service, principal: Principal, question: Question) -> Answer | Abstention:
    """Answer from what the principal may read, and count it as a question of theirs.

    Raises:
        QuestionError: it cannot be asked.
        CatalogueError: the passages could not be read.
    """
    if service.settings.log_questions:
        log.info("asked: %s", question.text)
    outcome = service.answerer.answer(question, principal.rights.reads)
    service.metrics.note(outcome)
    return outcome


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
