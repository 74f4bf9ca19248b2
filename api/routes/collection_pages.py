"""The page of the collections: what each holds, who may read it, and what it is called."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth.keys import Key, Scope
from api.auth.middleware import Principal
from api.contract.requests import CollectionName, RenameForm
from api.middleware.hardening import FormRoute
from api.problems import NotAllowed
from api.renaming import may_rename, rename
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.service import Service
from api.web.page import Page
from corpus.store.view.facets import CollectionOverview

router = APIRouter(include_in_schema=False)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)

_NAME: TypeAdapter[str] = TypeAdapter(CollectionName)


@router.api_route("/collections", methods=READ)
def collections_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """What each collection holds."""
    return _shown(service, principal, page, renamed="renamed" in request.query_params)


@router.api_route("/collections/rename", methods=READ)
def renaming_page(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    collection: Annotated[str, Query()] = "",
    to: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """Whether a collection is to be called so."""
    overview = _found(service, principal, collection)
    if overview is None or not may_rename(principal, collection):
        raise NotAllowed
    try:
        name = _NAME.validate_python(to.strip())
    except ValidationError:
        return _shown(service, principal, page, 422, wrong={collection: "wrong_collection"})
    if not may_rename(principal, name):
        raise NotAllowed
    if _found(service, principal, name):
        return _shown(service, principal, page, 422, wrong={collection: "wrong_taken"})
    return page.render(
        "renaming.html", collection=collection, to=name, total=overview.documents, renamed=None
    )


@forms.post("/collections/rename")
def rename_collection(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[RenameForm, Form()],
) -> Response:
    """Rename a collection, as far as that is quickly done, and say how far it is."""
    if not form.total and _found(service, principal, form.to):
        return _shown(service, principal, page, 422, wrong={form.collection: "wrong_taken"})
    renamed = rename(service, principal, form.collection, form.to)
    if renamed.is_done:
        return RedirectResponse(page.link("/collections?renamed"), SEE_OTHER)
    total = form.total or renamed.left + renamed.moved.number
    return page.render(
        "renaming.html", collection=form.collection, to=form.to, total=total, renamed=renamed
    )


def _found(service: Service, principal: Principal, name: str) -> CollectionOverview | None:
    overviews = view_for(service, principal).collection_overviews()
    return next((each for each in overviews if each.collection == name), None)


def _shown(
    service: Service, principal: Principal, page: Page, status: int = 200, **said: Any
) -> HTMLResponse:
    values = {"renamed": False, "wrong": {}, **said}
    return page.render(
        "collections.html",
        status,
        collections=view_for(service, principal).collection_overviews(),
        readers=_readers(service.keys.all()) if principal.rights.is_admin else None,
        is_public=service.settings.public_read,
        may_write=principal.rights.may_write,
        may_rename=lambda collection: may_rename(principal, collection),
        **values,
    )


def _readers(keys: list[Key]) -> list[Key]:
    """Return the keys that may read something."""
    return [key for key in keys if Scope.READ in key.scopes and not key.revoked]
