"""Requests with manners: what a site's robots.txt forbids is left, and no host is hurried."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, NamedTuple

from corpus.web.addresses import host_of, origin_of
from corpus.web.errors import Disallowed, NotFetched
from corpus.web.fetching import NO_VALIDATORS, Answer, Fetcher, Validators
from corpus.web.robots import Rules, rules_of

LONGEST_DELAY_SECONDS: Final = 300.0
"""Pause that a robots.txt may ask for. With a longer one, a thousand pages take over three days."""

RULES_LAST_SECONDS: Final = 24 * 3600.0
"""How long a robots.txt may be remembered (RFC 9309)."""


class Stopped(Exception):
    """The work was asked to end; it is taken up again another time."""


class Pace:
    """Has every host asked once at a time, with a pause; for all visits of a process."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._hosts: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._ends: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str, delay_seconds: float) -> Iterator[None]:
        """Wait for a host's turn, that long after its last answer.

        Raises:
            Stopped: the work is to end.
        """
        lock = self._hosts[host]
        while not lock.acquire(timeout=1):
            self._check()
        try:
            self._stop.wait(max(self._ends.get(host, 0) + delay_seconds - monotonic(), 0))
            self._check()
            yield
        finally:
            self._ends[host] = monotonic()
            lock.release()

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped


class _Known(NamedTuple):
    rules: Rules | NotFetched
    time: float


class Crawler:
    """Asks sites for a source's pages."""

    def __init__(self, fetcher: Fetcher, pace: Pace, delay_seconds: float) -> None:
        """There are ``delay_seconds`` at least between two requests to one host."""
        self._fetcher = fetcher
        self._pace = pace
        self._delay_seconds = delay_seconds
        self._rules: dict[str, _Known] = {}

    def get(self, address: str, max_bytes: int, known: Validators = NO_VALIDATORS) -> Answer:
        """Return what a server says of a normalized address, as ``Fetcher.get`` does.

        Raises:
            Disallowed: its site does not want that.
            NotFetched, FileTooLarge: as there.
            Stopped: the work is to end.
        """
        rules = self._rules_of(address)
        if not rules.allow(address):
            raise Disallowed("The site's robots.txt forbids it.")
        if rules.delay_seconds > LONGEST_DELAY_SECONDS:
            raise Disallowed(
                f"The site's robots.txt asks for a pause of {rules.delay_seconds:,.0f} s between "
                f"two requests; more than {LONGEST_DELAY_SECONDS:.0f} s are not waited."
            )
        with self._pace.turn(host_of(address), max(self._delay_seconds, rules.delay_seconds)):
            return self._fetcher.get(address, max_bytes, known)

    def _rules_of(self, address: str) -> Rules:
        """Return a site's rules; what failed is not asked again for each page."""
        origin = origin_of(address)
        known = self._rules.get(origin)
        if known is None or monotonic() > known.time + RULES_LAST_SECONDS:
            known = self._rules[origin] = _Known(self._asked(origin), monotonic())
        if isinstance(known.rules, NotFetched):
            raise known.rules
        return known.rules

    def _asked(self, origin: str) -> Rules | NotFetched:
        try:
            with self._pace.turn(host_of(origin), self._delay_seconds):
                return rules_of(self._fetcher, origin)
        except NotFetched as refusal:
            return refusal
