"""The gates of the application: what each lets in, and who waits there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.admission_control import AdmissionControl, Shares
from api.auth.middleware import principal_of
from api.auth.permissions import EVERYTHING
from api.overload import TooManyDownloads, TooManyQuestions, TooManyStreams

AT_ONCE: Final = 4
"""Requests that are worked on, for some 5 ms each: while Python runs one, others read from disk."""

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
    requests: AdmissionControl = field(default_factory=lambda: AdmissionControl(AT_ONCE))
    """All requests, until each is answered or waits for something else (``Turns``)."""


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
