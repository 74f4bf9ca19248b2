"""A few requests are worked on at a time, and those who send many take turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.admission_control import AdmissionControl, held_until_it_waits
from api.middleware.hardening import BODILESS

HELD_SECONDS: Final = 0.1
"""After which a place is given up: most requests take some 5 ms, and what takes so long mostly
waits for a disk or for another server."""


class Turns:
    """ASGI middleware: a request is worked on when it is its asker's turn.

    It holds a place until its answer begins or its body is waited for, until it takes a place at a
    gate of its own or waits for a thread to write in, and for HELD_SECONDS at most. Nobody is
    turned away here, since connections are bounded; but who went away while it waited is not worked
    for.
    """

    def __init__(
        self, app: ASGIApp, gate: AdmissionControl, asker: Callable[[HTTPConnection], str]
    ) -> None:
        self.app = app
        self._gate = gate
        self._asker = asker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, in turn."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = _Client(scope, receive)
        try:
            place = await self._gate.take(client.is_gone, asker=self._asker(HTTPConnection(scope)))
        except ClientDisconnect:
            return

        async def receive_elsewhere() -> Message:
            if not client.has_sent_all:
                place.leave()
            return await client.receive()

        async def send_elsewhere(message: Message) -> None:
            if message["type"] == "http.response.start":
                place.leave()
            await send(message)

        timer = asyncio.get_running_loop().call_later(HELD_SECONDS, place.leave)
        try:
            with held_until_it_waits(place):
                await self.app(scope, receive_elsewhere, send_elsewhere)
        finally:
            timer.cancel()


class _Client:
    """What a client sends, and whether it went away."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.has_sent_all = scope["method"] in BODILESS
        self._asks_first = "expect" in Headers(scope=scope)
        self._receive = receive
        self._kept: deque[Message] = deque()

    async def receive(self) -> Message:
        """Return what comes next."""
        return self._kept.popleft() if self._kept else await self._receive()

    async def is_gone(self) -> bool:
        """Look whether the client went away, and wait for nothing.

        Of a body no more is taken than what has come at the first look, and nothing where a client
        asks first whether it may send one: they may be turned away.
        """
        with anyio.CancelScope() as at_once:
            at_once.cancel()
            while not self._asks_first and not self._is_sending():
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    return True
                self._kept.append(message)
        return False

    def _is_sending(self) -> bool:
        return bool(self._kept and self._kept[-1].get("more_body"))
