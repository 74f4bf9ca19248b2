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

from api.auth.permissions import SAFE

MAX_WRITERS: Final = 8
"""Requests that write at once. The catalogue takes one at a time, and each waits for it in a
thread. Four may be uploads (``AdmissionControls``), so four are left for what is quickly done."""

P = ParamSpec("P")
T = TypeVar("T")

_writers: RunVar[CapacityLimiter] = RunVar("passerelle_writers")


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
        return await run_sync(partial(function, *arguments, **named), limiter=_limiter())

    return call


def _limiter() -> CapacityLimiter:
    """Return the limiter of the running event loop, as anyio has one for the shared threads."""
    try:
        return _writers.get()
    except LookupError:
        limiter = CapacityLimiter(MAX_WRITERS)
        _writers.set(limiter)
        return limiter
