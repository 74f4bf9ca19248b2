"""Signing in on the page with a key, and out again, however one came in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.audit.chain import Actor, Deed
from api.audit.log import AuditLog
from api.auth.middleware import Authenticator, cookie_name, log
from api.contract.requests import SignInForm
from api.middleware.hardening import FormRoute
from api.problems import BadKey
from api.routes.dependencies import PrincipalHere
from api.routes.pages import READ, PageHere
from api.routes.sessions import SEE_OTHER, end_session, inside, led_back, unset

router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/sign-in", methods=READ)
def sign_in_page(page: PageHere) -> HTMLResponse:
    """The form that takes a key."""
    return page.render("sign_in.html", trouble="", back="/")


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[SignInForm, Form()],
) -> HTMLResponse | RedirectResponse:
    """Begin a session in place of the one before; lead back where the reader wanted to be."""
    door: Authenticator = request.app.state.door
    try:
        holder = door.holder(form.key.strip(), principal.address)
    except BadKey:
        refusal = page.render("sign_in.html", 401, trouble="wrong", back=inside(form.back))
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    audit: AuditLog = request.app.state.service.audit
    audit.note(Actor(holder.id, holder.name), Deed.SIGNED_IN, must=True)
    log.info("%s signed in from %s", holder.id, principal.address)
    token = door.keys.begin_session(holder)
    end_session(request, door.keys)
    return led_back(request, form.back, token)


@router.post("/sign-out")
def sign_out(request: Request, principal: PrincipalHere) -> RedirectResponse:
    """End the session."""
    door: Authenticator = request.app.state.door
    if principal.is_signed_in:
        audit: AuditLog = request.app.state.service.audit
        audit.note(principal.actor, Deed.SIGNED_OUT, must=True)
    end_session(request, door.keys)
    response = RedirectResponse("/", SEE_OTHER, {"Clear-Site-Data": '"storage"'})
    unset(response, request, cookie_name(request))
    return response
