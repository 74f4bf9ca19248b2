"""What every response tells the browser not to do, and how much a request may hold."""

from __future__ import annotations

import asyncio
import email.message
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_JSON_BYTES = 1_000_000
"""Largest body of JSON: 21 questions of 2,000 characters, each escaped as up to 12 bytes, take
half of it."""

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
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Questions stand in the page's address.
    "Referrer-Policy": "no-referrer",
}


_SAME_SITE = frozenset({"same-origin", "none"})


class SecurityHeaders:
    """ASGI middleware: sets HEADERS on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def is_cross_site(request: Request, *, trusts_null: bool = False) -> bool:
    """Tell whether a browser asks on behalf of a page from elsewhere.

    Browsers say so themselves (https://www.w3.org/TR/fetch-metadata/), but not to a plain
    http address on another machine. There a form's Origin is "null", ours as well, for the
    same reason as there is no referrer; ``trusts_null`` takes it for ours.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME_SITE
    origin = request.headers.get("origin")
    if origin is None or (trusts_null and origin == "null"):
        return False
    return urlsplit(origin).netloc != request.headers.get("host")


class JsonRoute(APIRoute):
    """A route that takes JSON only, and no more than MAX_JSON_BYTES of it.

    Starlette's own limit answers in plain text, past our handlers.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_limited(request: Request) -> Response:
            if not _says_json(request):
                raise HTTPException(415, "Send JSON, with Content-Type: application/json.")
            return await handle(
                Request(request.scope, limited(request.receive, MAX_JSON_BYTES, HTTPException(413)))
            )

        return handle_limited


def _says_json(request: Request) -> bool:
    header = email.message.Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header.get_content_type() == "application/json"


def limited(receive: Receive, max_bytes: int, error: Exception) -> Receive:
    """Return what receives the same messages, and raises ``error`` past so many bytes of body."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        try:
            message = await asyncio.wait_for(receive(), MAX_SILENCE_SECONDS)
        except TimeoutError:
            raise HTTPException(408, "The rest of the body did not come. Send it again.") from None
        received += len(message.get("body", b""))
        if received > max_bytes:
            raise error
        return message

    return receive_limited
