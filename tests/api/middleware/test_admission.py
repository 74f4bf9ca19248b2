"""What waits for a place at a gate of the application, and what is turned away there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from api.admission_control import AdmissionControl
from api.app import create_app
from api.auth.keys import Keys, Scope
from api.middleware.admission import (
    MAX_DOWNLOADS_OF_ONE,
    MAX_QUESTIONS_OF_ONE,
    AdmissionControls,
)
from api.service import Service
from tests.api.problems import problem

QUESTION = {"question": "Wie is de eigenaar van de gestolen fiets?"}


def _talk(app: FastAPI, talk: Callable[[AsyncClient], Coroutine[Any, Any, Any]]) -> Any:
    async def main() -> Any:
        transport = ASGITransport(app, client=("127.0.0.1", 50_000))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await talk(client)

    return asyncio.run(main())


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/languages"])
def test_who_asks_when_it_is_full_is_told_when_to_come_back_and_the_rest_is_let_in(
    service: Service, path: str
) -> None:
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=0, deadline_seconds=30)
    app.state.gates = AdmissionControls(questions=gate)

    async def talk(client: AsyncClient) -> list[Response]:
        async with gate.place():
            full = [
                await client.post("/v1/ask", json=QUESTION),
                await client.get("/"),
                await client.get(path),
            ]
        return [*full, await client.post("/v1/ask", json=QUESTION)]

    asked, page, other, later = _talk(app, talk)
    assert problem(asked, 503)["type"] == "/problems/busy"
    assert int(asked.headers["retry-after"]) > 0
    assert (page.status_code, other.status_code, later.status_code) == (503, 200, 200)


def test_one_key_asks_so_many_questions_at_once_and_others_have_their_places(
    service: Service, tmp_path: Path
) -> None:
    with Keys(tmp_path) as keys:
        (one, of_one), (_, of_other) = (keys.add(name, [Scope.READ]) for name in ("one", "other"))
        app = create_app(replace(service, keys=keys))
        gates = app.state.gates

        async def talk(client: AsyncClient) -> None:
            async def ask(key: str) -> Response:
                bearer = {"authorization": f"Bearer {key}"}
                return await client.post("/v1/ask", json=QUESTION, headers=bearer)

            with ExitStack() as stack:
                for _ in range(MAX_QUESTIONS_OF_ONE):
                    stack.enter_context(gates.questions_of_one.one(one.id))
                refused = await ask(of_one)
                assert problem(refused, 429)["type"] == "/problems/too-many-questions"
                assert int(refused.headers["retry-after"]) > 0
                assert (await ask(of_other)).status_code == 200
            many = await asyncio.gather(*(ask(of_one) for _ in range(MAX_QUESTIONS_OF_ONE)))
            assert {each.status_code for each in many} == {200}  # each has given its place back

        _talk(app, talk)


def test_an_upload_that_waits_its_turn_loses_none_of_its_bytes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "api.admission_control.LOOK_SECONDS", 0
    )  # it looks at every turn of the loop
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=1, deadline_seconds=30)
    app.state.gates = AdmissionControls(uploads=gate)

    async def talk(client: AsyncClient) -> Response:
        files = {"files": ("%PDF.txt", b"%PDF-")}  # refused, so that the collection stays
        async with gate.place():
            upload = asyncio.ensure_future(client.post("/v1/documents", files=files))
            while not gate.waiting:
                await asyncio.sleep(0.01)
            for _ in range(100):  # some looks at whether the client is still there
                await asyncio.sleep(0)
        return await upload

    assert problem(_talk(app, talk), 422)["type"] == "/problems/refused-file"


def test_so_many_originals_are_sent_at_once_and_so_many_to_one(
    service: Service, ids: dict[str, str]
) -> None:
    app = create_app(service)
    gate = AdmissionControl(at_once=1, waiting=0, deadline_seconds=0)
    app.state.gates = gates = AdmissionControls(downloads=gate)
    page = f"/documents/{ids['fietsen.txt']}"
    path = f"/v1{page}/original"

    async def talk(client: AsyncClient) -> None:
        async with gate.place():
            refused = await client.get(path)
            assert problem(refused, 503)["type"] == "/problems/busy"
            assert int(refused.headers["retry-after"]) > 0
            assert (await client.get(page)).status_code == 200
        with ExitStack() as stack:
            for _ in range(MAX_DOWNLOADS_OF_ONE):
                stack.enter_context(gates.downloads_of_one.one("127.0.0.1"))
            refused = await client.get(path)
            assert problem(refused, 429)["type"] == "/problems/too-many-downloads"
            assert int(refused.headers["retry-after"]) > 0
            assert (await client.get(page)).status_code == 200
        for _ in range(2 * MAX_DOWNLOADS_OF_ONE):  # each gives its place back
            assert (await client.get(path)).status_code == 200
        assert gate.inside == 0

    _talk(app, talk)
