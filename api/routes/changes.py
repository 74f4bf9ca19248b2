"""Changing the collection from the corpus page, by plain forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse

from api.contract import responses
from api.contract.requests import UploadForm
from api.middleware.hardening import FormRoute
from api.middleware.upload_limits import UploadRoute
from api.routes.dependencies import ConfirmHere, DocumentId, JobId, PrincipalHere, ServiceHere
from api.routes.jobs import job_in, newest_jobs
from api.routes.pages import READ, PageHere

SEE_OTHER = 303

SHOWN_JOBS = 50
"""Newest uploads on their page."""

router = APIRouter(include_in_schema=False, route_class=UploadRoute)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.post("/documents")
def upload(
    service: ServiceHere,
    principal: PrincipalHere,
    confirm: ConfirmHere,
    page: PageHere,
    form: Annotated[UploadForm, Form(media_type="multipart/form-data")],
) -> RedirectResponse:
    """Accept files, and lead to the page that says what becomes of them."""
    job = service.uploads.accept(principal, form.files, form.collection, confirm)
    return RedirectResponse(page.link(f"/jobs/{job.id}"), SEE_OTHER)


@forms.post("/documents/{id}/remove", response_model=None)
def remove(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    document: DocumentId,
    erase: Annotated[str | None, Form()] = None,
) -> HTMLResponse | RedirectResponse:
    """Remove a document, and lead back to the ones there are; or erase it, and say what has it."""
    if erase:
        erased = service.uploads.erase(principal, document)
        return page.render("erased.html", erased=responses.erased(erased, principal.rights.reads))
    service.uploads.remove(principal, document)
    return RedirectResponse(page.link("/documents?removed"), SEE_OTHER)


@forms.api_route("/jobs", methods=READ)
def jobs_page(service: ServiceHere, principal: PrincipalHere, page: PageHere) -> HTMLResponse:
    """How far the newest uploads are."""
    return page.render("jobs.html", jobs=newest_jobs(service, principal, SHOWN_JOBS).jobs)


@forms.api_route("/jobs/{id}", methods=READ)
def job_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, job: JobId
) -> HTMLResponse:
    """How far an upload is, and what became of each file."""
    return page.render("job.html", job=job_in(service, principal, job))
