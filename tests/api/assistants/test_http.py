"""``/mcp`` beside the rest of the service: the same keys, limits and queue."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from mcp_types.version import SUPPORTED_PROTOCOL_VERSIONS
from starlette.testclient import TestClient
from starlette.types import Message

from api.admission_control import AdmissionControl
from api.app import create_app
from api.auth.keys import Keys, Scope
from api.middleware.admission import AdmissionControls
from api.middleware.hardening import MAX_JSON_BYTES
from api.service import Service, open_service
from api.settings import Settings
from corpus.store.backup import backup
from tests.api.asgi import scope
from tests.api.assistants.clients import connected, content_of, refusal_of
from tests.api.clients import afar, beside
from tests.api.problems import problem
from tests.api.waiting import PATIENCE_SECONDS

QUESTION = "Wie is de eigenaar van de gestolen fiets?"
HEADERS = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}


@pytest.fixture(scope="module")
def app(service: Service) -> FastAPI:
    return create_app(service)


@pytest.fixture(scope="module")
def wire(app: FastAPI) -> Iterator[TestClient]:
    """A program on the server's machine that writes its requests itself."""
    with beside(app, HEADERS) as client:
        yield client


def message(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def asking(question: str, **arguments: Any) -> dict[str, Any]:
    return message("tools/call", name="ask", arguments={"question": question, **arguments})


STARTED = """
import sys
from fastapi import FastAPI
from starlette.testclient import TestClient
from api.assistants.http import Endpoint

with TestClient(FastAPI(lifespan=Endpoint("0").running)):
    print("mcp" in sys.modules)
"""


def test_a_start_does_not_load_the_sdk() -> None:
    command = [sys.executable, "-c", STARTED]
    said = subprocess.run(command, capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "False"


def test_a_request_for_another_version_of_the_protocol_is_told_which_there_are(
    wire: TestClient,
) -> None:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "1999-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    versions = {"mcp-protocol-version": "1999-01-01", "mcp-method": "tools/list"}
    response = wire.post("/mcp", json=message("tools/list", _meta=meta), headers=versions)
    assert response.status_code == 400
    assert "2026-07-28" in json.dumps(response.json()["error"])


def test_a_client_that_wants_another_version_is_offered_one_that_there_is(wire: TestClient) -> None:
    hello = message(
        "initialize",
        protocolVersion="1999-01-01",
        capabilities={},
        clientInfo={"name": "old", "version": "0"},
    )
    response = wire.post("/mcp", json=hello, headers={"mcp-protocol-version": "2025-11-25"})
    assert response.json()["result"]["protocolVersion"] in SUPPORTED_PROTOCOL_VERSIONS
    assert "mcp-session-id" not in response.headers


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_session_to_follow_or_to_end(wire: TestClient, method: str) -> None:
    response = wire.request(method, "/mcp")
    assert problem(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_huge_argument_is_turned_away(wire: TestClient) -> None:
    assert problem(wire.post("/mcp", json=asking("x" * MAX_JSON_BYTES)), 413)
    response = wire.post("/mcp", json=asking("x" * (MAX_JSON_BYTES // 2)))
    assert response.json()["result"]["isError"] is True
    assert len(response.content) < 1000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b"[" * 100_000,
        b"[]",
        b"null",
        b'{"jsonrpc":"2.0","id":1}',
        b'\xff{"jsonrpc":"2.0"}',
    ],
)
@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_what_is_no_message_is_an_error_and_no_failure(
    wire: TestClient, body: bytes, version: str
) -> None:
    sent = {"content-type": "application/json", "mcp-protocol-version": version}
    response = wire.post("/mcp", content=body, headers=sent)
    assert response.status_code == 400
    assert "error" in response.json()


def test_half_a_character_is_an_error(wire: TestClient) -> None:
    body = json.dumps(asking("\ud800 fiets")).encode("ascii")
    response = wire.post("/mcp", content=body, headers={"content-type": "application/json"})
    answer = response.json()
    assert "error" in answer or answer["result"]["isError"] is True


def test_other_than_json_is_turned_away(wire: TestClient) -> None:
    assert problem(wire.post("/mcp", data={"a": "b"}), 415)


def test_a_page_of_another_site_asks_nothing(wire: TestClient) -> None:
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert problem(wire.post("/mcp", json=asking(QUESTION), headers=header), 403)


def test_without_the_extra_there_is_nothing_there(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with beside(create_app(service), HEADERS) as client:
        assert problem(client.post("/mcp", json=asking(QUESTION)), 404)


def test_it_is_counted_and_logged_as_what_it_is_without_the_question(
    wire: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        wire.post("/mcp", json=asking("Wie is de eigenaar van het rijwiel?"))
    assert "POST /mcp 200" in caplog.text
    assert "rijwiel" not in " ".join(
        record.getMessage() for record in caplog.records if record.name.startswith("passerelle")
    )
    assert 'route="/mcp"' in wire.get("/metrics").text


def test_calls_wait_for_their_turn_among_the_questions(app: FastAPI, wire: TestClient) -> None:
    gates, app.state.gates = app.state.gates, AdmissionControls(AdmissionControl(0, 0, 0.01))
    try:
        response = wire.post("/mcp", json=asking(QUESTION))
    finally:
        app.state.gates = gates
    result = response.json()["result"]
    assert result["isError"] is True
    assert result["content"][0]["text"] == "The server is busy. Try again a little later."
    assert wire.post("/mcp", json=message("tools/list")).json()["result"]["tools"]


def test_a_call_whose_client_goes_away_while_it_waits_is_not_worked_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.admission_control.LOOK_SECONDS", 0.05)
    app = create_app(service)
    app.state.gates = AdmissionControls(AdmissionControl(1, 10, 60.0))
    gate = app.state.gates.questions

    async def run() -> None:
        came: list[Message] = [
            {"type": "http.request", "body": json.dumps(asking(QUESTION)).encode()},
        ]

        async def receive() -> Message:
            return came.pop() if came else {"type": "http.disconnect"}

        async def send(_message: Message) -> None:
            pass

        request = scope("POST", "/mcp", server="127.0.0.1", client="127.0.0.1")
        sent = {**HEADERS, "content-type": "application/json"}
        request["headers"] += [(name.encode(), value.encode()) for name, value in sent.items()]
        async with app.router.lifespan_context(app), gate.place():
            with anyio.fail_after(PATIENCE_SECONDS):
                await app(request, receive, send)
            assert (gate.inside, gate.waiting) == (1, 0)
        assert gate.inside == 0

    anyio.run(run)


def test_a_hundred_sessions_at_once_are_answered_each_and_leave_nothing(service: Service) -> None:
    app = create_app(service)
    gate = app.state.gates.questions
    answers: list[str] = []

    async def session() -> None:
        async with connected(app, "legacy") as client:
            answers.append((await client.list_resources()).model_dump_json())

    async def run() -> None:
        async with app.router.lifespan_context(app), anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(session)

    anyio.run(run)
    assert len(answers) == 100
    assert all(answer == answers[0] for answer in answers)
    assert (gate.inside, gate.waiting) == (0, 0)


@pytest.fixture(scope="module")
def guarded(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[tuple[FastAPI, dict[str, str]]]:
    """A server with keys, over a collection of its own."""
    data = tmp_path_factory.mktemp("guarded") / "data"
    backup(settings.data, data)
    with open_service(Settings(data=data, cache=cache), follow=True) as service:
        with Keys(data) as keys:
            made = {
                "all": keys.add("all", [Scope.READ])[1],
                "press": keys.add("press", [Scope.READ], ["press"])[1],
                "write": keys.add("write", [Scope.WRITE])[1],
            }
        yield create_app(service), made


def test_a_key_opens_its_own_collections_and_tells_of_no_other(
    guarded: tuple[FastAPI, dict[str, str]],
) -> None:
    app, keys = guarded

    async def run(key: str) -> tuple[list[str], str, str]:
        bearer = {"authorization": f"Bearer {keys[key]}"}
        async with connected(app, **bearer) as client:
            everything = content_of(
                await client.call_tool("search", {"query": "Who sells cinnamon rolls?"})
            )
            hidden = await client.call_tool("search", {"query": "rolls", "collections": ["odd"]})
            none = await client.call_tool("search", {"query": "rolls", "collections": ["none"]})
            listed = (await client.list_resources()).resources
        collections = {each["collection"] for each in everything["results"]}
        assert len(listed) == (6 if key == "all" else 5)
        return sorted(collections), str(hidden.content), refusal_of(none)

    async def both() -> None:
        async with app.router.lifespan_context(app):
            assert (await run("all"))[0] == ["odd", "press"]
            collections, hidden, none = await run("press")
        assert collections == ["press"]
        assert "odd" not in none
        assert none.replace("none", "odd") in hidden.replace("\\", "")

    anyio.run(both)


def test_a_key_without_the_right_and_none_are_turned_away(
    guarded: tuple[FastAPI, dict[str, str]],
) -> None:
    app, keys = guarded
    assert problem(afar(app, keys["write"], headers=HEADERS).post("/mcp", json={}), 403)
    response = afar(app, headers=HEADERS).post("/mcp", json={})
    assert problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


def test_one_key_has_so_many_calls_a_minute(guarded: tuple[FastAPI, dict[str, str]]) -> None:
    app, keys = guarded
    served: Service = app.state.service
    once = replace(served, settings=served.settings.changed(requests_per_minute=1))
    with afar(create_app(once), keys["all"], headers=HEADERS) as client:
        assert client.post("/mcp", json=message("ping")).status_code == 200
        assert problem(client.post("/mcp", json=message("ping")), 429)
