"""The Model Context Protocol over standard input and output, for programs on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from threading import Lock, Thread
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from starlette.requests import Request

from api.assistants.server import build
from api.assistants.tools import Caller
from api.auth.middleware import Principal
from api.auth.permissions import EVERYTHING
from corpus.errors import PasserelleError

if TYPE_CHECKING:
    from api.service import Service

log = logging.getLogger("passerelle.assistants")


class Opening:
    """A service that is opened while the client is greeted.

    To load the model may take longer than a client waits for the greeting.
    """

    def __init__(self, how: Callable[[], AbstractContextManager[Service]]) -> None:
        self._how = how
        self._opened = ExitStack()
        self._service: Service | None = None
        self._lock = Lock()

    def begin(self) -> None:
        """Begin to open it, in a thread of its own."""
        Thread(target=self._begin, name="opening", daemon=True).start()

    def service(self) -> Service:
        """Return the service once it is open. If it cannot be opened, the next call tries again.

        Raises:
            PasserelleError: it cannot be opened.
        """
        with self._lock:
            if self._service is None:
                self._service = self._opened.enter_context(self._how())
            return self._service

    def close(self) -> bool:
        """Close the service, if it is open. Tell whether that was possible: one that is still being
        opened is left, since nobody waits for it any more."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._opened.close()
        finally:
            self._lock.release()
        return True

    def _begin(self) -> None:
        try:
            self.service()
        except PasserelleError as error:
            log.error("%s", error)
        except Exception:
            log.exception("The collection cannot be opened.")


def run(how: Callable[[], AbstractContextManager[Service]], version: str) -> None:
    """Answer until the input ends, from the service that ``how`` opens."""
    opening = Opening(how)

    async def answer() -> None:
        server = serving(opening, version)
        async with stdio_server() as (read, write):
            opening.begin()
            await server.run(read, write, server.create_initialization_options())

    try:
        anyio.run(answer)
    finally:
        is_closed = opening.close()
    if not is_closed:
        # Python would take libraries down while a thread is in the middle of them, which aborts.
        # Nothing was answered, so nothing is to be kept.
        os._exit(0)


def serving(opening: Opening, version: str) -> Server:
    """Return a server whose calls wait for the service.

    Whoever starts it can read the data folder, so they may read all of it. Links lead to where
    ``passerelle serve`` answers with the same settings.
    """

    @asynccontextmanager
    async def turn(_request: Request | None) -> AsyncIterator[Caller]:
        service = await anyio.to_thread.run_sync(opening.service, abandon_on_cancel=True)
        yield Caller(service, Principal("-", EVERYTHING), service.settings.address)

    return build(turn, version)
