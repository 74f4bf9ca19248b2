"""Threads for whatever changes something, apart from those that answer questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi.routing import APIRoute

from api.admission_control import wait_elsewhere
from api.auth.permissions import SAFE

MAX_WRITERS: Final = 8
"""Requests that write at once. The catalogue takes one at a time, and each waits for it in a
thread. Four may be uploads (``AdmissionControls``), so four are left for what is quickly done."""

P = ParamSpec("P")
T = TypeVar("T")


class WriteRoute(APIRoute):
    """A route whose methods that change something wait in threads of their own.

    In those that all share, a few dozen of them would keep every question waiting.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, methods: Any = None, **options: Any
    ) -> None:
        changes = not frozenset(methods or ("GET",)) <= SAFE
        if changes and not iscoroutinefunction(endpoint):
            endpoint = in_writer_thread(endpoint)
        super().__init__(path, endpoint, methods=methods, **options)


def in_writer_thread(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return what calls a function in one of the writers' threads, as soon as one is free."""

    @wraps(function)
    async def call(*arguments: P.args, **named: P.kwargs) -> T:
        wait_elsewhere()
        return await run_sync(partial(function, *arguments, **named), limiter=_writers())

    return call


def limiter_of_each_loop(name: str, threads: int) -> Callable[[], CapacityLimiter]:
    """Return what gives the running event loop's limiter of so many threads, as anyio has one for
    the threads that all share."""
    kept: RunVar[CapacityLimiter] = RunVar(name)

    def limiter() -> CapacityLimiter:
        try:
            return kept.get()
        except LookupError:
            made = CapacityLimiter(threads)
            kept.set(made)
            return made

    return limiter


_writers = limiter_of_each_loop("passerelle_writers", MAX_WRITERS)
