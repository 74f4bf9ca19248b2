"""Who is let in at the door: connections are refused before anything is made for them.

A connection that asyncio and uvicorn have begun to serve costs ten times as much as one that is
closed where it is accepted. So those that come again and again hold nobody else up.
"""

from __future__ import annotations

import logging
import socket
import struct
from typing import Any, Final, Self

from api.connections import BACKLOG, ConnectionLimits
from api.rate_limit import RateLimit, address_group

NEW: Final = 32
"""Connections that anybody may begin in SECONDS, whoever they are: 64 a second. Two cores answer
some 70 questions a second."""

SECONDS: Final = 0.5

NEW_OF_ONE_ADDRESS: Final = 12
"""Connections that each address may begin in SECONDS_OF_ONE_ADDRESS beside those: a browser begins
six at once."""

SECONDS_OF_ONE_ADDRESS: Final = 12.0

QUEUE: Final = 4096
"""Connections that the system keeps until they are looked at, or fewer where it allows fewer. Of
what finds no place there the system says nothing, and the client tries again after a second."""

RESET: Final = struct.pack("ii", 1, 0)
"""For SO_LINGER: the system forgets a connection at once when it is closed."""

log = logging.getLogger(__name__)


class Listener(socket.socket):
    """A listening socket that closes at once what there is no room for."""

    _limits: ConnectionLimits
    _all: RateLimit
    _of_one: RateLimit

    @classmethod
    def over(cls, listener: socket.socket, limits: ConnectionLimits) -> Self:
        """Take over a listening socket, of which nothing is left then."""
        door = cls(fileno=listener.detach())
        door._limits = limits
        door._all = RateLimit(NEW, SECONDS)
        door._of_one = RateLimit(NEW_OF_ONE_ADDRESS, SECONDS_OF_ONE_ADDRESS)
        return door

    def listen(self, backlog: int = QUEUE, /) -> None:
        """Keep QUEUE connections waiting, whatever ``backlog`` the event loop takes at a time."""
        super().listen(max(backlog, QUEUE))

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection that may stay, and its client's address.

        Raises:
            BlockingIOError: there is none, or there may be one behind ``BACKLOG`` others: the
                event loop comes back for it.
        """
        for _ in range(BACKLOG):
            connection, address = super().accept()
            if self._may_come(address[0]):
                return connection, address
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.close()
        raise BlockingIOError

    def _may_come(self, address: str) -> bool:
        if not self._limits.may_come(address):
            return False
        if self._limits.is_proxy(address) or not self._all.wait(""):
            return True
        if not self._of_one.wait(address_group(address)):
            return True
        self._limits.refused += 1
        log.warning("Connections come too fast from %s", address)
        return False
