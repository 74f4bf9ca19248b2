"""The web pages: asking, reading a document, and the API's reference."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from api import reference, viewer
from api.errors import UnknownDocument
from api.page import Page
from api.routes.shared import DocumentId, ServiceHere, document_in
from qa.errors import QuestionError
from qa.types import Answer, Question

READ = ["GET", "HEAD"]

PageHere = Annotated[Page, Depends()]

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=READ)
def ask_page(service: ServiceHere, page: PageHere) -> HTMLResponse:
    """The first page, with the passages for the question if there is one."""
    if not page.question.strip():
        return page.render("start.html")
    try:
        outcome = service.answerer.answer(Question(page.question))
    except QuestionError:
        return page.render("unusable.html", 422)
    if isinstance(outcome, Answer):
        return page.render("answer.html", passages=outcome.passages)
    return page.render("abstention.html", passages=outcome.nearest)


@router.api_route("/documents/{id}", methods=READ)
def document_page(service: ServiceHere, page: PageHere, document: DocumentId) -> HTMLResponse:
    """The viewer, where every passage has an address of its own."""
    view = service.live.newest().view
    try:
        found = document_in(view, document)
    except UnknownDocument:
        return page.render("unknown.html", 404)
    pieces = viewer.pieces(found, view.passages_of(document))
    return page.render("document.html", document=found, pieces=pieces)


@router.api_route("/docs", methods=READ)
def reference_page(request: Request, page: PageHere) -> HTMLResponse:
    """The API's reference, made from its own description."""
    openapi = request.app.openapi()
    return page.render(
        "reference.html",
        info=openapi["info"],
        operations=reference.operations(openapi),
        shapes=reference.shapes(openapi),
    )
