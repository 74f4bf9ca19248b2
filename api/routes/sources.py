"""The page of the sites that are followed: the last visit and the next, and what was refused.

Requests name no address that is fetched: a visit can be hurried only to what the operator's file
names, and the site's own pauses are kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.audit.chain import Deed
from api.auth.middleware import Principal
from api.contract.requests import VisitForm
from api.jobs.followed import FollowedSource, followed_sources
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere
from api.routes.pages import READ, PageHere
from api.service import Service
from api.web.page import Page
from corpus.store.web import SourceKey
from corpus.web.errors import SourcesFileError
from corpus.web.sources import read_sources

router = APIRouter(include_in_schema=False)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/sources", methods=READ)
def sources_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """The sources of the collections that the principal may read."""
    return _shown(service, principal, page, was_hurried="hurried" in request.query_params)


@forms.post("/sources/visit")
def visit_now(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[VisitForm, Form()],
) -> Response:
    """Make the next visit to a source of the operator's file due at once."""
    key, reads = SourceKey(form.kind, form.address, form.collection), principal.rights.reads
    if not (_is_followed(service, key) and (reads is None or key.collection in reads)):
        return _shown(service, principal, page, 404)
    service.audit.note(
        principal.actor, Deed.HURRIED_VISIT, address=key.address, collection=key.collection
    )
    with service.settings.store.existing() as catalogue:
        catalogue.web.hurry(key)
    if service.follower:
        service.follower.wake()
    return RedirectResponse(page.link("/sources?hurried"), SEE_OTHER)


def _is_followed(service: Service, key: SourceKey) -> bool:
    try:
        named = read_sources(service.settings.sources) if service.settings.sources else []
    except SourcesFileError:
        return False  # the page says what is wrong with it
    return key in {each.key for each in named}


def _shown(
    service: Service,
    principal: Principal,
    page: Page,
    status: int = 200,
    *,
    was_hurried: bool = False,
) -> HTMLResponse:
    reads = principal.rights.reads
    found, broken = list[FollowedSource](), None
    try:
        found = followed_sources(service.settings)
    except SourcesFileError as error:
        # It may quote a host of another collection's source.
        broken = str(error) if reads is None else ""
    return page.render(
        "sources.html",
        status,
        sources=[each for each in found if reads is None or each.collection in reads],
        broken=broken,
        was_hurried=was_hurried,
        is_unknown=status == 404,
    )
