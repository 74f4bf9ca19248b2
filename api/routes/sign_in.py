"""Signing in on the page with a key, and out again."""

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

SEE_OTHER = 303

router = APIRouter(include_in_schema=False, route_class=FormRoute)


@router.api_route("/sign-in", methods=READ)
def sign_in_page(page: PageHere) -> HTMLResponse:
    """The form that takes a key."""
    return page.render("sign_in.html", is_wrong=False, back="/")


@router.post("/sign-in", response_model=None)
def sign_in(
    request: Request,
    principal: PrincipalHere,
    page: PageHere,
    form: Annotated[SignInForm, Form()],
) -> HTMLResponse | RedirectResponse:
    """Begin a session in place of the one before; lead back where the reader wanted to be."""
    door: Authenticator = request.app.state.door
    inside = _inside(form.back)
    try:
        holder = door.holder(form.key.strip(), principal.address)
    except BadKey:
        refusal = page.render("sign_in.html", 401, is_wrong=True, back=inside)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    audit: AuditLog = request.app.state.service.audit
    audit.note(Actor(holder.id, holder.name), Deed.SIGNED_IN, must=True)
    log.info("%s signed in from %s", holder.id, principal.address)
    token = door.keys.begin_session(holder)
    _end_session(request, door)
    response = RedirectResponse(inside, SEE_OTHER)
    response.set_cookie(
        cookie_name(request),
        token,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, principal: PrincipalHere) -> RedirectResponse:
    """End the session."""
    door: Authenticator = request.app.state.door
    if principal.is_signed_in:
        audit: AuditLog = request.app.state.service.audit
        audit.note(principal.actor, Deed.SIGNED_OUT, must=True)
    _end_session(request, door)
    response = RedirectResponse("/", SEE_OTHER, {"Clear-Site-Data": '"storage"'})
    response.delete_cookie(
        cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )
    return response


def _end_session(request: Request, door: Authenticator) -> None:
    if token := request.cookies.get(cookie_name(request)):
        door.keys.end_session(token)


def _inside(back: str) -> str:
    """Return an address of this server: a browser takes two slashes for another one."""
    is_ours = back.startswith("/") and back.isprintable() and back[1:2] not in {"/", "\\"}
    return back if is_ours else "/"
