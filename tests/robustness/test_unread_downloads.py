"""Clients that ask for a large file and do not read it cost the server next to no memory."""

from __future__ import annotations

import hashlib
import json
import random
import re
import socket
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import psutil
import pytest

from tests.documents import docx
from tests.robustness.servers import Server, serving

ORIGINAL_BYTES = 60 * 2**20
UNREAD = 40
ADDRESSES = 10
WATCHED_SECONDS = 3.0
MOST_MORE_BYTES = 150 * 2**20
QUESTION = "/?q=Hoeveel+vrachtwagens+langs+de+E34"


class Kept(NamedTuple):
    """A collection whose only document has a large original."""

    data: Path
    sha256: str
    size: int


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Kept:
    """A Word document with a photograph of 60 MiB, ingested."""
    from corpus.ingest import find_sources, ingest
    from corpus.store.catalogue import Catalogue
    from corpus.types import Outcome
    from index.encoders.loading import load_encoder
    from index.writer import encode_waiting

    files, data = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("data")
    file = files / "photo.docx"
    text = "De politie controleerde maandag 47 vrachtwagens langs de E34 bij Antwerpen."
    file.write_bytes(docx([("Normal", text)]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("word/media/photo.raw", random.Random(1).randbytes(ORIGINAL_BYTES))
    with Catalogue(data) as catalogue:
        (report,) = ingest(catalogue, find_sources([files]), "sample")
        assert report.outcome == Outcome.ADDED
        encode_waiting(catalogue, load_encoder("bundled", cache))
    content = file.read_bytes()
    return Kept(data, hashlib.sha256(content).hexdigest(), len(content))


@contextmanager
def _asking(server: Server, path: str, address: str) -> Iterator[int]:
    """Ask from an address, read the first line of the answer, and hold the rest unread."""
    host, port = server.address.removeprefix("http://").split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.bind((address, 0))
        client.connect((host, int(port)))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        found = re.match(rb"HTTP/1.1 (\d+)", client.recv(32))
        assert found
        yield int(found[1])


def _status(server: Server, path: str) -> int:
    try:
        with urllib.request.urlopen(server.address + path, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _peak(pid: int, seconds: float) -> int:
    process, end, most = psutil.Process(pid), monotonic() + seconds, 0
    while monotonic() < end:
        most = max(most, process.memory_info().rss)
        sleep(0.05)
    return most


def test_clients_that_do_not_read_a_large_file_take_little_memory_and_no_others_turn(
    kept: Kept, cache: Path
) -> None:
    with serving(kept.data, environment={"PASSERELLE_CACHE": str(cache)}) as server:
        assert _status(server, QUESTION) == 200
        with urllib.request.urlopen(f"{server.address}/v1/documents", timeout=30) as answer:
            (document,) = json.load(answer)["documents"]
        path = f"/v1/documents/{document['id']}/original"
        before = psutil.Process(server.pid).memory_info().rss
        held = [_asking(server, path, f"127.0.0.{2 + n % ADDRESSES}") for n in range(UNREAD)]
        statuses = [each.__enter__() for each in held]
        during = _peak(server.pid, WATCHED_SECONDS)
        others = {_status(server, other) for other in (QUESTION, "/health", "/ready")}
        for each in held:
            each.__exit__(None, None, None)
        assert statuses.count(200) >= 16
        assert set(statuses) <= {200, 503}
        assert others == {200}
        assert during < before + MOST_MORE_BYTES

        with urllib.request.urlopen(server.address + path, timeout=60) as answer:
            assert answer.headers["content-length"] == str(kept.size)
            assert hashlib.sha256(answer.read()).hexdigest() == kept.sha256
        assert _peak(server.pid, 0.1) < before + MOST_MORE_BYTES
