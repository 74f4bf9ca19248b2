"""Signing in on the page with an account of a provider's (OpenID Connect).

A browser is sent to the provider, and back. Cookies that say who somebody is are sent by our own
pages only (SameSite=Strict), and the way back is from another site; so what answers it is a page
of ours that goes on by itself, to where the sign-in is finished.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.audit.chain import Actor, Deed
from api.auth.middleware import COOKIE, SECURE_COOKIE
from api.auth.oidc.attempt import Attempt
from api.auth.oidc.errors import SignInFailed, Trouble
from api.auth.oidc.provider import Identity, Provider
from api.middleware.writers import in_writer_thread, limiter_of_each_loop
from api.routes.dependencies import PrincipalHere, ServiceHere
from api.routes.pages import PageHere
from api.routes.sessions import SEE_OTHER, end_session, inside, led_back, set_for_session, unset
from api.service import Service
from api.web.page import Page

MAX_BACK: Final = 2_000
"""Characters of an address to come back to that are kept: all of the cookie has to be under 4 kB.
A reader who comes from a longer one begins on the first page."""

MAX_CALLS: Final = 8
"""Threads that wait for the provider, apart from those that answer questions and that write."""

_STATUS: Final = {
    Trouble.DOWN: 503,
    Trouble.CLOCK: 503,
    Trouble.NO_GROUP: 403,
    Trouble.DECLINED: 403,
    Trouble.AGAIN: 400,
}

log = logging.getLogger("passerelle.access")

router = APIRouter(include_in_schema=False)

_callers = limiter_of_each_loop("passerelle_provider_calls", MAX_CALLS)


async def provider_of(service: ServiceHere) -> Provider:
    """Return the provider; if there is none, there is nothing at these addresses."""
    if service.provider is None:
        raise HTTPException(404)
    return service.provider


ProviderHere = Annotated[Provider, Depends(provider_of)]


@router.get("/sign-in/provider", response_model=None)
async def begin(
    request: Request,
    principal: PrincipalHere,
    provider: ProviderHere,
    page: PageHere,
    back: Annotated[str, Query()] = "/",
) -> Response:
    """Send a browser to the provider, and remember in it that it was sent."""
    kept = inside(back)
    attempt = Attempt.new(kept if len(kept) <= MAX_BACK else "/")
    ask = partial(provider.authorization, attempt, page.language)
    try:
        address = await run_sync(ask, limiter=_callers())
    except SignInFailed as error:
        return _refusal(page, error, principal.address, kept)
    response = RedirectResponse(address, SEE_OTHER, {"Cache-Control": "no-store"})
    set_for_session(response, request, _cookie(request), attempt.written())
    return response


@router.get("/sign-in/return")
async def come_back(request: Request, _: ProviderHere, page: PageHere) -> HTMLResponse:
    """Go on from here, on a page of ours, with what the provider sent."""
    response = page.render("signing_in.html", on=f"/sign-in/finish?{request.url.query}")
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/sign-in/finish", response_model=None)
async def finish(
    request: Request,
    principal: PrincipalHere,
    provider: ProviderHere,
    service: ServiceHere,
    page: PageHere,
) -> Response:
    """Begin a session for whom the provider names, in place of the one before."""
    attempt = Attempt.read(request.cookies.get(_cookie(request), ""))
    back = attempt.back if attempt else "/"
    try:
        ask = partial(provider.identity, attempt, dict(request.query_params))
        identity = await run_sync(ask, limiter=_callers())
    except SignInFailed as error:
        response = _refusal(page, error, principal.address, back)
    else:
        token = await _begin_session(service, provider, identity, request, principal.address)
        response = led_back(request, back, token)
    response.headers["Cache-Control"] = "no-store"
    unset(response, request, _cookie(request))  # an attempt is for once
    return response


@in_writer_thread
def _begin_session(
    service: Service, provider: Provider, identity: Identity, request: Request, address: str
) -> str:
    """Return the token of a person's new session; what is done is in the audit log before."""
    said, keys = provider.said, service.keys
    person = keys.people.identify(said.issuer, identity.subject, identity.name)
    service.audit.note(Actor(person, identity.name), Deed.SIGNED_IN, must=True)
    log.info("%s signed in from %s", person, address)
    token = keys.people.begin_session(person, said.issuer, identity.groups, said.session_minutes)
    end_session(request, keys)
    return token


def _refusal(page: Page, error: SignInFailed, address: str, back: str) -> Response:
    """Say on the page what a reader can do, and in the log what was wrong."""
    log.warning("Nobody was signed in from %s: %s", address, error)
    return page.render(
        "sign_in.html", _STATUS[error.trouble], trouble=str(error.trouble), back=inside(back)
    )


def _cookie(request: Request) -> str:
    return f"{SECURE_COOKIE if request.url.scheme == 'https' else COOKIE}-sign-in"
