"""A document's own pages: drawn, what stands where on them, and the pages that show them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth.middleware import Principal
from api.contract import page_responses
from api.contract.page_responses import PageOut
from api.middleware.admission import drawing_place
from api.printed_pages import PrintedPage, SlidePage, page_of, passages_on
from api.problems import CannotDraw, UnknownDocument, UnknownOriginal, UnknownPage
from api.routes.dependencies import DocumentId, PrincipalHere, ServiceHere, document_in, view_for
from api.service import Service
from api.web import printed_page, viewer
from api.web.page import Page
from api.web.slide_page import slide_sheet
from corpus.errors import ReadingUnavailable
from corpus.pages.types import WITH_PAGES
from corpus.store.view import View
from corpus.types import Document, Span

MAX_PAGE = 2**31 - 1
"""Beyond any file."""

PageNumber = Annotated[int, Path(alias="n", ge=1, le=MAX_PAGE, description="From 1.")]
Mark = Annotated[
    str,
    Query(
        pattern=r"^(\d{1,9}-\d{1,9})?$",
        description="Span of the cleaned text to be marked, like `412-476`.",
    ),
]
Zoom = Annotated[Literal["1", "1.5", "2"], Query(description="144, 216 or 288 pixels to the inch.")]
PageHere = Annotated[Page, Depends()]

T = TypeVar("T")

router = APIRouter(
    prefix="/v1/documents", tags=["documents"], dependencies=[Depends(drawing_place)]
)
pages = APIRouter(
    prefix="/documents", include_in_schema=False, dependencies=[Depends(drawing_place)]
)


@router.get(
    "/{id}/pages/{n}",
    summary="Draw a page of a PDF",
    response_class=Response,
    responses={
        200: {"description": "The page.", "content": {"image/png": {}}},
        304: {"description": "It is as it was when the client asked before."},
    },
)
def draw_page(
    service: ServiceHere,
    principal: PrincipalHere,
    request: Request,
    document: DocumentId,
    number: PageNumber,
    zoom: Zoom = "1",
    mark: Mark = "",
) -> Response:
    """The page as a PNG. With `mark`, that part of its text is tinted. A very large page is drawn
    with fewer pixels to the inch, so that it has 9 million at most."""

    def draw(view: View) -> Response:
        found = document_in(view, document)
        name = f"{found.id} {found.sha256} {number} {zoom} {mark}"
        tag = f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'
        # Whoever has it asks each time whether they may still see it.
        headers = {"Cache-Control": "private, no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag and view.has_original(found.id):
            return Response(status_code=304, headers=headers)
        span = viewer.span(mark) if mark else None
        png = service.printed.picture(view, found, number, float(zoom), span)
        return Response(png, media_type="image/png", headers=headers)

    return _newest(service, principal, draw)


@router.get("/{id}/pages/{n}/boxes", summary="Show where things stand on a page of a PDF")
def show_boxes(
    service: ServiceHere,
    principal: PrincipalHere,
    document: DocumentId,
    number: PageNumber,
    mark: Mark = "",
) -> PageOut:
    """The words of a page and the document's passages on it, with their boxes."""
    span = viewer.span(mark)

    def look(view: View) -> PrintedPage:
        return service.printed.page(view, document_in(view, document), number, span)

    found = _newest(service, principal, look)
    passages = ((passage.span, boxes) for passage, boxes in found.passages)
    return page_responses.page(found.text, passages, (span, found.mark) if mark else None)


@pages.api_route("/{id}/pages", methods=["GET", "HEAD"])
def open_at_mark(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    document: DocumentId,
    mark: Annotated[str, Query()] = "",
) -> Response:
    """Leads to the page on which the marked sentence stands; its passage may begin on another."""
    view = view_for(service, principal)
    try:
        found = document_in(view, document)
    except UnknownDocument:
        return page.render("unknown.html", 404)
    span = viewer.span(mark)
    if found.media_type not in WITH_PAGES:
        return RedirectResponse(page.link(f"/documents/{found.id}"), 303)
    number = page_of(view.passages_of(found.id), span.start) or 1
    with suppress(UnknownOriginal, UnknownPage, CannotDraw, ReadingUnavailable):
        number = _page_with(service, view, found, number, span)
    query = [("mark", mark)] if span.start < span.end else []
    query += [("lang", page.asked_language)] if page.asked_language else []
    address = f"/documents/{found.id}/pages/{number}"
    return RedirectResponse(f"{address}?{urlencode(query)}#printed" if query else address, 303)


@pages.api_route("/{id}/pages/{n}", methods=["GET", "HEAD"])
def printed_page_page(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    document: DocumentId,
    number: PageNumber,
    mark: Annotated[str, Query()] = "",
    zoom: Annotated[str, Query()] = "1",
) -> HTMLResponse:
    """A page of a document as it is printed, or a slide, and the text on it."""
    view = view_for(service, principal)
    try:
        found = document_in(view, document)
    except UnknownDocument:
        return page.render("unknown.html", 404)
    span, passages = viewer.span(mark), view.passages_of(found.id)
    seen, lacks = None, None
    try:
        seen = service.printed.seen(view, found, number, span)
    except UnknownOriginal:
        lacks = "no_original"
    except (CannotDraw, ReadingUnavailable):
        lacks = "not_drawn"
    here = [passage for passage, _ in seen.passages] if seen else []
    here = here or passages_on(passages, number)
    if lacks and not here:
        raise UnknownPage
    return page.render(
        "printed.html",
        document=found,
        number=number,
        zoom=printed_page.zoom_at(zoom),
        sheet=printed_page.sheet(seen, span) if isinstance(seen, PrintedPage) else None,
        slide=slide_sheet(seen, span) if isinstance(seen, SlidePage) else None,
        lacks=lacks,
        pieces=viewer.pieces(found, here, span),
        mark=mark if span.start < span.end else "",
        last=seen.pages if seen else max(each.page or 1 for each in passages),
    )


def _page_with(service: Service, view: View, document: Document, number: int, span: Span) -> int:
    """Return the page of two on which a span stands; the first one where it is on neither.

    Raises UnknownOriginal, UnknownPage, CannotDraw or ReadingUnavailable.
    """
    if span.start == span.end or service.printed.seen(view, document, number, span).mark:
        return number
    following = number + 1
    return following if service.printed.seen(view, document, following, span).mark else number


def _newest(service: Service, principal: Principal, work: Callable[[View], T]) -> T:
    """Do a work on the newest state, once more if a file was replaced or removed a moment ago."""
    try:
        return work(view_for(service, principal))
    except UnknownOriginal:
        service.live.refresh()
        return work(view_for(service, principal))
