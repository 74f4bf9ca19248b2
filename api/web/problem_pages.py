"""A problem as a page, for those who read and do not parse."""

from __future__ import annotations

import json

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.page import Page

EXPLAINED = frozenset({403, 404, 413, 415, 421, 422, 429, 503, 507})
"""Statuses that the interface has words of its own for."""

_KEPT = frozenset({"allow", "retry-after", "www-authenticate"})


class ProblemPages:
    """ASGI middleware: turns every problem into a page where a browser asks for one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def replace(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                page = _page(Request(scope), start, body)
                await page(scope, receive, send)

        await self.app(scope, receive, replace)


def _wants_page(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept", "")
    return "text/html" in accepted and not scope["path"].startswith("/v1/")


def _is_problem(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return kind.startswith("application/problem+json")


def _page(request: Request, start: Message, body: bytes) -> ASGIApp:
    status = int(start["status"])
    page = Page(request, request.query_params.get("lang"))
    if status == 401:
        back = request.url.replace(scheme="", netloc="") if request.method == "GET" else "/"
        response = page.render("sign_in.html", status, trouble="", back=str(back))
    else:
        said = json.loads(body)
        response = page.render(
            "problem.html",
            status,
            kind=status if status in EXPLAINED else 500 if status >= 500 else 400,
            detail=said["detail"],
            refusal=said.get("refusal"),
        )
    headers = Headers(raw=start["headers"])
    for name in _KEPT & set(headers):
        response.headers[name] = headers[name]
    return response
