"""How many questions may wait at a time; those past it are told when to come back."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import OVERLOADED, problem

MAX_QUESTIONS = 256
"""Questions under way or waiting, each of which takes some 20 KB; a machine with two cores
answers as many in a few seconds."""

RETRY_SECONDS = 2
"""After which there should be room."""

_ASKING = frozenset({"/v1/ask", "/"})


class Admission:
    """ASGI middleware: a request that asks is let in while there is room, else answered 503.

    It is counted from before its body is read until its last byte is sent.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_QUESTIONS) -> None:
        self.app = app
        self._limit = limit
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] != "http" or scope["path"] not in _ASKING:
            await self.app(scope, receive, send)
            return
        if self._inside >= self._limit:
            refusal = problem(OVERLOADED, str(OVERLOADED.detail))
            refusal.headers["Retry-After"] = str(RETRY_SECONDS)
            await refusal(scope, receive, send)
            return
        self._inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._inside -= 1
