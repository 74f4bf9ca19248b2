"""Admission control: how many requests run at once, and how long the others wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from api.auth.middleware import principal_of
from api.auth.permissions import EVERYTHING
from api.overload import Busy, TooManyDownloads, TooManyQuestions, TooManyStreams

LOOK_SECONDS = 1.0
"""Pause between two looks whether a client that waits is still there: a look costs some 50 µs, and
hundreds may wait."""


MAX_QUESTIONS_OF_ONE = 64
"""Of one key, of 288 places: a machine with two cores answers as many in a second. Whoever asks
without waiting for answers is told to, and leaves places to others."""

MAX_STREAMS_OF_ONE = 10
"""Streams of events that one key may have open, so that ten of them are no hindrance to others."""

MAX_DOWNLOADS = 32
"""Originals that are sent at once: each takes some 1 MiB and three open files."""

MAX_DOWNLOADS_OF_ONE = 8
"""Of one key; a browser asks one server for six things at once."""


async def _stays() -> bool:
    return False


class AdmissionControl:
    """Lets some requests run at once and some more wait; the rest are turned away."""

    def __init__(self, at_once: int, waiting: int, deadline_seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._deadline_seconds = deadline_seconds
        self.inside = 0
        """Requests that are worked on."""
        self.waiting = 0
        self.turned_away = 0
        """Requests that were turned away, since the start."""

    @asynccontextmanager
    async def place(
        self,
        is_gone: Callable[[], Awaitable[bool]] = _stays,
    ) -> AsyncIterator[None]:
        """Hold a place inside, when there is one.

        ``is_gone`` may take what the client sends for itself, so the body has to be read before.

        Raises:
            Busy: too many wait already, or none came free before the deadline.
            ClientDisconnect: the client went away meanwhile.
        """
        if self.inside + self.waiting >= self._room:
            self.turned_away += 1
            raise Busy
        self.waiting += 1
        try:
            await self._turn(is_gone)
        finally:
            self.waiting -= 1
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._free.release()

    async def _turn(self, is_gone: Callable[[], Awaitable[bool]]) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        turn = asyncio.ensure_future(self._free.acquire())
        try:
            await self._until(turn, is_gone)
        except BaseException:
            if not turn.cancel() and turn.done():
                self._free.release()  # its turn came at this very moment
            raise

    async def _until(
        self, turn: asyncio.Future[Any], is_gone: Callable[[], Awaitable[bool]]
    ) -> None:
        end = monotonic() + self._deadline_seconds
        while (left := end - monotonic()) > 0:
            if (await asyncio.wait({turn}, timeout=min(LOOK_SECONDS, left)))[0]:
                return
            if await is_gone():
                raise ClientDisconnect
        self.turned_away += 1
        raise Busy


class Shares:
    """How many places each principal holds, and no more than is just."""

    def __init__(self, most: int, error: Callable[[int], Exception]) -> None:
        """Allow ``most`` places; ``error`` makes of that what the next one raises."""
        self._most = most
        self._error = error
        self._held: Counter[str] = Counter()

    @contextmanager
    def one(self, of: str) -> Iterator[None]:
        """Hold one place more of a principal's.

        Raises what was given as ``error``: they hold as many as they may.
        """
        if self._held[of] >= self._most:
            raise self._error(self._most)
        self._held[of] += 1
        try:
            yield
        finally:
            self._held[of] -= 1
            if not self._held[of]:
                del self._held[of]


@dataclass(frozen=True, slots=True)
class AdmissionControls:
    """The gates of one application."""

    questions: AdmissionControl = field(default_factory=lambda: AdmissionControl(32, 256, 10.0))
    """Those inside go through the model together. Each takes some 20 KB, and a machine with two
    cores answers as many as may wait in a few seconds."""
    questions_of_one: Shares = field(
        default_factory=lambda: Shares(MAX_QUESTIONS_OF_ONE, TooManyQuestions)
    )
    """Those of one key, or of one address without a key."""
    uploads: AdmissionControl = field(default_factory=lambda: AdmissionControl(4, 16, 60.0))
    """Each may hold the largest upload on disk meanwhile."""
    followers: AdmissionControl = field(default_factory=lambda: AdmissionControl(100, 0, 0.0))
    """Streams of a job's events, which are open for as long as the job takes."""
    streams: Shares = field(default_factory=lambda: Shares(MAX_STREAMS_OF_ONE, TooManyStreams))
    """Those of one key, or of one address without a key."""
    drawings: AdmissionControl = field(default_factory=lambda: AdmissionControl(2, 32, 20.0))
    """Pages that are drawn: one at a time, while the bytes of another are read. One of A4 takes a
    tenth of a second, the slowest 15 s."""
    downloads: AdmissionControl = field(
        default_factory=lambda: AdmissionControl(MAX_DOWNLOADS, 0, 0.0)
    )
    """Originals that are being sent, for as long as their clients take to read them."""
    downloads_of_one: Shares = field(
        default_factory=lambda: Shares(MAX_DOWNLOADS_OF_ONE, TooManyDownloads)
    )
    """Those of one key, or of one address without a key."""


def admission_of(request: Request) -> AdmissionControls:
    """Return the application's gates."""
    gates: AdmissionControls = request.app.state.gates
    return gates


class QuestionRoute(APIRoute):
    """A route whose requests go through the gate of questions.

    Only a request that came in whole takes a place: a client that sends slowly holds up nobody.
    One key has a share of the places, and no more.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def handle_in_turn(request: Request) -> Response:
            await request.body()
            with _share_of_questions(request):
                async with admission_of(request).questions.place(request.is_disconnected):
                    return await handle(request)

        return handle_in_turn


async def follower_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for a stream of events while it is open; for FastAPI's ``Depends``.

    Raises:
        TooManyStreams: the key, or the address without a key, has as many open as it may.
        Busy: all of them together have.
    """
    gates = admission_of(request)
    with gates.streams.one(_asker(request)):
        async with gates.followers.place(request.is_disconnected):
            yield


async def download_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for an original while it is sent; for FastAPI's ``Depends``.

    Raises:
        TooManyDownloads: the key, or the address without a key, has as many as it may.
        Busy: all of them together have.
    """
    gates = admission_of(request)
    with gates.downloads_of_one.one(_asker(request)):
        async with gates.downloads.place(request.is_disconnected):
            yield


async def drawing_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for a page while it is drawn; for FastAPI's ``Depends``.

    Raises:
        Busy: too many wait already, or the page's turn did not come in time.
    """
    async with admission_of(request).drawings.place(request.is_disconnected):
        yield


def _share_of_questions(request: Request) -> AbstractContextManager[None]:
    """Return what holds one of an asker's places; this machine needs none while it needs no key."""
    principal = principal_of(request)
    if principal.holder is None and principal.rights == EVERYTHING:
        return nullcontext()
    return admission_of(request).questions_of_one.one(_asker(request))


def _asker(request: Request) -> str:
    principal = principal_of(request)
    return principal.holder.id if principal.holder else principal.address
