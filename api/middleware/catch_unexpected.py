"""What nobody foresaw, answered like every other error."""

from __future__ import annotations

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import UNEXPECTED, problem

log = logging.getLogger(__name__)


class CatchUnexpected:
    """ASGI middleware: an exception nobody foresaw is logged and answered with a problem.

    Starlette's own would answer outside all other middleware, without their headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noted_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noted_send)
        except ClientDisconnect:
            log.debug("%s %s: the client went away", scope["method"], scope["path"])
        except Exception:
            if started:
                raise  # too late for another answer: let the server break the connection off
            log.exception("%s %s failed", scope["method"], scope["path"])
            await problem(UNEXPECTED, str(UNEXPECTED.detail))(scope, receive, send)
