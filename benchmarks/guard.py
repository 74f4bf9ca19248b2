"""What it costs a question that somebody is asked who they are.

``python -m benchmarks.guard`` asks the application new questions about the sample documents, in
turn with and without what guards it, and prints milliseconds: the median, and by how much it is
above the one without.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Asked

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.auth.middleware import Access, Visitor
from api.auth.permissions import EVERYTHING
from api.middleware.hardening import KnownHosts
from api.service import open_service
from api.settings import Settings
from benchmarks.fuzz import DOCUMENTS
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.writer import encode_waiting

ROUNDS, QUESTIONS = 40, 25


class Unguarded:
    """Lets everybody in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        scope["passerelle.visitor"] = Visitor("-", EVERYTHING)
        await self.app(scope, receive, send)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings().changed(data=Path(folder) / "data", requests_per_minute=10**9)
        with Catalogue(settings.data) as catalogue:
            assert list(ingest(catalogue, find_sources([DOCUMENTS]), "sample"))
            encode_waiting(catalogue, settings.load_encoder())
        _compare(settings, Path(folder))


def _compare(settings: Settings, folder: Path) -> None:
    with Keys(folder) as kept, open_service(settings) as service:
        collections = {facts.collection for facts in service.live.newest().documents.values()}
        open_app = create_app(replace(service, keys=Keys(folder / "none")))
        keyed = create_app(replace(service, keys=kept))
        bare = create_app(service)
        guards: Any = {Access: Middleware(Unguarded), KnownHosts: None}
        changed = (guards.get(each.cls, each) for each in bare.user_middleware)
        bare.user_middleware = [each for each in changed if each is not None]
        _, whole = kept.add("whole", [Scope.READ])
        _, narrow = kept.add("narrow", [Scope.READ], collections)
        ways = {
            "without": (bare, None),
            "this machine, no key made": (open_app, None),
            "a key": (keyed, whole),
            "a key of named collections": (keyed, narrow),
        }
        times = asyncio.run(_measure(ways))
    base = times["without"]
    for name, taken in times.items():
        # Round by round, so that what the machine does meanwhile falls on both.
        more = median(one - other for one, other in zip(taken, base, strict=True))
        share = 100 * more / median(base)
        print(f"{name:<28} {median(taken):7.3f} ms   {more:+.3f} ms   {share:+.1f} %")


async def _measure(ways: dict[str, tuple[Any, str | None]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    numbers = iter(range(10**9))
    for turn in range(ROUNDS + 1):
        order = list(ways)[turn % len(ways) :] + list(ways)[: turn % len(ways)]
        for name in order:
            taken = [await _ask(*ways[name], next(numbers)) for _ in range(QUESTIONS)]
            if turn:  # the first round warms up
                times[name].append(fmean(sorted(taken)[: QUESTIONS * 4 // 5]))
    return times


async def _ask(app: ASGIApp, key: str | None, number: int) -> float:
    """Return the milliseconds that a question took that nobody asked before."""
    body = json.dumps({"question": f"How many bicycles were found in case {number:06}?"}).encode()
    messages: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        message = next(messages, None)
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message

    headers = [(b"host", b"127.0.0.1:8000"), (b"content-type", b"application/json")]
    if key:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/ask", "raw_path": b"/v1/ask", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
    }  # fmt: skip
    started = perf_counter()
    await app(scope, receive, send)
    return (perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
