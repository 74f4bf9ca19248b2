"""Another program keeps the file of the keys locked: what needs it is refused, the rest goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response

from api.app import create_app
from api.auth import keys_file
from api.auth.keys import Keys, Scope
from api.auth.keys_file import FILE_NAME
from api.service import Service
from api.settings import Settings
from corpus.errors import InUse
from tests.api.problems import problem

LOCK_SECONDS = 1.0
AT_ONCE_SECONDS = LOCK_SECONDS / 2


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_file, "WRITE_SECONDS", LOCK_SECONDS)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be another program that writes to the keys, and does not finish."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as theirs:
        theirs.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def locked_to_readers(folder: Path) -> Iterator[None]:
    """Be a program that lets nobody read the keys either."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as theirs:
        theirs.execute("PRAGMA locking_mode = EXCLUSIVE")
        theirs.execute("CREATE TABLE other (it TEXT)")
        theirs.execute("BEGIN EXCLUSIVE")
        yield


def talk(
    service: Service, keys: Keys, to: Callable[[AsyncClient], Coroutine[Any, Any, Any]]
) -> Any:
    """Talk to the application, all on one event loop, as in a server."""
    settings = Settings(data=service.settings.data, cache=service.settings.cache, host="0.0.0.0")
    app = create_app(replace(service, keys=keys, settings=settings))

    async def main() -> Any:
        transport = ASGITransport(app, client=("203.0.113.7", 50_000))
        async with AsyncClient(transport=transport, base_url="http://192.0.2.1") as client:
            return await to(client)

    return asyncio.run(main())


async def timed(answer: Coroutine[Any, Any, Response]) -> tuple[Response, float]:
    began = monotonic()
    return await answer, monotonic() - began


def test_who_signs_in_or_out_is_told_to_come_back_and_the_rest_goes_on(
    service: Service, tmp_path: Path
) -> None:
    with Keys(tmp_path) as keys:
        key, text = keys.add("reader", [Scope.READ])
        token = keys.begin_session(key)

        async def all_at_once(client: AsyncClient) -> None:
            bearer = {"authorization": f"Bearer {text}"}
            asked: dict[str, Any] = {"json": {"question": "Wo?"}, "headers": bearer}
            assert (await client.post("/v1/ask", **asked)).status_code == 200  # what is slow once
            with locked(tmp_path):
                changes = [
                    asyncio.create_task(client.post("/sign-in", data={"key": text})),
                    *(
                        asyncio.create_task(
                            client.post("/sign-out", headers={"cookie": f"passerelle={token}"})
                        )
                        for _ in range(6)
                    ),
                ]
                await asyncio.sleep(LOCK_SECONDS / 10)
                for others in (
                    client.get("/health"),
                    client.get("/health", headers=bearer),
                    client.post("/v1/ask", **asked),
                    client.get("/v1/documents", headers={"cookie": f"passerelle={token}"}),
                ):
                    response, seconds = await timed(others)
                    assert response.status_code == 200
                    assert seconds < AT_ONCE_SECONDS
                assert not any(change.done() for change in changes)
                for change in changes:
                    found = problem(response := await change, 503)
                    assert found["type"] == "/problems/in-use"
                    assert int(response.headers["retry-after"]) > 0
                    assert str(tmp_path) not in response.text
            out = await client.post("/sign-out", headers={"cookie": f"passerelle={token}"})
            assert out.status_code == 303

        began = monotonic()
        talk(service, keys, all_at_once)
        assert monotonic() - began < 10 * LOCK_SECONDS
        assert keys.of_session(token) is None


def test_nobody_waits_for_a_look_up_that_is_locked_out(service: Service, tmp_path: Path) -> None:
    with Keys(tmp_path) as keys:

        async def ask(client: AsyncClient) -> None:
            bearer = {"authorization": "Bearer a"}
            with locked_to_readers(tmp_path):
                response, seconds = await timed(client.get("/v1/documents", headers=bearer))
                problem(response, 503)
                assert int(response.headers["retry-after"]) > 0
                assert seconds < AT_ONCE_SECONDS
                assert (await client.get("/health", headers=bearer)).status_code == 200
            problem(await client.get("/v1/documents", headers=bearer), 401)

        talk(service, keys, ask)


def test_a_change_says_who_is_in_the_way(tmp_path: Path) -> None:
    with Keys(tmp_path) as keys:
        key, _ = keys.add("reader", [Scope.READ])
        with locked(tmp_path), pytest.raises(InUse, match="Another program"):
            keys.revoke(key.id)
        assert keys.revoke(key.id)
