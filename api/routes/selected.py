"""Doing something with many documents at once, after a look at which."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth.middleware import Principal
from api.contract.requests import CollectionName, MoveForm, SelectedForm
from api.middleware.hardening import FormRoute
from api.problems import NotAllowed
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.service import Service
from api.web.page import Page
from api.web.selection import MAX_MOVED, MAX_SELECTED, TO, Selection

router = APIRouter(include_in_schema=False, route_class=FormRoute)

_NAME: TypeAdapter[str] = TypeAdapter(CollectionName)


@router.api_route("/selected", methods=READ)
def selected_page(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    request: Request,
    to: Annotated[str, Query(alias=TO)] = "",
) -> HTMLResponse:
    """Which documents are chosen, and what can be done with them; with ``to`` whether they are to
    be moved there."""
    view = view_for(service, principal)
    selection = Selection.of(view, principal.rights, request.url.query)
    if not to.strip() or not selection.documents or selection.is_too_large_to_move:
        return _shown(service, principal, page, selection)
    try:
        collection = _NAME.validate_python(to.strip())
    except ValidationError:
        return _shown(service, principal, page, selection, 422, wrong=to)
    if not principal.rights.may_write_in(collection):
        raise NotAllowed
    known = {each.collection for each in view.collections()}
    return page.render(
        "moving.html", selection=selection, collection=collection, is_new=collection not in known
    )


@router.post("/selected")
def remove_selected(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[SelectedForm, Form()],
) -> Response:
    """Remove what is chosen, if it is as much as was confirmed."""
    selection = Selection.of(view_for(service, principal), principal.rights, form.selection)
    if len(selection.documents) != form.count or selection.is_too_large:
        return _changed(service, principal, page, selection, form)
    removed = service.uploads.remove_all(principal, selection.documents)
    return RedirectResponse(page.link(f"/documents?removed={removed}"), SEE_OTHER)


@router.post("/selected/move")
def move_selected(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[MoveForm, Form()],
) -> Response:
    """Move what is chosen, if it is as much as was confirmed, and say what stays and why."""
    selection = Selection.of(view_for(service, principal), principal.rights, form.selection)
    if len(selection.documents) != form.count or selection.is_too_large_to_move:
        return _changed(service, principal, page, selection, form)
    moved = service.uploads.move_all(principal, selection.documents, form.collection)
    if moved.stayed:
        return page.render("moved.html", moved=moved, collection=form.collection)
    there = urlencode({"collection": form.collection, "moved": moved.number})
    return RedirectResponse(page.link(f"/documents?{there}"), SEE_OTHER)


def _changed(
    service: Service, principal: Principal, page: Page, selection: Selection, form: SelectedForm
) -> HTMLResponse:
    """Return the page that says that nothing was done, since it is not what was confirmed."""
    has_changed = len(selection.documents) != form.count
    return _shown(service, principal, page, selection, 412, has_changed=has_changed)


def _shown(
    service: Service,
    principal: Principal,
    page: Page,
    selection: Selection,
    status: int = 200,
    **said: Any,
) -> HTMLResponse:
    """Return the page of what is chosen."""
    collections = view_for(service, principal).collections()
    writable = [each for each in collections if principal.rights.may_write_in(each.collection)]
    values = {"has_changed": False, "wrong": "", **said}
    return page.render(
        "selected.html",
        status,
        selection=selection,
        most=MAX_SELECTED,
        most_moved=MAX_MOVED,
        collections=writable,
        **values,
    )
