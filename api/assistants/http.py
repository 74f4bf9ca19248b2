"""The Model Context Protocol over Streamable HTTP, at ``/mcp``.

Every request stands for itself: there are no sessions to fill the memory with, none to steal, and
none to lose when the server is restarted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup, TaskStatus
from fastapi import FastAPI, HTTPException, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.admission import admission_of, asker_of
from api.middleware.hardening import MAX_JSON_BYTES, content_type, limited
from api.routes.dependencies import principal_of, service_of

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from api.assistants.tools import Caller

PATH = "/mcp"

HEADERS = ("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name")
"""What clients in a browser send besides (MCP 2026-07-28, Streamable HTTP)."""


def is_installed() -> bool:
    """Tell whether the SDK is there, which the ``mcp`` extra brings."""
    return find_spec("mcp") is not None


class Endpoint:
    """What answers at PATH while the application runs."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._begun: TaskGroup | None = None
        self._beginning = anyio.Lock()
        self._answer: ASGIApp | None = None

        # There is nothing to follow, so GET is not answered (405).
        self.route = Route(PATH, self, methods=["POST"])

    @asynccontextmanager
    async def running(self, _app: FastAPI) -> AsyncIterator[None]:
        """Answer requests as long as this is open.

        The SDK is loaded with the first of them: a start would wait 0.4 s for it.
        """
        async with anyio.create_task_group() as self._begun:
            yield
            self._begun.cancel_scope.cancel()
        self._begun = self._answer = None

    async def _begin(self) -> ASGIApp:
        async with self._beginning:
            if self._answer is None:
                assert self._begun is not None
                manager = await anyio.to_thread.run_sync(self._manager)
                await self._begun.start(_run, manager)
                self._answer = manager.handle_request
            return self._answer

    def _manager(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from api.assistants.server import build

        return StreamableHTTPSessionManager(
            build(_turn, self._version),
            stateless=True,
            json_response=True,
            max_request_body_size=MAX_JSON_BYTES,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that came in whole."""
        scope["route"] = self.route  # for the log and the metrics, as FastAPI's own routes do
        request = Request(scope, limited(receive, MAX_JSON_BYTES, HTTPException(413)))
        if content_type(request) != "application/json":
            raise HTTPException(415, "Send JSON, with Content-Type: application/json.")
        body = await request.body()
        answer = self._answer or await self._begin()
        await answer(scope, _again(body, receive), send)


async def _run(manager: StreamableHTTPSessionManager, *, task_status: TaskStatus[None]) -> None:
    """Keep a manager's own tasks going."""
    async with manager.run():
        task_status.started()
        await anyio.sleep_forever()


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that was received already, and then what else comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


@asynccontextmanager
async def _turn(request: Request | None) -> AsyncIterator[Caller]:
    """Hold a place among the questions, as ``/v1/ask`` does."""
    from api.assistants.tools import Caller

    assert request is not None
    async with admission_of(request).questions.place(
        request.is_disconnected, asker=asker_of(request)
    ):
        principal = await principal_of(request)
        base = str(request.base_url).rstrip("/")
        yield Caller(await service_of(request), principal, base)
