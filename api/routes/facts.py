"""Correcting what is known of a document: over HTTP, and by the form on its page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Header, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from api import problems
from api.auth.middleware import Principal
from api.contract import responses
from api.contract.corrections import CorrectionForm, CorrectionRequest
from api.contract.responses import DocumentWithCopiesOut
from api.middleware.hardening import FormRoute, JsonRoute
from api.middleware.writers import WriteRoute
from api.problems import UnknownDocument
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import DocumentId, PrincipalHere, ServiceHere, summary_in, view_for
from api.routes.pages import PageHere, shown_document
from api.service import Service
from api.web.facts_form import FactsForm
from corpus.errors import ChangedMeanwhile
from corpus.store.view.listings import DocumentSummary


class _CorrectionRoute(JsonRoute, WriteRoute):
    """A route that takes JSON and changes something."""


router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=_CorrectionRoute)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.patch(
    "/{id}",
    summary="Correct a document's facts",
    response_model=DocumentWithCopiesOut,
)
def correct_document(
    service: ServiceHere,
    principal: PrincipalHere,
    document: DocumentId,
    correction: CorrectionRequest,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="The `ETag` of the facts that are to be corrected.")
    ] = None,
) -> Response | DocumentWithCopiesOut:
    """Corrects the facts that are sent. They hold for later versions of the document too, and once
    this has answered, everything shows and searches by them. If they are others than `If-Match`
    says, this answers 412, with what is there now as `facts`.

    Another `collection` moves the document: it is found in one of the two at any time, and its id,
    links and corrections stay. If that collection has a document of its name, or a new version of
    it is being taken in, this answers 409, and nothing is changed."""
    summary = _writable(service, principal, document)
    expected = None if if_match in (None, "*") else str(if_match).strip().strip('"')
    try:
        service.uploads.correct(
            principal, summary.id, correction.to_corrected(), expected, correction.moves_to
        )
    except ChangedMeanwhile as error:
        return _told_what_is_there(service, principal, summary.id, error)
    view = view_for(service, principal)
    summary = summary_in(view, summary.id)
    response.headers["ETag"] = f'"{summary.tag}"'
    return responses.whole_document(view, summary)


@forms.post("/documents/{id}/facts")
def correct_by_form(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    document: DocumentId,
    form: Annotated[CorrectionForm, Form()],
) -> Response:
    """Correct what differs, and lead back to the page; nothing that was typed is lost."""
    summary = _writable(service, principal, document)
    asked = FactsForm.typed(form, summary)
    try:
        changes = asked.changes()
    except ValidationError as error:
        return shown_document(service, principal, page, summary.id, asked.refused(error), 422)
    try:
        service.uploads.correct(principal, summary.id, changes, form.tag or None)
    except ChangedMeanwhile:
        service.live.refresh()
        now = summary_in(view_for(service, principal), summary.id)
        return shown_document(service, principal, page, now.id, asked.overtaken(now), 412)
    return RedirectResponse(page.link(f"/documents/{summary.id}?corrected"), SEE_OTHER)


def _writable(service: Service, principal: Principal, document: str) -> DocumentSummary:
    """Return a document that a principal may see and change.

    Raises:
        UnknownDocument: there is none.
    """
    summary = summary_in(view_for(service, principal), document)
    if not principal.rights.may_write_in(summary.collection):
        raise UnknownDocument
    return summary


def _told_what_is_there(
    service: Service, principal: Principal, document: str, error: ChangedMeanwhile
) -> Response:
    service.live.refresh()
    view = view_for(service, principal)
    now = summary_in(view, document)
    response = problems.changed(error, responses.facts(now, view.origins(now.id)))
    response.headers["ETag"] = f'"{now.tag}"'
    return response
