"""What ways of signing in share: the session's cookie, and where a reader is led back to."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api.auth.keys import Keys
from api.auth.middleware import cookie_name

SEE_OTHER = 303


def led_back(request: Request, back: str, token: str) -> RedirectResponse:
    """Return what leads a browser back inside, with the token of the session that has begun."""
    response = RedirectResponse(inside(back), SEE_OTHER)
    set_for_session(response, request, cookie_name(request), token)
    return response


def set_for_session(response: Response, request: Request, name: str, value: str) -> None:
    """Set a cookie that no script reads, that only our own pages send, until the window closes."""
    response.set_cookie(
        name, value, secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


def unset(response: Response, request: Request, name: str) -> None:
    """Have a browser forget such a cookie."""
    response.delete_cookie(
        name, secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


def end_session(request: Request, keys: Keys) -> None:
    """End the session of a browser, if it has one."""
    if token := request.cookies.get(cookie_name(request)):
        keys.end_session(token)


def inside(back: str) -> str:
    """Return an address of this server: a browser takes two slashes for another one."""
    is_ours = back.startswith("/") and back.isprintable() and back[1:2] not in {"/", "\\"}
    return back if is_ours else "/"
