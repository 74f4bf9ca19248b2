"""Hundreds of clients that say half of something do not keep anybody else from an answer."""

from __future__ import annotations

import resource
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.robustness.fuzz import DOCUMENTS
from tests.robustness.servers import Server, serving

SILENT = 300
MORE_THAN_FILES = 1_100
FILES = 1_024
ASKED = 20
QUESTION = "/?q=Hoeveel+vrachtwagens+langs+de+E34"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A collection of a few documents, with their vectors."""
    from corpus.ingest import find_sources, ingest
    from corpus.store.catalogue import Catalogue
    from index.encoders.loading import load_encoder
    from index.writer import encode_waiting

    folder = tmp_path_factory.mktemp("silent")
    with Catalogue(folder) as catalogue:
        list(ingest(catalogue, find_sources([DOCUMENTS / "nl"]), "sample"))
        encode_waiting(catalogue, load_encoder("bundled", cache))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, data: Path, cache: Path) -> Iterator[Server]:
    """A server over a copy of them, for all tests but the one that limits its own."""
    copy = shutil.copytree(data, tmp_path_factory.mktemp("shared") / "data")
    with serving(copy, environment={"PASSERELLE_CACHE": str(cache)}) as running:
        yield running


@contextmanager
def _holding(server: Server, said: bytes, many: int) -> Iterator[None]:
    """Hold so many connections on which this was said; one that the server closes is let go."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * many)), hard))
    host, port = server.address.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(many):
            client = stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
            try:
                client.sendall(said)
            except OSError:
                continue
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _statuses(server: Server, path: str) -> set[int]:
    found = set()
    for _ in range(ASKED):
        try:
            with urllib.request.urlopen(server.address + path, timeout=30) as answer:
                found.add(answer.status)
        except urllib.error.HTTPError as error:
            found.add(error.code)
    return found


@pytest.mark.parametrize(
    "said",
    [
        b"GET /?q=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
        b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000\r\n\r\n{",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n",
    ],
    ids=["a page", "a question", "a form"],
)
def test_bodies_that_do_not_come_keep_nobody_from_an_answer(server: Server, said: bytes) -> None:
    with _holding(server, said, SILENT):
        assert _statuses(server, QUESTION) == {200}
        assert _statuses(server, "/ready") == {200}


def test_a_body_without_end_is_not_taken(server: Server) -> None:
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    assert _statuses(server, QUESTION) == {200}
    memory = psutil.Process(server.pid).memory_info().rss
    host, port = server.address.removeprefix("http://").split(":")
    taken = 0
    with (
        socket.create_connection((host, int(port)), timeout=30) as client,
        suppress(OSError),
    ):
        client.sendall(head)
        while taken < 600 * 2**20:
            client.sendall(chunk)
            taken += len(chunk)
    assert taken < 32 * 2**20
    assert psutil.Process(server.pid).memory_info().rss < memory + 64 * 2**20


def test_more_connections_than_files_leave_health_checks_answered(
    data: Path, cache: Path, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("wb") as log:
        with (
            serving(
                data,
                environment={"PASSERELLE_CACHE": str(cache)},
                most_files=FILES,
                log=log.fileno(),
            ) as server,
            _holding(server, b"GET /health HTTP/1.1\r\n", MORE_THAN_FILES),
        ):
            assert _statuses(server, "/health") == {200}
            assert _statuses(server, QUESTION) == {200}
        assert (tmp_path / "log").stat().st_size < 2**20


def test_who_comes_again_and_again_is_closed_at_once_and_others_are_answered(
    server: Server,
) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    while _is_let_in((host, int(port)), "127.0.0.9"):
        pass
    assert _statuses(server, "/ready") == {200}


def _is_let_in(server: tuple[str, int], address: str) -> bool:
    with socket.create_connection(server, timeout=30, source_address=(address, 0)) as client:
        try:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return bool(client.recv(65_536))
        except ConnectionError:
            return False
