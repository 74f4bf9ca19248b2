"""The page of the sites that are followed: the last visit and the next, and what was refused."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.jobs.followed import FollowedSource, followed_sources
from api.routes.dependencies import PrincipalHere, ServiceHere
from api.routes.pages import READ, PageHere
from corpus.web.errors import SourcesFileError

SHOWN_REFUSALS = 20
"""Of one source; ``passerelle sources --json`` has them all."""

router = APIRouter(include_in_schema=False)


@router.api_route("/sources", methods=READ)
def sources_page(service: ServiceHere, principal: PrincipalHere, page: PageHere) -> HTMLResponse:
    """The sources of the collections that the principal may read."""
    reads = principal.rights.reads
    found, broken = list[FollowedSource](), None
    try:
        found = followed_sources(service.settings)
    except SourcesFileError as error:
        # It may quote a host of another collection's source.
        broken = str(error) if reads is None else ""
    return page.render(
        "sources.html",
        sources=[each for each in found if reads is None or each.collection in reads],
        broken=broken,
        most=SHOWN_REFUSALS,
    )
