"""A server that speaks OpenAI's chat API and says what it is told to, right or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


class Scripted:
    """Where the server is, what it says, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.reply: Reply = says()
        self.get: Reply = sends(404, {})
        self.asked: list[dict[str, Any]] = []
        self.got: list[str] = []
        self.headers: list[dict[str, str]] = []

    def sent(self) -> Any:
        """Return the data of the last request."""
        return json.loads(self.asked[-1]["messages"][-1]["content"])


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Run a server on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            server.asked.append({"path": self.path, **json.loads(body)})
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            with suppress(BrokenPipeError, ConnectionResetError):  # it is cut off, as it should be
                server.reply(self)

        def do_GET(self) -> None:
            server.got.append(self.path)
            server.get(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Scripted(f"http://127.0.0.1:{httpd.server_port}/v1")
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def claim(sentence: str, passage: Any, quotation: str) -> str:
    """Return a line as a model ought to write it."""
    return json.dumps(
        {"sentence": sentence, "passage": passage, "quotation": quotation}, ensure_ascii=False
    )


def says(*lines: str, size: int = 7, finish: str = "stop") -> Reply:
    """Return a reply that streams lines, ``size`` characters at a time."""
    text = "\n".join(lines)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]

    def reply(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, 200, "text/event-stream")
        for piece in pieces:
            event(handler, {"choices": [{"delta": {"content": piece}}]})
        event(handler, {"choices": [{"delta": {}, "finish_reason": finish}]})
        handler.wfile.write(b"data: [DONE]\n\n")

    return reply


def says_at_once(text: str, finish: str = "stop") -> Reply:
    """Return a reply of a server that does not stream."""
    choice = {"message": {"content": text}, "finish_reason": finish}

    def reply(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, 200, "application/json")
        handler.wfile.write(json.dumps({"choices": [choice]}).encode())

    return reply


def sends(status: int, headers: dict[str, str], body: bytes = b"") -> Reply:
    """Return a reply of these very bytes."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, status, headers.pop("Content-Type", "text/plain"), headers)
        handler.wfile.write(body)

    return reply


def goes_on(piece: str) -> Reply:
    """Return a reply that never ends by itself."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, 200, "text/event-stream")
        while True:
            event(handler, {"choices": [{"delta": {"content": piece}}]})

    return reply


def begin(
    handler: BaseHTTPRequestHandler,
    status: int,
    content_type: str,
    headers: dict[str, str] | None = None,
) -> None:
    """Send the head of a reply that ends with its connection."""
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.close_connection = True


def event(handler: BaseHTTPRequestHandler, data: Any) -> None:
    """Send one event."""
    handler.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
