"""Tells those who follow jobs when there is news of theirs; one look serves all of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from api.auth.keys import Keys
from api.jobs.worker import Worker
from corpus.errors import PasserelleError
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Jobs
from corpus.store.store import Store

LOOK_SECONDS: Final = 0.5
"""Pause between two looks. One costs some 10 µs for each job that is followed."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Follower:
    job: str
    loop: asyncio.AbstractEventLoop
    has_news: asyncio.Event = field(default_factory=asyncio.Event)
    told: object = None
    """What was so when it was last woken; None before the first look."""

    def wake(self) -> None:
        with suppress(RuntimeError):  # its loop was closed
            self.loop.call_soon_threadsafe(self.has_news.set)


class JobNews:
    """Wakes those who follow a job when it, the keys or the server's state has changed.

    A thread looks, while there are any. It sees what other processes write, too.
    """

    def __init__(self, store: Store, keys: Keys, worker: Worker) -> None:
        self._store = store
        self._keys = keys
        self._worker = worker
        self._guard = threading.Lock()
        self._followers: set[_Follower] = set()
        self._thread: threading.Thread | None = None

    @contextmanager
    def of(self, job: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set when there may be news of a job.

        It is set once after the first look, so what happened before that is not missed.
        """
        follower = _Follower(job, asyncio.get_running_loop())
        with self._guard:
            self._followers.add(follower)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="job-news", daemon=True)
                self._thread.start()
        try:
            yield follower.has_news
        finally:
            with self._guard:
                self._followers.discard(follower)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                with self._store.existing() as catalogue:
                    while not pause.wait(LOOK_SECONDS):
                        if self._is_over():
                            return
                        self._look(catalogue)
            except Exception as error:
                log.error("%s", error, exc_info=not isinstance(error, PasserelleError))
                self._tell_all()  # each finds out for itself, and ends
                if self._is_over():
                    return
                pause.wait(LOOK_SECONDS)

    def _is_over(self) -> bool:
        """Tell whether nobody is left; whoever comes next begins anew."""
        with self._guard:
            if self._followers:
                return False
            self._thread = None
            return True

    def _look(self, catalogue: Catalogue) -> None:
        common = (self._version_of_keys(), self._worker.is_stopping)
        with self._guard:
            followers = list(self._followers)
        jobs = {each.job for each in followers}
        known = {job: self._progress(catalogue.jobs, job) for job in jobs}
        for follower in followers:
            news = (common, known[follower.job])
            if follower.told != news:
                follower.told = news
                follower.wake()

    def _progress(self, jobs: Jobs, job: str) -> object:
        found = jobs.progress(job)
        return (found, self._worker.readings(int(str(found[0])))) if found else None

    def _version_of_keys(self) -> int | str:
        try:
            return self._keys.version()
        except PasserelleError as error:  # that is news, too
            return str(error)

    def _tell_all(self) -> None:
        with self._guard:
            for follower in self._followers:
                follower.wake()
