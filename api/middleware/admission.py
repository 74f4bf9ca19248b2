"""Admission control: how many requests run at once, and how long the others wait."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from api.auth.middleware import principal_of
from api.auth.permissions import EVERYTHING
from api.overload import Busy, TooManyDownloads, TooManyQuestions, TooManyStreams

LOOK_SECONDS = 1.0
"""Pause between two looks whether a client that waits is still there: a look costs some 50 µs, and
hundreds may wait."""


QUESTIONS_AT_ONCE: Final = 4
"""Of everybody, since Python runs one at a time beside the model. Two cores answer as many a second
with 4 as with 32, and who asks beside 60 of another key's waits 60 ms in place of 780."""

MAX_QUESTIONS_OF_ONE = 64
"""Of one key, of 260 places: a machine with two cores answers as many in a second. Whoever asks
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
    """Lets some requests run at once and some more wait; the rest are turned away.

    A free place goes to the asker who holds the fewest, and among several to the one whose turn
    was longest ago (max-min fairness). So who asks once does not wait for all that another asks.
    """

    def __init__(self, at_once: int, waiting: int, deadline_seconds: float) -> None:
        self._at_once = at_once
        self._room = at_once + waiting
        self._deadline_seconds = deadline_seconds
        self._held: Counter[str] = Counter()
        """Places inside, by asker."""
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        """Those who wait, each with the turns of their requests, the oldest first."""
        self.inside = 0
        """Requests that are worked on."""
        self.waiting = 0
        self.turned_away = 0
        """Requests that were turned away, since the start."""

    @asynccontextmanager
    async def place(
        self, is_gone: Callable[[], Awaitable[bool]] = _stays, *, asker: str = ""
    ) -> AsyncIterator[None]:
        """Hold a place inside, when it is the ``asker``'s turn.

        ``is_gone`` may take what the client sends for itself, so the body has to be read before.

        Raises:
            Busy: there is no room and nobody has more requests here, or somebody with fewer came
                for whom there was none, or no place came free before the deadline.
            ClientDisconnect: the client went away meanwhile.
        """
        await self._turn(asker, is_gone)
        try:
            yield
        finally:
            self._leave(asker)

    async def _turn(self, asker: str, is_gone: Callable[[], Awaitable[bool]]) -> None:
        if self.inside + self.waiting >= self._room:
            self._make_room(asker)
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(asker, deque()).append(turn)
        self.waiting += 1
        self._give_turns()
        try:
            await self._until(turn, is_gone)
        except BaseException:
            if not turn.done():
                self._drop(asker, turn)
            elif turn.exception() is None:
                self._leave(asker)  # its turn came at this very moment
            raise

    async def _until(
        self, turn: asyncio.Future[None], is_gone: Callable[[], Awaitable[bool]]
    ) -> None:
        end = monotonic() + self._deadline_seconds
        while not turn.done():
            left = end - monotonic()
            if left <= 0:
                self.turned_away += 1
                raise Busy
            done, _ = await asyncio.wait({turn}, timeout=min(LOOK_SECONDS, left))
            if not done and await is_gone():
                raise ClientDisconnect
        turn.result()

    def _give_turns(self) -> None:
        while self.inside < self._at_once and self._queues:
            asker = min(self._queues, key=self._held.__getitem__)
            turns = self._queues.pop(asker)
            turn = turns.popleft()
            if turns:
                self._queues[asker] = turns  # behind the others
            self.waiting -= 1
            self.inside += 1
            self._held[asker] += 1
            turn.set_result(None)

    def _leave(self, asker: str) -> None:
        self.inside -= 1
        self._held[asker] -= 1
        if not self._held[asker]:
            del self._held[asker]
        self._give_turns()

    def _drop(self, asker: str, turn: asyncio.Future[None]) -> None:
        self._queues[asker].remove(turn)
        if not self._queues[asker]:
            del self._queues[asker]
        self.waiting -= 1

    def _make_room(self, asker: str) -> None:
        """Turn the youngest request away of whoever has most, if that is more than ``asker``."""
        self.turned_away += 1
        most = max(self._queues, key=self._requests_of, default=asker)
        if self._requests_of(most) <= self._requests_of(asker) + 1:
            raise Busy
        youngest = self._queues[most][-1]
        self._drop(most, youngest)
        youngest.set_exception(Busy())

    def _requests_of(self, asker: str) -> int:
        return self._held[asker] + len(self._queues.get(asker, ()))


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

    questions: AdmissionControl = field(
        default_factory=lambda: AdmissionControl(QUESTIONS_AT_ONCE, 256, 10.0)
    )
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
                async with admission_of(request).questions.place(
                    request.is_disconnected, asker=asker_of(request)
                ):
                    return await handle(request)

        return handle_in_turn


async def follower_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for a stream of events while it is open; for FastAPI's ``Depends``.

    Raises:
        TooManyStreams: the key, or the address without a key, has as many open as it may.
        Busy: all of them together have.
    """
    gates = admission_of(request)
    with gates.streams.one(asker_of(request)):
        async with gates.followers.place(request.is_disconnected, asker=asker_of(request)):
            yield


async def download_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for an original while it is sent; for FastAPI's ``Depends``.

    Raises:
        TooManyDownloads: the key, or the address without a key, has as many as it may.
        Busy: all of them together have.
    """
    gates = admission_of(request)
    with gates.downloads_of_one.one(asker_of(request)):
        async with gates.downloads.place(request.is_disconnected, asker=asker_of(request)):
            yield


async def drawing_place(request: Request) -> AsyncIterator[None]:
    """Hold a place for a page while it is drawn; for FastAPI's ``Depends``.

    Raises:
        Busy: too many wait already, or the page's turn did not come in time.
    """
    async with admission_of(request).drawings.place(
        request.is_disconnected, asker=asker_of(request)
    ):
        yield


def _share_of_questions(request: Request) -> AbstractContextManager[None]:
    """Return what holds one of an asker's places; this machine needs none while it needs no key."""
    principal = principal_of(request)
    if principal.holder is None and principal.rights == EVERYTHING:
        return nullcontext()
    return admission_of(request).questions_of_one.one(asker_of(request))


def asker_of(request: Request) -> str:
    """Return who shares places with nobody else: a key, or the address of those without one."""
    principal = principal_of(request)
    return principal.holder.id if principal.holder else principal.address
