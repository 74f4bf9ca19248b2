"""Documents over HTTP."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Response
from starlette.responses import JSONResponse, PlainTextResponse

from api.audit.chain import Deed
from api.auth.middleware import Principal
from api.contract import job_responses, responses
from api.contract.job_responses import JobOut
from api.contract.requests import DocumentsQuery, ReplaceForm, UploadForm
from api.contract.responses import DocumentsOut, DocumentWithCopiesOut, ErasedOut
from api.middleware.admission import download_place
from api.middleware.upload_limits import UploadRoute
from api.problems import UnknownOriginal
from api.routes.dependencies import (
    ConfirmHere,
    DocumentId,
    PrincipalHere,
    ServiceHere,
    document_in,
    summary_in,
    view_for,
)
from api.routes.original_response import OriginalResponse
from corpus.store.jobs import Job

FORM = "multipart/form-data"

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=UploadRoute)


@router.get("", summary="List documents")
def list_documents(
    service: ServiceHere, principal: PrincipalHere, query: Annotated[DocumentsQuery, Query()]
) -> DocumentsOut:
    """One page of the documents that match, by collection and file."""
    total, found = view_for(service, principal).list_documents(
        query.to_filter(), query.offset, query.limit
    )
    return responses.documents(total, query.offset, query.limit, found)


@router.post("", summary="Upload documents", status_code=202)
def upload_documents(
    service: ServiceHere,
    principal: PrincipalHere,
    confirm: ConfirmHere,
    form: Annotated[UploadForm, Form(media_type=FORM)],
    response: Response,
) -> JobOut:
    """Accepts one or more files, or ZIP archives of them. The files are stored before this
    answers. The job that it returns adds them to the collection. A file with the name of an
    existing document replaces it."""
    job = service.uploads.accept(principal, form.files, form.collection, confirm)
    return _accepted(job, principal, response)


@router.get("/{id}", summary="Show a document")
def show_document(
    service: ServiceHere, principal: PrincipalHere, document: DocumentId, response: Response
) -> DocumentWithCopiesOut:
    """A document without its text: where each fact was found, its copies and translations, what
    the text leaves out, and the pages whose words were recognised in pictures. Its `ETag` changes
    with its facts."""
    view = view_for(service, principal)
    summary = summary_in(view, document)
    response.headers["ETag"] = f'"{summary.tag}"'
    return responses.whole_document(view, summary)


@router.put("/{id}", summary="Replace a document", status_code=202)
def replace_document(
    service: ServiceHere,
    principal: PrincipalHere,
    confirm: ConfirmHere,
    document: DocumentId,
    form: Annotated[ReplaceForm, Form(media_type=FORM)],
    response: Response,
) -> JobOut:
    """Accepts new content for a document, in the same format. Until the job that it returns is
    done, the old content can be found."""
    job = service.uploads.accept_replacement(principal, document, form.file, confirm)
    return _accepted(job, principal, response)


@router.delete(
    "/{id}",
    summary="Delete a document",
    status_code=204,
    response_model=None,
    responses={
        200: {"model": ErasedOut, "description": "It was erased: what still holds it."},
        204: {"description": "It was deleted."},
    },
)
def delete_document(
    service: ServiceHere,
    principal: PrincipalHere,
    document: DocumentId,
    erase: Annotated[
        bool,
        Query(
            description="Whether no byte of it may be left in the data folder. The answer says "
            "which backups still hold it. This takes as long as to copy the catalogue; nothing "
            "can be added meanwhile, so there is one at a time, and then a rest (429)."
        ),
    ] = False,
) -> Response:
    """Deletes a document. Once this has answered, no question finds it."""
    if erase:
        out = responses.erased(service.uploads.erase(principal, document), principal.rights.reads)
        return JSONResponse(out.model_dump(mode="json"))
    service.uploads.remove(principal, document)
    return Response(status_code=204)


@router.get(
    "/{id}/text",
    summary="Read a document's cleaned text",
    response_class=PlainTextResponse,
    responses={200: {"description": "The text that every offset refers to."}},
)
def read_text(
    service: ServiceHere, principal: PrincipalHere, document: DocumentId
) -> PlainTextResponse:
    """The text that every offset refers to, as UTF-8."""
    return PlainTextResponse(document_in(view_for(service, principal), document).text)


@router.get(
    "/{id}/original",
    summary="Download a document's file",
    response_class=Response,
    responses={
        200: {"description": "The file as it was ingested or uploaded.", "content": {"*/*": {}}}
    },
    dependencies=[Depends(download_place)],
)
def download_original(
    service: ServiceHere, principal: PrincipalHere, document: DocumentId
) -> Response:
    """The file as it was ingested or uploaded, as an attachment."""
    view = view_for(service, principal)
    summary = summary_in(view, document)
    original = view.original(summary.id)
    if original is None and view.has_original(summary.id):
        # Replaced or removed a moment ago: what this view has of it is gone from the catalogue.
        service.live.refresh()
        view = view_for(service, principal)
        summary = summary_in(view, document)
        original = view.original(summary.id)
    if original is None:
        raise UnknownOriginal
    service.audit.note(
        principal.actor,
        Deed.READ_ORIGINAL,
        collection=summary.collection,
        document=summary.id,
    )
    name = quote(summary.file.rpartition("/")[2], safe="")
    return OriginalResponse(
        original,
        summary.media_type,
        {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _accepted(job: Job, principal: Principal, response: Response) -> JobOut:
    out = job_responses.job(job, counts_texts=principal.rights.reads is None)
    response.headers["Location"] = out.link
    return out
