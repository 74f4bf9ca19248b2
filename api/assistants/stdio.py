"""The Model Context Protocol over standard input and output, for programs on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from mcp.server.stdio import stdio_server
from starlette.requests import Request

from api.assistants.server import build
from api.assistants.tools import Caller
from api.auth.middleware import Principal
from api.auth.permissions import EVERYTHING
from api.service import Service


def run(service: Service, version: str) -> None:
    """Answer until the input ends.

    Whoever starts this can read the data folder, so they may read all of it. Links lead to where
    ``passerelle serve`` answers with the same settings.
    """
    caller = Caller(service, Principal("-", EVERYTHING), service.settings.address)

    @asynccontextmanager
    async def turn(_request: Request | None) -> AsyncIterator[Caller]:
        yield caller

    async def answer() -> None:
        server = build(turn, version)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(answer)
