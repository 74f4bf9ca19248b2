"""Headers that restrict the browser, and limits on what a request may contain."""

from __future__ import annotations

import asyncio
import email.message
import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.origin import host_name
from api.middleware.writers import WriteRoute
from api.problems import (
    TooManyFields,
    TooManyParameters,
    UnknownHost,
    UnwantedBody,
    response_to,
)
from api.settings import is_loopback

MAX_JSON_BYTES = 1_000_000
"""Largest body of JSON: 21 questions of 2,000 characters, each escaped as up to 12 bytes, take
half of it."""

MAX_FORM_BYTES = 100_000
"""Largest form without files: a question of 2,000 characters and an address that asks another,
each character written as up to 12 bytes."""

MAX_FORM_FIELDS = 20
"""Fields of such a form; the longest of ours has six."""

MAX_PARAMETERS = 500
"""Parameters of an address: two filters of 200 values, and a question with those before it, are
under 420. A page writes all of them once for each language of the interface, as links to itself."""

BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods whose requests have no body (RFC 9110, 9.3.1)."""

FORM_FIELDS = "application/x-www-form-urlencoded"

MAX_SILENCE_SECONDS = 30.0
"""How long a body may stop coming: who sends a byte a minute must not hold a place for days."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Everything from here, nothing inline: a text that slips through as markup stays inert."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Questions stand in the page's address. Ours may know it: without a referrer a browser does
    # not tell our own forms from those of others.
    "Referrer-Policy": "same-origin",
}

FRAMED = "/embed"
"""The one page that others may show in a frame of theirs."""


def framed_headers(origins: Sequence[str]) -> dict[str, str]:
    """Return HEADERS as FRAMED has them: pages of those origins may show it, if there are any.

    It needs no script and no picture.
    """
    if not origins:
        return HEADERS
    policy = (
        "default-src 'none'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        f"frame-ancestors {' '.join(origins)}",
    )
    changed = {
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    kept = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    return {**kept, **changed}


HTTPS_ONLY = "max-age=31536000; includeSubDomains"
"""For a year a browser that came by HTTPS comes by nothing else."""


class KnownHosts:
    """ASGI middleware: answers to the server's own names only, and to no request for a range.

    A page elsewhere can have its own name point here, and would read what comes back. Addresses
    and the names of the machine itself are ours.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self._names = frozenset(name.lower() for name in names if not name.startswith("*."))
        self._above = tuple(name[1:].lower() for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if not self._is_ours(host_name(headers.get("host", ""))):
                await response_to(UnknownHost())(scope, receive, send)
                return
            if "range" in headers:  # no use for small files; a thousand ranges take a while
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"range"]
        await self.app(scope, receive, send)

    def _is_ours(self, name: str) -> bool:
        if name in self._names or is_loopback(name) or name.endswith(self._above):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class NoBodies:
    """ASGI middleware: a request that reads comes without a body, or is turned away unread."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away and close the connection."""
        if scope["type"] == "http" and scope["method"] in BODILESS:
            headers = Headers(scope=scope)
            if headers.get("content-length", "0").strip("0") or "transfer-encoding" in headers:
                response = response_to(UnwantedBody())
                response.headers["Connection"] = "close"
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


class FewParameters:
    """ASGI middleware: turns an address of very many parameters away before any is looked at."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] == "http" and scope["query_string"].count(b"&") >= MAX_PARAMETERS:
            scope["query_string"] = b""  # the page that says so repeats the address
            await response_to(TooManyParameters(MAX_PARAMETERS))(scope, receive, send)
            return
        await self.app(scope, receive, send)


class SecurityHeaders:
    """ASGI middleware: sets HEADERS on every response, and on FRAMED what ``embedding`` allows."""

    def __init__(self, app: ASGIApp, embedding: Sequence[str] = ()) -> None:
        self.app = app
        self._framed = framed_headers(embedding)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        chosen = self._framed if scope["path"] == FRAMED else HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(chosen)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HTTPS_ONLY
            await send(message)

        await self.app(scope, receive, send_with_headers)


class JsonRoute(APIRoute):
    """A route that takes JSON only, and no more than MAX_JSON_BYTES of it.

    Starlette's own limit answers in plain text, past our handlers.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_limited(request: Request) -> Response:
            if content_type(request) != "application/json":
                raise HTTPException(415, "Send JSON, with Content-Type: application/json.")
            return await handle(
                Request(request.scope, limited(request.receive, MAX_JSON_BYTES, HTTPException(413)))
            )

        return handle_limited


class SmallRoute(APIRoute):
    """A route whose requests say it all by their address: a body has MAX_FORM_BYTES at most."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_limited(request: Request) -> Response:
            receive = limited(request.receive, MAX_FORM_BYTES, HTTPException(413))
            return await handle(Request(request.scope, receive))

        return handle_limited


class BoundedFormRoute(APIRoute):
    """A route that takes a form without files: MAX_FORM_FIELDS and MAX_FORM_BYTES of it at most.

    Both are looked at before the form is parsed, on the event loop, field by field.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_limited(request: Request) -> Response:
            if "content-type" in request.headers and content_type(request) != FORM_FIELDS:
                raise HTTPException(415, f"Send a form, with Content-Type: {FORM_FIELDS}.")
            if announced_bytes(request) > MAX_FORM_BYTES:
                raise HTTPException(413)
            bounded = Request(
                request.scope, limited(request.receive, MAX_FORM_BYTES, HTTPException(413))
            )
            if (await bounded.body()).count(b"&") >= MAX_FORM_FIELDS:
                raise TooManyFields(f"{MAX_FORM_FIELDS} fields")
            return await handle(bounded)

        return handle_limited


class FormRoute(BoundedFormRoute, WriteRoute):
    """A route that changes something by a form without files."""


def content_type(request: Request) -> str:
    """Return what a request says its body is, without parameters."""
    header = email.message.Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header.get_content_type()


def announced_bytes(request: Request) -> int:
    """Return how long a request says its body is; 0 if it does not."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def limited(receive: Receive, max_bytes: int, error: Exception) -> Receive:
    """Return what receives the same messages, and raises ``error`` past so many bytes of body."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        try:
            message = await asyncio.wait_for(receive(), MAX_SILENCE_SECONDS)
        except TimeoutError:
            raise HTTPException(
                408, "The request body ended early. Send the request again."
            ) from None
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise error
        return message

    return receive_limited
