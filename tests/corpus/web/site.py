"""A real site, served on addresses of this machine, that answers what a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import MappingProxyType
from typing import NamedTuple

Headers = Mapping[str, str]


class Answer(NamedTuple):
    """What an address gives."""

    body: bytes = b""
    status: int = 200
    headers: Headers = MappingProxyType({})
    type: str = "text/html; charset=utf-8"


class Asked(NamedTuple):
    """A request that came."""

    address: str
    """Of the socket that it came to."""
    path: str
    headers: Headers
    time: float


Raw = Callable[[BaseHTTPRequestHandler], Answer | None]
"""Says what to answer, or has answered in its own way, over the connection itself."""


class Site:
    """Serves one set of paths on one address."""

    def __init__(self, address: str = "127.0.0.2", port: int = 0) -> None:
        self.paths: dict[str, Answer | Raw] = {}
        self.asked: list[Asked] = []
        self._server = _Server((address, port), _handler(self))
        self._server.daemon_threads = True
        self.address = address
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str, host: str = "site.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, text: str, head: str = "", **headers: str) -> str:
        """Have a page of one paragraph at a path; return its address."""
        html = (
            f"<!DOCTYPE html><html><head><title>{text[:30]}</title>{head}</head>"
            f"<body><main><h1>{text[:30]}</h1><p>{text}</p></main></body></html>"
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.paths[path] = Answer(html.encode(), headers=named)
        return self.url(path)

    def sitemap(self, *addresses: str, path: str = "/sitemap.xml", more: str = "") -> str:
        """Have a sitemap of these addresses at a path; return its address."""
        entries = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?><urlset '
            'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:xhtml="http://www.w3.org/1999/xhtml">{entries}{more}</urlset>'
        )
        self.paths[path] = Answer(body.encode(), type="application/xml")
        return self.url(path)

    def moved(self, path: str, to: str, status: int = 301) -> str:
        """Have a redirect at a path; return its address."""
        self.paths[path] = Answer(status=status, headers={"Location": to})
        return self.url(path)

    def requests(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def served(address: str = "127.0.0.2", port: int = 0) -> Iterator[Site]:
    """Serve a site while the context lasts."""
    site = Site(address, port)
    try:
        yield site
    finally:
        site.close()


class Names:
    """A resolver that can be pointed: a host's addresses are what it was last told.

    With several answers, each look-up takes the next one, and the last one stays.
    """

    def __init__(self, **hosts: str) -> None:
        self.answers: dict[str, list[list[str]]] = {
            name.replace("_", "."): [[address]] for name, address in hosts.items()
        }
        self.looked_up: list[str] = []

    def point(self, host: str, *answers: list[str]) -> None:
        self.answers[host] = list(answers)

    def __call__(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        answers = self.answers.get(host)
        if answers is None:
            try:
                socket.inet_aton(host)
            except OSError:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
            return [socket.inet_ntoa(socket.inet_aton(host))]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what half of the tests are about."""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append(Asked(site.address, self.path, headers, monotonic()))
            answer = site.paths.get(self.path, Answer(b"nothing here", 404))
            if not isinstance(answer, Answer):
                said = answer(self)
                if said is None:
                    self.close_connection = True
                    return
                answer = said
            if _is_known(headers, answer.headers):
                answer = Answer(status=304)
            self.send_response(answer.status)
            sent = {"Content-Type": answer.type, "Content-Length": str(len(answer.body))}
            for name, value in {**sent, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    return Handler


def _is_known(asked: Headers, has: Headers) -> bool:
    return bool(
        (has.get("ETag") and asked.get("if-none-match") == has["ETag"])
        or (has.get("Last-Modified") and asked.get("if-modified-since") == has["Last-Modified"])
    )
