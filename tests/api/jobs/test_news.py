"""Streams of events: how many there may be, what they cost, and that none misses anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message

from api.app import create_app
from api.auth.keys import Keys, Scope
from api.middleware.admission import MAX_STREAMS_OF_ONE
from api.service import open_service
from api.settings import Settings
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, Offered, State
from corpus.types import Outcome
from tests.api.asgi import scope

PATIENCE_SECONDS = 30


@dataclass
class Stream:
    """What a client that follows a job has received."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: str = ""
    is_over: bool = False

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = self.body.splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]

    async def until(self, holds: Callable[[Stream], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(self):
                await asyncio.sleep(0.01)


class Place:
    """A server whose jobs stay undone unless a test does them."""

    def __init__(self, app: FastAPI, data: Path) -> None:
        self.app = app
        self.data = data

    def job(self) -> Job:
        with Catalogue.existing(self.data) as catalogue:
            note = b"Une note de plus, que personne n'attendait ici."
            return catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a.txt", note)])

    @asynccontextmanager
    async def follow(self, job: str, key: str = "", address: str = "127.0.0.1") -> Any:
        """Follow a job's events until the end of the block."""
        path = f"/v1/jobs/{job}/events"
        request = scope("GET", path, server="127.0.0.1", client=address, key=key)
        stream, has_asked, leaves = Stream(), False, asyncio.Event()

        async def receive() -> Message:
            nonlocal has_asked
            if not has_asked:
                has_asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await leaves.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                stream.status, stream.headers = message["status"], dict(message["headers"])
            stream.body += message.get("body", b"").decode()

        async def ask() -> None:
            await self.app(request, receive, send)
            stream.is_over = True

        asking = asyncio.create_task(ask())
        try:
            await stream.until(lambda each: bool(each.body) or each.is_over)
            yield stream
        finally:
            leaves.set()
            await asyncio.wait_for(asking, PATIENCE_SECONDS)


@pytest.fixture
def place(tmp_path: Path, cache: Path) -> Iterator[Place]:
    settings = Settings(data=tmp_path / "data", cache=cache, public_read=True)
    Catalogue(settings.data).close()
    with open_service(settings) as service:
        yield Place(create_app(service), settings.data)


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(main)


def test_one_key_or_address_has_so_many_streams_and_others_have_theirs(place: Place) -> None:
    job = place.job().id
    with Keys(place.data) as keys:
        one, other = (keys.add(name, [Scope.READ])[1] for name in ("one", "other"))

    async def main() -> None:
        for mine, others in (
            ({"key": one}, {"key": other}),
            ({"address": "203.0.113.7"}, {"address": "203.0.113.8"}),
            ({"address": "2001:db8::1"}, {"address": "2001:db8:0:1::1"}),
        ):
            open_ones = [place.follow(job, **mine) for _ in range(MAX_STREAMS_OF_ONE)]
            for each in open_ones:
                assert (await each.__aenter__()).status == 200
            async with place.follow(job, **mine) as refused:
                assert refused.status == 429
                assert json.loads(refused.body)["type"] == "/problems/too-many-streams"
                assert int(refused.headers[b"retry-after"]) > 0
            async with place.follow(job, **others) as stream:
                assert stream.status == 200
            await open_ones.pop().__aexit__(None, None, None)
            async with place.follow(job, **mine) as stream:
                assert stream.status == 200
            for each in open_ones:
                await each.__aexit__(None, None, None)

    run(main())


def test_a_hundred_streams_of_a_job_that_waits_cost_next_to_nothing(place: Place) -> None:
    job = place.job().id
    seconds = 3.0

    async def main() -> None:
        streams = [place.follow(job, address=f"203.0.113.{number // 10}") for number in range(100)]
        for each in streams:
            assert (await each.__aenter__()).status == 200
        await asyncio.sleep(2)
        began = process_time()
        await asyncio.sleep(seconds)
        assert (process_time() - began) / seconds < 0.1
        for each in streams:
            await each.__aexit__(None, None, None)

    run(main())


def test_what_another_connection_writes_is_told_until_the_job_is_done(place: Place) -> None:
    job = place.job()

    async def main() -> None:
        async with place.follow(job.id) as stream:
            with Catalogue.existing(place.data) as catalogue:
                catalogue.jobs.note_texts(job.number, found=2, done=1)
                await stream.until(lambda each: each.events[-1]["texts"]["done"] == 1)
                assert stream.events[-1]["state"] == "running"
                catalogue.jobs.settle(job.number, 0, Outcome.ADDED)
                await stream.until(lambda each: bool(each.events[-1]["files"]))
                assert not stream.is_over
                catalogue.jobs.note(job, State.DONE)
                await stream.until(lambda each: each.is_over)
            assert stream.events[-1]["state"] == "done"
            told = [file["file"] for event in stream.events for file in event["files"]]
            assert told == ["a.txt"]

    run(main())


def test_a_stream_ends_with_its_key_and_with_the_server(place: Place) -> None:
    job = place.job().id
    with Keys(place.data) as keys:
        key, text = keys.add("follower", [Scope.READ])

        async def main() -> None:
            async with place.follow(job, key=text) as mine, place.follow(job) as theirs:
                keys.revoke(key.id)
                await mine.until(lambda each: each.is_over)
                assert not theirs.is_over
                place.app.state.service.worker.stop()
                await theirs.until(lambda each: each.is_over)

        run(main())


def test_a_stream_ends_when_its_key_can_no_longer_be_checked(place: Place) -> None:
    job = place.job().id
    with Keys(place.data) as keys:
        _, text = keys.add("follower", [Scope.READ])

    async def main() -> None:
        async with place.follow(job, key=text) as mine, place.follow(job) as theirs:
            (place.data / "keys.sqlite").rename(place.data / "aside")
            await mine.until(lambda each: each.is_over)
            assert not theirs.is_over

    run(main())


def test_a_stream_that_is_quiet_says_now_and_then_that_it_waits(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.jobs.QUIET_SECONDS", 0.05)
    job = place.job().id

    async def main() -> None:
        async with place.follow(job) as stream:
            await stream.until(lambda each: each.body.count(": waiting\n\n") >= 3)
            assert len(stream.events) == 1

    run(main())
