"""What several routes need."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from api.errors import UnknownDocument
from api.wiring import Service
from corpus.types import Document
from corpus.view import DocumentSummary, View


async def service_of(request: Request) -> Service:
    """Return what the application opened when it started.

    It waits for nothing; as a plain function it would be run in a thread.
    """
    service: Service = request.app.state.service
    return service


ServiceHere = Annotated[Service, Depends(service_of)]
JobId = Annotated[str, Path(alias="id", description="Like `j-5b0c7e1d92a3f468`.")]
DocumentId = Annotated[str, Path(alias="id", description="Like `d-3f9c5e0a71b2d846`.")]


def document_in(view: View, document: str) -> Document:
    """Return a document by its id.

    Raises:
        UnknownDocument: there is none.
    """
    found = view.document(document)
    if found is None:
        raise UnknownDocument
    return found


def summary_in(view: View, document: str) -> DocumentSummary:
    """Return a document without its text by its id.

    Raises:
        UnknownDocument: there is none.
    """
    found = view.summary(document)
    if found is None:
        raise UnknownDocument
    return found
