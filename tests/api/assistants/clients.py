"""The SDK's own client, and what it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from api.app import create_app
from api.service import Service
from tests.api.clients import LOCAL

T = TypeVar("T")


@asynccontextmanager
async def connected(
    app: Any, mode: str = "auto", address: str = LOCAL[0], **headers: str
) -> AsyncIterator[Client]:
    """Yield a client of an application that runs."""
    transport = httpx2.ASGITransport(app, client=(address, 50_000))
    async with httpx2.AsyncClient(transport=transport, headers=headers) as http:
        wire = streamable_http_client("http://127.0.0.1/mcp", http_client=http)
        async with Client(wire, mode=mode) as client:
            yield client


def talk(service: Service, conversation: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    """Return what a conversation with the service came to."""

    async def run() -> T:
        app = create_app(service)
        async with app.router.lifespan_context(app), connected(app, mode) as client:
            return await conversation(client)

    return anyio.run(run)


def told(service: Service, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the structured content of a call that went well; the text says the same."""
    result = talk(service, lambda client: client.call_tool(name, arguments))
    return content_of(result)


def content_of(result: CallToolResult) -> dict[str, Any]:
    """Return the structured content of a call that went well; the text says the same."""
    assert not result.is_error, result.content
    (content,) = result.content
    found: dict[str, Any] = result.structured_content
    assert json.loads(text_of(content)) == found
    return found


def refused(service: Service, name: str, arguments: dict[str, Any]) -> str:
    """Return what a call was told that did not go well."""
    return refusal_of(talk(service, lambda client: client.call_tool(name, arguments)))


def refusal_of(result: CallToolResult) -> str:
    """Return what a call was told that did not go well."""
    assert result.is_error
    assert result.structured_content is None
    (content,) = result.content
    return text_of(content)


def text_of(content: Any) -> str:
    """Return the text of content that is text."""
    assert isinstance(content, TextContent | TextResourceContents)
    return content.text
