"""Another program keeps the file of the keys locked: what needs it is refused, the rest goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from api.app import create_app
from api.auth import keys_file
from api.auth.keys import Keys, Scope
from api.auth.keys_file import FILE_NAME
from api.service import Service
from api.settings import Settings
from corpus.errors import InUse
from tests.api.problems import problem


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

    # In a thread of its own: this one may have a browser's event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, main()).result()


def test_the_rest_goes_on_while_a_change_waits(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_file, "WRITE_SECONDS", 600)  # longer than any test: it waits
    with Keys(tmp_path) as keys:
        key, text = keys.add("reader", [Scope.READ])
        token = keys.begin_session(key)
        session = {"cookie": f"passerelle={token}"}

        async def all_at_once(client: AsyncClient) -> None:
            bearer = {"authorization": f"Bearer {text}"}
            with locked(tmp_path):
                changes = [
                    asyncio.create_task(client.post("/sign-in", data={"key": text})),
                    *(
                        asyncio.create_task(client.post("/sign-out", headers=session))
                        for _ in range(6)
                    ),
                ]
                for answer in (
                    await client.get("/health"),
                    await client.get("/health", headers=bearer),
                    await client.post("/v1/ask", json={"question": "Wo?"}, headers=bearer),
                    await client.get("/v1/documents", headers=session),
                ):
                    assert answer.status_code == 200
                assert not any(change.done() for change in changes)
            assert {(await change).status_code for change in changes} == {303}

        talk(service, keys, all_at_once)
        assert keys.of_session(token) is None


def test_who_signs_in_or_out_while_it_is_locked_is_told_to_come_back(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_file, "WRITE_SECONDS", 0.1)
    with Keys(tmp_path) as keys:
        key, text = keys.add("reader", [Scope.READ])
        session = {"cookie": f"passerelle={keys.begin_session(key)}"}

        async def change(client: AsyncClient) -> None:
            with locked(tmp_path):
                for response in (
                    await client.post("/sign-in", data={"key": text}),
                    await client.post("/sign-out", headers=session),
                ):
                    assert problem(response, 503)["type"] == "/problems/in-use"
                    assert int(response.headers["retry-after"]) > 0
                    assert str(tmp_path) not in response.text
            assert (await client.post("/sign-out", headers=session)).status_code == 303

        talk(service, keys, change)


def test_who_cannot_be_looked_up_is_told_to_come_back(service: Service, tmp_path: Path) -> None:
    with Keys(tmp_path) as keys:

        async def ask(client: AsyncClient) -> None:
            bearer = {"authorization": "Bearer a"}
            with locked_to_readers(tmp_path):
                response = await client.get("/v1/documents", headers=bearer)
                problem(response, 503)
                assert int(response.headers["retry-after"]) > 0
                assert (await client.get("/health", headers=bearer)).status_code == 200
            problem(await client.get("/v1/documents", headers=bearer), 401)

        talk(service, keys, ask)


def test_a_change_says_who_is_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_file, "WRITE_SECONDS", 0.1)
    with Keys(tmp_path) as keys:
        key, _ = keys.add("reader", [Scope.READ])
        with locked(tmp_path), pytest.raises(InUse, match="Another program"):
            keys.revoke(key.id)
        assert keys.revoke(key.id)
