"""A few requests are worked on at a time, and what waits for something else holds nobody up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.admission_control import AdmissionControl
from api.app import create_app
from api.auth.keys import Keys
from api.auth.keys import Scope as Right
from api.auth.middleware import Authenticator
from api.middleware.turns import Turns
from api.middleware.writers import in_writer_thread
from api.service import Service
from api.settings import Settings
from tests.api.asgi import scope

Talk = Callable[["_Server"], Coroutine[Any, Any, None]]
App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class _Server:
    """Requests with one place for all, each of an address."""

    def __init__(self, app: App) -> None:
        self.gate = AdmissionControl(at_once=1)
        self.app = Turns(app, self.gate, _address)
        self.answered: list[str] = []

    async def get(self, path: str, address: str = "203.0.113.5", *came: Message) -> None:
        await self.send("GET", path, address, {"type": "http.request"}, *came)

    async def send(self, method: str, path: str, address: str, *came: Message) -> None:
        messages = list(came)

        async def receive() -> Message:
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answered.append(path)

        await self.app(scope(method, path, server="127.0.0.1", client=address), receive, send)

    async def begun(self) -> None:
        """Let what was begun go as far as it goes."""
        for _ in range(20):
            await asyncio.sleep(0)


def _address(connection: HTTPConnection) -> str:
    assert connection.client
    return connection.client.host


def _run(app: App, talk: Talk) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await talk(_Server(app))

    asyncio.run(main())


async def _says_ok(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(0)
    await Response("ok")(scope, receive, send)


def test_the_requests_of_one_address_wait_for_each_other_and_not_another_addresss_for_them() -> (
    None
):
    async def talk(server: _Server) -> None:
        many = [server.get("/many") for _ in range(100)]
        await asyncio.gather(*many, server.get("/one", "203.0.113.6"))
        assert len(server.answered) == 101  # nobody is turned away
        assert "/one" in server.answered[:3]

    _run(_says_ok, talk)


def test_whose_answer_has_begun_holds_nobody_up() -> None:
    read = asyncio.Event()

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        async def lines() -> Any:
            yield "one"
            await read.wait()

        await StreamingResponse(lines())(scope, receive, send)

    async def talk(server: _Server) -> None:
        streams = [asyncio.ensure_future(server.get("/stream")) for _ in range(3)]
        await server.begun()
        assert len(server.answered) == 3
        read.set()
        await asyncio.gather(*streams)

    _run(streams, talk)


def test_who_waits_for_a_body_holds_nobody_up() -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await receive()
        await _says_ok(scope, receive, send)

    async def talk(server: _Server) -> None:
        slow = asyncio.ensure_future(server.send("POST", "/slow", "203.0.113.5"))
        await server.begun()
        await server.get("/quick")
        assert server.answered == ["/quick"]
        slow.cancel()

    _run(reads, talk)


def test_what_takes_long_holds_nobody_up_for_all_that_time() -> None:
    other = asyncio.Event()

    async def takes_long(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/long":
            await other.wait()
        other.set()
        await _says_ok(scope, receive, send)

    async def talk(server: _Server) -> None:
        await asyncio.gather(server.get("/long"), server.get("/short"))
        assert server.answered == ["/short", "/long"]

    _run(takes_long, talk)


def test_what_waits_for_a_thread_to_write_in_holds_nobody_up() -> None:
    inside: list[int] = []

    async def writes(scope: Scope, receive: Receive, send: Send) -> None:
        inside.append(server.gate.inside)
        await in_writer_thread(lambda: inside.append(server.gate.inside))()
        await _says_ok(scope, receive, send)

    server = _Server(writes)

    async def main() -> None:
        await server.get("/")

    asyncio.run(main())
    assert inside == [1, 0]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_went_away_while_it_waited_is_not_worked_for(method: str) -> None:
    async def talk(server: _Server) -> None:
        one = server.get("/one")
        came: list[Message] = [{"type": "http.request"}, {"type": "http.disconnect"}]
        await asyncio.gather(one, server.send(method, "/gone", "203.0.113.6", *came))
        assert server.answered == ["/one"]
        assert (server.gate.inside, server.gate.waiting) == (0, 0)

    _run(_says_ok, talk)


def test_what_came_of_a_body_while_it_waited_is_not_lost() -> None:
    bodies: list[bytes] = []

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        bodies.append(await Request(scope, receive).body())
        await _says_ok(scope, receive, send)

    async def talk(server: _Server) -> None:
        came: list[Message] = [
            {"type": "http.request", "body": b"a", "more_body": True},
            {"type": "http.request", "body": b"b", "more_body": False},
        ]
        await asyncio.gather(server.get("/one"), server.send("POST", "/two", "203.0.113.6", *came))
        assert bodies == [b"", b"ab"]

    _run(reads, talk)


def test_who_asks_before_sending_a_body_is_not_told_to_send_it_while_it_waits() -> None:
    received: list[str] = []

    async def receive() -> Message:
        received.append("asked for")
        return {"type": "http.request"}

    async def ignore(_: Message) -> None:
        pass

    async def talk(server: _Server) -> None:
        asks = scope("POST", "/asks", server="127.0.0.1", client="203.0.113.6")
        asks["headers"] += [(b"expect", b"100-continue")]
        await asyncio.gather(server.get("/one"), server.app(asks, receive, ignore))
        assert not received

    _run(_says_ok, talk)


def _asker(door: Authenticator, address: str, key: str = "") -> str:
    request = scope("GET", "/", server="127.0.0.1", client=address, key=key)
    return door.asker(HTTPConnection(request))


def test_keys_take_turns_and_so_do_addresses_without_a_valid_one(
    settings: Settings, tmp_path: Path
) -> None:
    with Keys(tmp_path) as keys:
        (one, of_one), (two, of_two) = (keys.add(name, [Right.READ]) for name in ("one", "two"))
        revoked, of_revoked = keys.add("revoked", [Right.READ])
        keys.revoke(revoked.id)
        door = Authenticator(keys, settings)
        assert _asker(door, "203.0.113.5", of_one) == _asker(door, "203.0.113.6", of_one) == one.id
        assert _asker(door, "203.0.113.5", of_two) == two.id
        for worthless in ("", "wrong", of_revoked):
            assert _asker(door, "203.0.113.5", worthless) == "203.0.113.5"
        assert _asker(door, "2001:db8::1") == _asker(door, "2001:db8::2")


def test_while_questions_wait_for_each_other_everything_else_is_answered(service: Service) -> None:
    app = create_app(service)
    gates = app.state.gates
    statuses: dict[str, int] = {}

    async def send(method: str, path: str, body: bytes = b"") -> None:
        came: list[Message] = [{"type": "http.request", "body": body}]

        async def receive() -> Message:
            if not came:
                await asyncio.Event().wait()
            return came.pop()

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses[path] = message["status"]

        request = scope(method, path, server="127.0.0.1", client="127.0.0.1")
        request["headers"] += [(b"content-type", b"application/json")]
        await app(request, receive, note)

    async def main() -> None:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            held = [await gates.questions.take() for _ in range(4)]
            question = json.dumps({"question": "Wie is de eigenaar van het rijwiel?"}).encode()
            for _ in range(10):
                group.create_task(send("POST", "/v1/ask", question))
            while gates.questions.waiting < 10:
                await asyncio.sleep(0)
            await asyncio.gather(*(send("GET", path) for path in ("/health", "/documents")))
            assert statuses == {"/health": 200, "/documents": 200}
            for place in held:
                place.leave()
        assert statuses["/v1/ask"] == 200
        assert gates.requests.inside == gates.requests.waiting == 0

    asyncio.run(main())
