"""A thread that does what there is to do, again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from corpus.errors import PasserelleError

LOOK_SECONDS = 5.0
"""Pause between two looks for work that nobody announced."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Pause before what failed is tried again; each is twice the one before."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Setbacks(Generic[T]):
    """What failed, and rests for a while before it is tried again; for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pauses: dict[T, float] = {}
        self._ends: dict[T, float] = {}

    def note(self, what: T) -> None:
        """Have something rest that failed; longer with every time."""
        with self._lock:
            pause = min(self._pauses.get(what, FIRST_PAUSE_SECONDS / 2) * 2, LONGEST_PAUSE_SECONDS)
            self._pauses[what], self._ends[what] = pause, monotonic() + pause

    def forget(self, what: T) -> None:
        """Have nothing rest any more that went well."""
        with self._lock:
            self._pauses.pop(what, None)
            self._ends.pop(what, None)

    def resting(self) -> set[T]:
        """Return what is not to be tried now."""
        with self._lock:
            return {what for what, end in self._ends.items() if end > monotonic()}

    def seconds(self) -> float:
        """Return the time until something is to be tried again, and LOOK_SECONDS at most."""
        with self._lock:
            ends = [max(end - monotonic(), 0) for end in self._ends.values()]
        return min([LOOK_SECONDS, *ends])


class Loop:
    """Calls ``work`` when it is woken, and after the seconds that it returned, until ``stop`` is
    set. It is called again, too, when it raised something, at growing intervals."""

    def __init__(self, name: str, work: Callable[[], float], stop: threading.Event) -> None:
        self._work = work
        self._stop = stop
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    def join(self) -> None:
        """Wait for the end of the thread, if it was started."""
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            self._awake.clear()
            try:
                self._awake.wait(self._work())
                pause = FIRST_PAUSE_SECONDS
            except Exception as error:
                log_error(error)
                self._awake.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def log_error(error: Exception) -> None:
    """Log what failed; with its traceback, unless it says itself what to do."""
    log.error("%s", error, exc_info=not isinstance(error, PasserelleError))
