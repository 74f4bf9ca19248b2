"""Connections that lead nowhere but to the public network.

A name can stand for any address, and for another one a moment later. So a name is looked up once
for each connection, its addresses are judged, and the connection is made to the very address that
was judged. Redirects come through here like anything else.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address
from time import monotonic
from typing import Any, Final

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream

from corpus.web.errors import NotFetched, PrivateAddress

NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as they are written in networks that have IPv6 only (RFC 6052)."""

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host; raises OSError if it has none."""


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system's resolver knows of a host, each once.

    Raises OSError if it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(address: str) -> bool:
    """Tell whether an IP address is one that all the world can reach, and stands for one host.

    Of an IPv6 address that contains an IPv4 address, that one counts.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = _inner(ip)
    return ip.is_global and not (
        ip.is_multicast
        or ip.is_reserved
        or (isinstance(ip, IPv6Address) and (ip.is_site_local or ip.teredo is not None))
    )


def _inner(ip: IPv6Address) -> IPv4Address | IPv6Address:
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


class Guard(NetworkBackend):
    """Makes the connections of one client; none to a private network unless the host is allowed.

    All that is read and written until ``deadline`` (of the monotonic clock) has to be done by then.
    """

    def __init__(
        self,
        allowed: frozenset[str] = frozenset(),
        resolve: Resolve = addresses_of,
        is_permitted: Callable[[str], bool] = is_public,
    ) -> None:
        """``allowed`` are hosts that may be anywhere; any other may only have addresses that are
        ``is_permitted``."""
        self._allowed = allowed
        self._resolve = resolve
        self._is_permitted = is_permitted
        self._system = httpcore2.SyncBackend()
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to the first of a host's addresses that answers.

        Raises:
            NotFetched: the host has no address.
            PrivateAddress: one of its addresses is none of the public network.
            httpcore2.ConnectError, httpcore2.ConnectTimeout: none of them answers.
        """
        addresses = self._judged(host, port)
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._system.connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self)
        raise failure

    def left(self, timeout: float | None) -> float:
        """Return the seconds that something may take."""
        left = max(self.deadline - monotonic(), 0.001)
        return left if timeout is None else min(left, timeout)

    def _judged(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise NotFetched(
                f"There is no host {host} ({getattr(error, 'strerror', None) or error}). Check "
                "the address."
            ) from error
        named = host.lower().rstrip(".")
        if named in self._allowed or f"{named}:{port}" in self._allowed:
            return addresses
        for address in addresses:
            if not self._is_permitted(address):
                raise PrivateAddress(
                    f"The host {host} has the address {address}, which is in a private network or "
                    "this machine's own. If that is meant, allow the host with --allow-private "
                    f"{host}, or with allow_private in the file of sources."
                )
        return addresses


class _Timed(NetworkStream):
    """A stream of the guard's, under its deadline: who sends a byte now and then ends too."""

    def __init__(self, stream: NetworkStream, guard: Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._guard.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._guard.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        left = self._guard.left(timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
