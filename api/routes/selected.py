"""Doing something with many documents at once, after a look at which."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.contract.requests import SelectedForm
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.web.selection import MAX_SELECTED, Selection

router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/selected", methods=READ)
def selected_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """Which documents are chosen, and what can be done with them."""
    selection = Selection.of(view_for(service, principal), principal.rights, request.url.query)
    return page.render("selected.html", selection=selection, most=MAX_SELECTED, has_changed=False)


@router.post("/selected")
def remove_selected(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[SelectedForm, Form()],
) -> Response:
    """Remove what is chosen, if it is as much as was confirmed."""
    selection = Selection.of(view_for(service, principal), principal.rights, form.selection)
    has_changed = len(selection.documents) != form.count
    if has_changed or selection.is_too_large or not selection.documents:
        return page.render(
            "selected.html", 412, selection=selection, most=MAX_SELECTED, has_changed=has_changed
        )
    removed = service.uploads.remove_all(principal, selection.documents)
    return RedirectResponse(page.link(f"/documents?removed={removed}"), SEE_OTHER)
