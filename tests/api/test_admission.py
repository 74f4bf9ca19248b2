from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.admission import MAX_QUESTIONS, Admission
from api.app import create_app
from api.wiring import Service
from tests.api.problems import problem

QUESTION = {"question": "Wie is de eigenaar van de gestolen fiets?"}


def _together(app: ASGIApp, paths: Iterable[str]) -> list[Response]:
    async def ask() -> list[Response]:
        transport = ASGITransport(app)
        async with AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await asyncio.gather(
                *(
                    client.post(path, json=QUESTION) if path == "/v1/ask" else client.get(path)
                    for path in paths
                )
            )

    return asyncio.run(ask())


def test_of_ten_thousand_questions_at_once_as_many_as_there_is_room_for_get_in() -> None:
    inside = most = 0

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        await PlainTextResponse("answer")(scope, receive, send)
        inside -= 1

    statuses: list[int] = []

    async def note(message: dict[str, object]) -> None:
        await asyncio.sleep(0)
        if message["type"] == "http.response.start":
            statuses.append(message["status"])  # type: ignore[arg-type]

    async def ask() -> None:
        door = Admission(slow)
        scope = {"type": "http", "path": "/v1/ask"}
        await asyncio.gather(*(door(scope, None, note) for _ in range(10_000)))  # type: ignore[arg-type]

    asyncio.run(ask())
    assert most == MAX_QUESTIONS
    assert statuses.count(200) >= MAX_QUESTIONS
    assert statuses.count(200) + statuses.count(503) == 10_000


def test_who_is_turned_away_is_told_when_to_come_back(service: Service) -> None:
    app = Admission(create_app(service), limit=2)
    responses = _together(app, ["/v1/ask"] * 3)
    assert [each.status_code for each in responses] == [200, 200, 503]
    assert problem(responses[-1], 503)["type"] == "/problems/overloaded"
    assert int(responses[-1].headers["retry-after"]) > 0
    assert _together(app, ["/v1/ask"])[0].status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/v1/languages"])
def test_what_asks_nothing_is_let_in_however_many_ask(service: Service, path: str) -> None:
    app = Admission(create_app(service), limit=1)
    responses = _together(app, ["/v1/ask", "/", path])
    assert [each.status_code for each in responses] == [200, 503, 200]
