"""An original is sent as it is read: whole, or the connection ends."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api import connections
from api.connections import ConnectionLimits, protocol
from api.routes import original_response
from api.routes.original_response import OriginalResponse
from corpus.store.catalogue import Catalogue
from corpus.store.originals import Original
from corpus.store.sqlite_reading import SqliteBytes
from tests.api.waiting import PATIENCE_SECONDS, until
from tests.catalogues import kept

CONTENT = random.Random(1).randbytes(16 * 2**20)
GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Sending:
    """A server that sends one original, and what became of that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.limits = ConnectionLimits()
        self.address = ("", 0)
        self.original: Original | None = None
        with Catalogue(folder) as catalogue:
            self.sha256 = catalogue.blobs.keep("press", CONTENT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.original = kept(self.folder, self.sha256)
        await OriginalResponse(self.original, "text/plain", {})(scope, receive, send)

    def replace(self) -> None:
        """Delete the original, and have another take its place."""
        with Catalogue(self.folder) as catalogue:
            catalogue.blobs.release("press", self.sha256)
            catalogue.blobs.keep("press", CONTENT[::-1])

    def lets_go(self) -> bool:
        if self.original is None:
            return False
        stored = self.original._stored
        assert isinstance(stored, SqliteBytes)
        return stored._held is None


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Sending]:
    sending = Sending(tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        sending,
        http=protocol(sending.limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    sending.address = listener.getsockname()
    try:
        yield sending
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


@contextmanager
def _asking(sending: Sending) -> Iterator[socket.socket]:
    """Ask, and read the head of the answer and no more."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE_SECONDS)
        client.connect(sending.address)
        client.sendall(GET)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        assert f"content-length: {len(CONTENT)}".encode() in head
        yield client


def _rest(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65_536), b""))


def test_what_is_sent_is_what_was_stored_though_it_is_replaced_meanwhile(sending: Sending) -> None:
    with _asking(sending) as client:
        sending.replace()
        assert _rest(client) == CONTENT
        until(sending.lets_go)


def test_a_slow_client_keeps_nothing_of_the_catalogue_held_and_gets_the_rest(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(original_response, "HELD_SECONDS", 0.1)
    with _asking(sending) as client:
        until(sending.lets_go)
        assert _rest(client) == CONTENT


def test_a_slow_client_is_sent_nothing_of_what_took_the_place_of_its_file(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(original_response, "HELD_SECONDS", 0.1)
    with _asking(sending) as client:
        until(sending.lets_go)
        sending.replace()
        sent = _rest(client)
    assert 0 < len(sent) < len(CONTENT)
    assert CONTENT.startswith(sent)


def test_who_does_not_read_is_cut_off(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BYTES_PER_SECOND", 100_000_000)
    with _asking(sending):
        until(lambda: sending.limits.cut == 1)
        until(lambda: sending.limits.open == 0)
        until(sending.lets_go)


def test_who_goes_away_leaves_nothing_open(sending: Sending) -> None:
    with _asking(sending):
        assert not sending.lets_go()
    until(sending.lets_go)
    until(lambda: sending.limits.open == 0)
    assert sending.limits.cut == 0
