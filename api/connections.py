"""How long a client may occupy a connection, and how many connections there may be.

uvicorn closes what idles between two requests. It waits without end for a request that began, for
a body that was announced and for a client that does not read, and takes connections until no file
can be opened any more. ``Connection`` is uvicorn's own protocol with limits for each of these.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import resource
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.rate_limit import address_group

HEAD_SECONDS: Final = 10.0
"""From the first byte of a request, or the connection, to the end of its headers: those of a
browser come in one packet."""

BODY_SECONDS: Final = 30.0
"""For a body, beside the time that ``BYTES_PER_SECOND`` gives its bytes."""

BYTES_PER_SECOND: Final = 4096
"""Slowest rate of a body, and of what the client reads: a tenth of a GPRS line's would be refused,
a slow mobile line's is 20 times that."""

STALL_SECONDS: Final = 30.0
"""For a client to read what was sent before its buffer is full again, beside the same rate."""

MAX_CONNECTIONS: Final = 4000
"""At once, or fewer where the system allows fewer files. One that waits takes some 10 KB."""

MAX_OF_ONE_ADDRESS: Final = 256
"""At once, from one address (of IPv6, one /64). A proxy has no such limit: it brings everybody."""

SPARE_FILES: Final = 256
"""Files that are left for the catalogue, its views, uploads and sockets not yet taken over."""

BACKLOG: Final = 128
"""Connections that are taken over at a time, and that the system holds back meanwhile."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1"})

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConnectionLimits:
    """The connections of one server, oldest first, and what became of those over the limits."""

    most: int = MAX_CONNECTIONS
    of_one_address: int = MAX_OF_ONE_ADDRESS
    proxies: tuple[Network, ...] = ()
    """Where proxies are that bring other people's requests. This machine may be one in any case."""
    refused: int = 0
    """Connections that were closed at once, since the start."""
    cut: int = 0
    """Connections that were closed because their client was too slow, since the start."""
    unfinished: dict[Connection, None] = field(default_factory=dict)
    """Those that no complete request came from yet, or not since their last answer."""
    by_address: Counter[str] = field(default_factory=Counter)
    open: int = 0

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return self.open >= self.most

    def may_come(self, address: str) -> bool:
        """Tell whether there is room for one more connection from an address.

        Where all places are taken, no address gets more than its share of them, and for the others
        room can be made as long as somebody's request is unfinished.
        """
        if self._is_over_its_share(address):
            log.warning("Too many connections from %s", address)
        elif self.is_full and not self.unfinished:
            log.warning("Too many connections: %d", self.open)
        else:
            return True
        self.refused += 1
        return False

    def admit(self, connection: Connection, address: str) -> bool:
        """Count a new connection in, and tell whether it may stay.

        Where there is no room, the one that has waited longest with an unfinished request makes
        room. A client that asks in earnest is never that one for longer than its line takes.
        """
        if not self.may_come(address):
            return False
        if self.is_full:
            next(iter(self.unfinished)).cut("room was needed")
        self.open += 1
        self.by_address[address_group(address)] += 1
        self.unfinished[connection] = None
        return True

    def leave(self, connection: Connection, address: str) -> None:
        """Count a connection out that was admitted."""
        network = address_group(address)
        self.open -= 1
        self.by_address[network] -= 1
        if not self.by_address[network]:
            del self.by_address[network]
        self.unfinished.pop(connection, None)

    def is_proxy(self, address: str) -> bool:
        """Tell whether other people's requests may come from an address."""
        if address in _THIS_MACHINE:
            return True
        return any(ipaddress.ip_address(address) in network for network in self.proxies)

    def _is_over_its_share(self, address: str) -> bool:
        if self.is_proxy(address):
            return False
        share = self.of_one_address
        if self.is_full:
            share = min(share, self.most // max(1, len(self.by_address)))
        return self.by_address[address_group(address)] >= share


class Connection(H11Protocol):
    """One connection, which ends when its client is too slow to send or to read."""

    limits: ConnectionLimits
    """Of the server; set by ``protocol``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sending: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._is_admitted = self._is_reading_head = self._is_reading_body = False
        self._is_ahead = False
        self._body_bytes, self._body_until = 0, 0.0
        self._address = "-"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, if there is room."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else "-"
        self._is_admitted = self.limits.admit(self, self._address)
        if self._is_admitted:
            self._await_head()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection's place."""
        self._stop_timers()
        if self._is_admitted:
            self._is_admitted = False
            self.limits.leave(self, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        match self.conn.their_state:
            case h11.IDLE:
                if not self._is_reading_head:
                    self._await_head()
            case h11.SEND_BODY:
                self._await_body(len(data))
            case _:
                self._is_complete()
                if self.conn.trailing_data[0] and not self.cycle.response_started:
                    self._is_ahead = True

    def on_response_complete(self) -> None:
        """Wait for the next request, for as long as uvicorn waits, or for the end of its head.

        Requests that were sent before this answer began are not taken up: no browser does so, and
        who reads nothing would have dozens worked on.
        """
        if self._is_ahead:
            self.transport.close()
        self.limits.unfinished[self] = None
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._await_head()

    def pause_writing(self) -> None:
        """Give the client time to read."""
        super().pause_writing()
        seconds = STALL_SECONDS + self.transport.get_write_buffer_size() / BYTES_PER_SECOND
        self._reading = self.loop.call_later(seconds, self.cut, "the answer was not read")

    def resume_writing(self) -> None:
        """Go on, as the client read."""
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def cut(self, why: str) -> None:
        """Close the connection without another word."""
        self.limits.cut += 1
        self.limits.unfinished.pop(self, None)
        log.debug("A connection from %s was closed: %s", self._address, why)
        self.transport.abort()

    def _await_head(self) -> None:
        self._is_reading_head, self._is_reading_body = True, False
        self._expect(HEAD_SECONDS, "its request did not come")

    def _await_body(self, size: int) -> None:
        """Give a body its time from when its head came, and more as its bytes come."""
        if not self._is_reading_body:
            self._is_reading_head, self._is_reading_body, self._body_bytes = False, True, 0
            self._body_until = self.loop.time() + BODY_SECONDS
        self._body_bytes += size
        until = self._body_until + self._body_bytes / BYTES_PER_SECOND
        self._expect(max(0.0, until - self.loop.time()), "the body came too slowly")

    def _is_complete(self) -> None:
        self._expect(None, "")
        self._is_reading_head = self._is_reading_body = False
        self.limits.unfinished.pop(self, None)

    def _expect(self, seconds: float | None, why: str) -> None:
        """Cut the connection in so many seconds, unless something else is expected till then."""
        if self._sending is not None:
            self._sending.cancel()
        self._sending = None if seconds is None else self.loop.call_later(seconds, self.cut, why)

    def _stop_timers(self) -> None:
        for timer in (self._sending, self._reading):
            if timer is not None:
                timer.cancel()


def networks(text: str) -> tuple[Network, ...]:
    """Return the addresses and networks that ``text`` has, separated by spaces.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(ipaddress.ip_network(one) for one in text.split())


def protocol(limits: ConnectionLimits) -> type[Connection]:
    """Return the protocol of a server with these limits, for ``uvicorn.Config(http=...)``."""
    return type("Connection", (Connection,), {"limits": limits})


def allowed_connections() -> int:
    """Raise the number of files that may be open as far as the system allows.

    Return how many of them may be connections.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES + BACKLOG
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, soft - SPARE_FILES - BACKLOG))
