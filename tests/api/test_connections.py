"""A client that is slow, silent or does not read is cut off; one that asks is answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import connections
from api.connections import Connection, ConnectionLimits, protocol
from tests.api.waiting import PATIENCE_SECONDS, until

LARGE = 64 * 2**20


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    body = await request.body()
    large = b"x" * LARGE if scope["path"] == "/large" else b"%d" % len(body)
    await Response(large)(scope, receive, send)


@contextmanager
def _serving(limits: ConnectionLimits) -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        _app, http=protocol(limits), ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that a test can wait for."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(connections, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BYTES_PER_SECOND", 100_000_000)


def _connect(address: tuple[str, int], said: bytes = b"") -> socket.socket:
    client = socket.create_connection(address, timeout=PATIENCE_SECONDS)
    client.sendall(said)
    return client


def _is_cut(client: socket.socket) -> bool:
    """Tell whether the server closes the connection; it fails if it never does."""
    try:
        while client.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    return True


def _read_answer(client: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\r\n\r\n0"):
        answer += client.recv(65_536)
    return answer


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "half of the chunks",
         "an answer that is not read"],
)  # fmt: skip
@pytest.mark.slow
def test_who_stops_in_the_middle_is_cut_off(said: bytes, quick: None) -> None:
    limits = ConnectionLimits()
    with _serving(limits) as address, _connect(address, said) as client:
        until(lambda: limits.cut == 1)
        assert _is_cut(client)
        until(lambda: limits.open == 0)
    assert not limits.unfinished
    assert not limits.by_address


def test_who_stops_in_the_middle_of_a_second_head_is_cut_off(quick: None) -> None:
    limits = ConnectionLimits()
    with _serving(limits) as address, _connect(address, GET) as client:
        _read_answer(client)
        client.sendall(b"GET /")
        until(lambda: limits.cut == 1)
        assert _is_cut(client)


def test_who_sends_a_byte_now_and_then_is_cut_off_as_well(quick: None) -> None:
    limits = ConnectionLimits()
    with _serving(limits) as address, _connect(address, b"GET / HTTP/1.1\r\nX: ") as client:

        def drip() -> bool:
            try:
                client.sendall(b"x")
            except OSError:
                return True
            return limits.cut == 1

        until(drip)


@pytest.mark.slow
def test_who_sends_steadily_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"
    limits = ConnectionLimits()
    with _serving(limits) as address, _connect(address, head) as client:
        for _ in range(10):
            client.sendall(b"x" * 10_000)
            sleep(0.1)
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.endswith(b"100000")
    assert limits.cut == 0


@pytest.mark.slow
def test_a_connection_serves_many_requests_and_rests_between_them(quick: None) -> None:
    limits = ConnectionLimits()
    with _serving(limits) as address, _connect(address) as client:
        for _ in range(5):
            client.sendall(GET)
            assert _read_answer(client).startswith(b"HTTP/1.1 200")
            sleep(0.4)  # longer than a head may take, once it has begun
    assert limits.cut == 0


def test_where_there_is_no_room_the_oldest_that_asked_nothing_makes_it() -> None:
    limits = ConnectionLimits(most=3)
    with _serving(limits) as address:
        silent = [_connect(address, b"GET / HTTP/1.1\r\n") for _ in range(3)]
        until(lambda: limits.open == 3)
        with _connect(address, GET) as client:
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")
            assert _is_cut(silent[0])
            assert limits.open == 3
        for each in silent:
            each.close()


def test_requests_sent_ahead_of_an_answer_are_not_taken_up() -> None:
    with _serving(ConnectionLimits()) as address, _connect(address, GET * 3) as client:
        said = b"".join(iter(lambda: client.recv(65_536), b""))
    assert said.count(b"HTTP/1.1 200") == 1


def _connection() -> Connection:
    return object.__new__(Connection)


def test_an_address_has_its_share_and_a_proxy_is_not_counted() -> None:
    limits = ConnectionLimits(of_one_address=2)
    one = _connection()
    assert limits.admit(one, "203.0.113.5")
    assert limits.admit(_connection(), "203.0.113.5")
    assert not limits.admit(_connection(), "203.0.113.5")
    assert limits.admit(_connection(), "203.0.113.6")
    limits.leave(one, "203.0.113.5")
    assert limits.admit(_connection(), "203.0.113.5")
    assert all(limits.admit(_connection(), "127.0.0.1") for _ in range(10))
    assert limits.refused == 1
    behind = ConnectionLimits(of_one_address=2, proxies=connections.networks("10.1.0.0/16 ::1"))
    assert all(behind.admit(_connection(), "10.1.2.3") for _ in range(10))
    assert [behind.admit(_connection(), "10.2.0.1") for _ in range(3)] == [True, True, False]


def test_a_network_of_ipv6_is_one_address() -> None:
    limits = ConnectionLimits(of_one_address=2)
    assert [limits.admit(_connection(), f"2001:db8::{n}") for n in "123"] == [True, True, False]
    assert limits.admit(_connection(), "2001:db8:0:1::1")


def test_where_all_places_are_taken_each_address_has_the_same_share() -> None:
    limits = ConnectionLimits(most=4)
    for address in ("203.0.113.5",) * 3 + ("203.0.113.6",):
        assert limits.admit(_connection(), address)
    assert not limits.may_come("203.0.113.5")
    assert limits.may_come("203.0.113.6")
    assert limits.may_come("203.0.113.7")
    assert limits.may_come("127.0.0.1")
    limits.unfinished.clear()
    assert not limits.may_come("203.0.113.7")


def test_the_system_keeps_files_for_the_rest() -> None:
    assert 1 <= connections.allowed_connections() <= connections.MAX_CONNECTIONS
