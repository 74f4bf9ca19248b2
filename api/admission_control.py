"""Admission control: how many requests run at once, whose turn is next, how many one may have."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import partial
from time import monotonic

from starlette.requests import ClientDisconnect

from api.overload import Busy

LOOK_SECONDS = 1.0
"""Pause between two looks whether a client that waits is still there: a look costs some 50 µs, and
hundreds may wait."""

_HELD: ContextVar[Place | None] = ContextVar("held", default=None)


async def _stays() -> bool:
    return False


class Place:
    """A place inside a gate, until its holder leaves it."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def leave(self) -> None:
        """Give the place back, unless that was done before."""
        if give_back := self._give_back:
            self._give_back = None
            give_back()


@contextmanager
def held_until_it_waits(place: Place) -> Iterator[None]:
    """Hold a place until what is done here waits for something else, and no longer than this."""
    token = _HELD.set(place)
    try:
        yield
    finally:
        _HELD.reset(token)
        place.leave()


def wait_elsewhere() -> None:
    """Give up the place of ``held_until_it_waits``, if there is one: it is for those who work."""
    if place := _HELD.get():
        place.leave()


class AdmissionControl:
    """Lets some requests run at once and some more wait; the rest are turned away.

    A free place goes to the asker who holds the fewest, and among several to the one whose turn
    was longest ago (max-min fairness). So who asks once does not wait for all that another asks.
    Every second place goes to the one who has the fewest requests here, those that wait among them:
    so it does not wait for a turn of all who have many either, and they get theirs.
    """

    def __init__(
        self, at_once: int, waiting: float = math.inf, deadline_seconds: float = math.inf
    ) -> None:
        self._at_once = at_once
        self._room = at_once + waiting
        self._deadline_seconds = deadline_seconds
        self._held: Counter[str] = Counter()
        """Places inside, by asker."""
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        """Those who wait, each with the turns of their requests, the oldest first."""
        self._is_for_fewest = False
        """Whether the next place is for the one who has the fewest requests here."""
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
        place = await self.take(is_gone, asker=asker)
        try:
            yield
        finally:
            place.leave()

    async def take(
        self, is_gone: Callable[[], Awaitable[bool]] = _stays, *, asker: str = ""
    ) -> Place:
        """Return a place inside, when it is the ``asker``'s turn.

        Raises what ``place`` does.
        """
        wait_elsewhere()
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
        return Place(partial(self._leave, asker))

    async def _until(
        self, turn: asyncio.Future[None], is_gone: Callable[[], Awaitable[bool]]
    ) -> None:
        end = monotonic() + self._deadline_seconds
        if turn.done():
            return
        while not turn.done():
            left = end - monotonic()
            if left <= 0:
                self.turned_away += 1
                raise Busy
            done, _ = await asyncio.wait({turn}, timeout=min(LOOK_SECONDS, left))
            if not done and await is_gone():
                raise ClientDisconnect
        turn.result()
        if await is_gone():
            raise ClientDisconnect

    def _give_turns(self) -> None:
        while self.inside < self._at_once and self._queues:
            asker = self._next()
            turns = self._queues.pop(asker)
            turn = turns.popleft()
            if turns:
                self._queues[asker] = turns  # behind the others
            self.waiting -= 1
            self.inside += 1
            self._held[asker] += 1
            turn.set_result(None)

    def _next(self) -> str:
        """Return whose turn it is; of several, who has waited longest for one comes first."""
        is_for_fewest, self._is_for_fewest = self._is_for_fewest, not self._is_for_fewest
        return min(self._queues, key=self._requests_of if is_for_fewest else self._held.__getitem__)

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
