"""How often somebody may do something."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from time import monotonic

REMEMBERED = 100_000
"""Visitors whose requests are counted at a time, some 20 MB; who came longest ago is forgotten."""

MINUTE = 60.0


class RateLimit:
    """So many times in so many seconds for each principal, all at once or spread over them.

    It keeps for each the time at which all that it did would have been due, had it kept to the
    rate (the generic cell rate algorithm of ITU-T I.371). Safe to use from several threads.
    """

    def __init__(self, times: int, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._seconds_each = seconds / times
        self._due: OrderedDict[str, float] = OrderedDict()
        self._guard = threading.Lock()

    def wait(self, principal: str) -> int:
        """Count one time more and return 0, or how many seconds it comes too early."""
        now = monotonic()
        with self._guard:
            due = max(self._due.pop(principal, now), now) + self._seconds_each
            early = due - now - self._seconds
            self._due[principal] = due - self._seconds_each if early > 0 else due
            if len(self._due) > REMEMBERED:
                self._due.popitem(last=False)
        return math.ceil(early) if early > 0 else 0


def address_group(host: str) -> str:
    """Return what an address counts as: a whole /64 of IPv6 is one customer's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
