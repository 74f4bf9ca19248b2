"""A server that is told to stop finishes what it accepted."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from corpus.store.catalogue import Catalogue
from corpus.store.jobs import State

PATIENCE_SECONDS = 60
QUESTION = json.dumps({"question": "Wer patrouilliert an der Mosel?"}).encode()
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="note.txt"\r\n\r\n'
    b"Les deux polices patrouillent ensemble le long de la Moselle.\r\n--x--\r\n"
)


def begin(port: int, path: str, kind: str, body: bytes) -> socket.socket:
    """Send a request but for the last half of its body, as far as the server waits for that."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection.sendall(head.encode())
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        told += connection.recv(1)
    assert told.startswith(b"HTTP/1.1 100"), told
    connection.sendall(body[: len(body) // 2])
    return connection


def finish(connection: socket.socket, body: bytes) -> bytes:
    with connection, connection.makefile("rb") as answer:
        connection.sendall(body[len(body) // 2 :])
        return answer.read()


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def test_what_is_under_way_is_finished_and_what_was_accepted_is_kept(
    tmp_path: Path, cache: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "api.cli.main",
        "serve",
        "--port",
        "0",
        "--data",
        str(tmp_path),
    ]
    environment = {
        **os.environ,
        "PASSERELLE_CACHE": str(cache),
        "PASSERELLE_LOG_LEVEL": "warning",
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        question = begin(port, "/v1/ask", "application/json", QUESTION)
        upload = begin(port, "/v1/documents", "multipart/form-data; boundary=x", FORM)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not takes_connections(port))
        assert process.poll() is None
        assert finish(question, QUESTION).startswith(b"HTTP/1.1 200")
        assert finish(upload, FORM).startswith(b"HTTP/1.1 202")
        assert process.wait(PATIENCE_SECONDS) == 0
    with Catalogue(tmp_path) as catalogue:
        (job,) = catalogue.jobs.newest(10)
        assert job.state in (State.QUEUED, State.DONE)
        assert job.total == 1
