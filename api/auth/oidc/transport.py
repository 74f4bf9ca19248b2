"""How the provider is asked: bounded in bytes and in time, and led nowhere inside."""

from __future__ import annotations

import ssl
from functools import cache
from time import monotonic
from typing import Final

import httpcore2
import httpx2

from corpus.errors import Refused
from corpus.web.guard import Guard

MAX_BYTES: Final = 2**20
"""Of one answer: metadata, keys and tokens are some 10 kB."""

SECONDS: Final = 10.0
"""For one request, from looking up the name to the last byte."""

_PACKING: Final = b"accept-encoding"
"""A header that is not sent: what comes unpacked does not grow."""


class Transport(httpx2.BaseTransport):
    """Asks one server after another for small answers.

    Only ``hosts`` may be in a private network: the metadata of the provider names further ones,
    and must not lead to what only this machine can reach. Redirects are not followed, and proxies
    that the environment names are not used.
    """

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer.

        Raises:
            httpx2.TransportError: there is none, not in time, or it is too long.
        """
        guard = Guard(self._hosts)
        guard.deadline = monotonic() + SECONDS
        with httpcore2.ConnectionPool(ssl_context=_trust(), network_backend=guard) as pool:
            try:
                with pool.stream(
                    request.method,
                    str(request.url),
                    headers=[pair for pair in request.headers.raw if pair[0].lower() != _PACKING],
                    content=request.read(),
                ) as response:
                    content = b""
                    for chunk in response.iter_stream():
                        content += chunk
                        if len(content) > MAX_BYTES or monotonic() > guard.deadline:
                            raise httpx2.ReadError("its answer is too long")
                    return httpx2.Response(response.status, content=content)
            except (
                httpcore2.TimeoutException,
                httpcore2.NetworkError,
                httpcore2.ProtocolError,
                ssl.SSLError,
                Refused,
            ) as error:
                raise httpx2.ConnectError(str(error)[:200] or type(error).__name__) from error


@cache
def _trust() -> ssl.SSLContext:
    """Return whose certificates are believed: those of the system. To read them takes a while."""
    return ssl.create_default_context()
