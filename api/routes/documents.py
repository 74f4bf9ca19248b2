"""Documents over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse

from api import schemas
from api.requests import DocumentsQuery
from api.routes.shared import DocumentId, ServiceHere, document_in, summary_in
from api.schemas import DocumentOut, DocumentsOut

router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("", summary="List documents")
def list_documents(service: ServiceHere, query: Annotated[DocumentsQuery, Query()]) -> DocumentsOut:
    """One page of the documents that are wanted, by collection and file."""
    total, found = service.live.newest().view.list_documents(
        query.to_filter(), query.offset, query.limit
    )
    return schemas.documents(total, query.offset, query.limit, found)


@router.get("/{id}", summary="Show a document")
def show_document(service: ServiceHere, document: DocumentId) -> DocumentOut:
    """A document without its text."""
    return schemas.document(summary_in(service.live.newest().view, document))


@router.get(
    "/{id}/text",
    summary="Read a document's cleaned text",
    response_class=PlainTextResponse,
    responses={200: {"description": "The text that every offset refers to."}},
)
def read_text(service: ServiceHere, document: DocumentId) -> PlainTextResponse:
    """The text that every offset refers to, as UTF-8."""
    return PlainTextResponse(document_in(service.live.newest().view, document).text)
