"""The page of the keys: what each allows, making one, revoking one.

Whoever manages keys sees and changes those only that allow no more than they may do themselves.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.audit.chain import Deed
from api.auth.keys import Key, Scope
from api.auth.middleware import Principal
from api.contract.requests import KeyForm, RevokeForm
from api.middleware.hardening import FormRoute
from api.routes.changes import SEE_OTHER
from api.routes.dependencies import PrincipalHere, ServiceHere, view_for
from api.routes.pages import READ, PageHere
from api.service import Service
from api.web.page import Page

router = APIRouter(include_in_schema=False)
forms = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/keys", methods=READ)
def keys_page(
    service: ServiceHere, principal: PrincipalHere, page: PageHere, request: Request
) -> HTMLResponse:
    """Every key that may be managed, never its text."""
    return _shown(service, principal, page, was_revoked="revoked" in request.query_params)


@forms.post("/keys")
def make_key(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[KeyForm, Form()],
) -> HTMLResponse:
    """Make a key, and show its text this once."""
    try:
        asked = form.to_request()
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        return _shown(service, principal, page, 422, form=form, wrong=wrong)
    scopes = frozenset(map(Scope, asked.scopes))
    collections = None if asked.collections is None else frozenset(asked.collections)
    if not principal.rights.cover(scopes, collections):
        return _shown(service, principal, page, 403, form=form, wrong={"rights"})
    made, text = service.keys.add(
        asked.name,
        scopes,
        collections,
        lambda id_: service.audit.note(
            principal.actor, Deed.MADE_KEY, must=True, key=id_, name=asked.name
        ),
    )
    return _shown(service, principal, page, made=made, text=text)


@forms.post("/keys/revoke")
def revoke_key(
    service: ServiceHere,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[RevokeForm, Form()],
) -> Response:
    """Revoke a key; whoever uses it is refused from then on."""
    if form.key not in {key.id for key in _managed(service, principal)}:
        return _shown(service, principal, page, 404)
    if service.keys.is_valid(form.key):
        service.audit.note(principal.actor, Deed.REVOKED_KEY, must=True, key=form.key)
        service.keys.revoke(form.key)
    return RedirectResponse(page.link("/keys?revoked"), SEE_OTHER)


def _managed(service: Service, principal: Principal) -> list[Key]:
    """Return the keys that a principal may manage, those that are valid first."""
    keys = (
        key for key in service.keys.all() if principal.rights.cover(key.scopes, key.collections)
    )
    return sorted(keys, key=lambda key: key.revoked is not None)


def _shown(
    service: Service, principal: Principal, page: Page, status: int = 200, **said: Any
) -> HTMLResponse:
    blank = {
        "form": KeyForm.model_validate({}),
        "wrong": set(),
        "made": None,
        "text": "",
        "was_revoked": False,
    }
    response = page.render(
        "keys.html",
        status,
        keys=_managed(service, principal),
        scopes=list(Scope),
        own=principal.holder.id if principal.holder else "",
        is_first=not service.keys.any(),
        collections=view_for(service, principal).collections(),
        **{**blank, **said},
    )
    response.headers["Cache-Control"] = "no-store"
    return response
