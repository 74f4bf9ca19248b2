"""Who comes too often is refused at the door, and who comes from elsewhere is let in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from api import rate_limit
from api.connections import ConnectionLimits
from api.listener import NEW, NEW_OF_ONE_ADDRESS, Listener

HURRIED = "127.0.0.2"


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "monotonic", lambda: 0.0)


@pytest.fixture
def limits() -> ConnectionLimits:
    return ConnectionLimits()


@pytest.fixture
def door(limits: ConnectionLimits) -> Iterator[Listener]:
    with Listener.over(socket.create_server(("127.0.0.1", 0)), limits) as door:
        door.setblocking(False)
        yield door


def _comes_in(door: Listener, address: str) -> bool:
    """Connect from an address, and tell whether the door lets it in and does not close it."""
    with socket.create_connection(door.getsockname(), source_address=(address, 0)) as client:
        try:
            accepted, peer = door.accept()
        except BlockingIOError:
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""
            return False
        accepted.close()
        return bool(peer[0] == address)


def test_who_comes_too_often_is_refused_and_others_come_in(
    door: Listener, limits: ConnectionLimits
) -> None:
    came = [_comes_in(door, HURRIED) for _ in range(2 * (NEW + NEW_OF_ONE_ADDRESS))]
    assert came.index(False) == came.count(True) == NEW + NEW_OF_ONE_ADDRESS
    assert limits.refused == came.count(False)
    assert all(_comes_in(door, "127.0.0.3") for _ in range(NEW_OF_ONE_ADDRESS))


def test_a_proxy_may_come_as_often_as_it_likes(door: Listener) -> None:
    assert all(_comes_in(door, "127.0.0.1") for _ in range(2 * (NEW + NEW_OF_ONE_ADDRESS)))


def test_who_has_no_room_is_refused_before_who_waits_behind(
    door: Listener, limits: ConnectionLimits
) -> None:
    limits.of_one_address = 0
    with (
        closing(socket.create_connection(door.getsockname(), source_address=(HURRIED, 0))),
        closing(socket.create_connection(door.getsockname())) as client,
    ):
        accepted, peer = door.accept()
        assert peer == client.getsockname()
        accepted.close()
