"""Follows the sites of the operator's file of sources, each when its time has come."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.jobs.loop import Loop, Setbacks, log_error
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.store.store import Store
from corpus.store.web import SourceKey, SourceState
from corpus.types import Outcome
from corpus.web.crawling import Pace, Stopped
from corpus.web.errors import SiteBusy
from corpus.web.sources import WebSource, next_visit, read_sources
from corpus.web.visiting import visit

MAX_VISITS: Final = 4
"""Visits at a time. They mostly wait: for the pause that a host is owed, or for its answer."""

LOOK_SECONDS: Final = 30.0
"""Pause between two looks at the file and at the clock."""

PATIENCE_SECONDS: Final = 2.0
"""How long the end of a visit is waited for. One that waits for a slow site is left: what it has
kept is kept."""

log = logging.getLogger(__name__)


class Follower:
    """Visits the sources of a file, which is read anew before each look.

    What it brings waits in the catalogue for its vectors, as what the command line brings does.
    """

    def __init__(
        self, store: Store, file: Path, max_file_bytes: int, wake: Callable[[], None]
    ) -> None:
        """``wake`` is called when there is something to encode."""
        self._store = store
        self._file = file
        self._max_file_bytes = max_file_bytes
        self._wake = wake
        self._stop = threading.Event()
        self._pace = Pace(self._stop)
        self._visits: dict[SourceKey, threading.Thread] = {}
        self._visited: dict[SourceKey, WebSource] = {}
        """As they were configured at their last visit, but for those that the site put off."""
        self._failed = Setbacks[SourceKey]()
        self._loop = Loop("following sites", self._look, self._stop)

    def start(self) -> None:
        """Begin, in threads of its own.

        Raises:
            SourcesFileError: the file cannot be used.
        """
        read_sources(self._file)
        self._loop.start()

    def wake(self) -> None:
        """Look now whether a visit is due."""
        self._loop.wake()

    def close(self) -> None:
        """Stop. A visit that was under way is taken up at the next start."""
        self._stop.set()
        self._loop.wake()
        self._loop.join()
        end = time.monotonic() + PATIENCE_SECONDS
        for thread in self._visits.values():
            thread.join(max(end - time.monotonic(), 0))

    def _look(self) -> float:
        """Begin the visits that are due; return the seconds until the next look."""
        for source in self._due():
            if len(self._visits) >= MAX_VISITS:
                break
            thread = threading.Thread(
                target=self._follow, args=(source,), name="visiting a site", daemon=True
            )
            self._visits[source.key] = thread
            self._visited[source.key] = source
            thread.start()
        return LOOK_SECONDS

    def _due(self) -> list[WebSource]:
        self._visits = {key: each for key, each in self._visits.items() if each.is_alive()}
        now, resting = time.time(), self._failed.resting()
        with self._store.existing() as catalogue:
            states = {state.key: state for state in catalogue.web.states()}
        times = {
            source: self._time_of(source, states.get(source.key))
            for source in read_sources(self._file)
            if source.key not in self._visits and source.key not in resting
        }
        return sorted((each for each in times if times[each] <= now), key=times.__getitem__)

    def _time_of(self, source: WebSource, state: SourceState | None) -> float:
        """Return when a source is to be visited: at once, if the operator has changed it."""
        is_changed = self._visited.get(source.key, source) != source
        return 0.0 if is_changed else next_visit(source, state)

    def _follow(self, source: WebSource) -> None:
        try:
            with self._store.existing() as catalogue:
                self._visit(catalogue, source)
        except Stopped:
            return
        except Exception as error:
            log_error(error)
            self._failed.note(source.key)
        else:
            self._failed.forget(source.key)
        self._loop.wake()  # another may have waited for its place

    def _visit(self, catalogue: Catalogue, source: WebSource) -> None:
        counts = dict.fromkeys(Outcome, 0)
        reserve.check(self._store.folder)
        for report in visit(catalogue, source, self._pace, self._max_file_bytes):
            counts[report.outcome] += 1
            if report.refusal == SiteBusy.__name__:
                self._visited.pop(source.key, None)
            if report.outcome in (Outcome.ADDED, Outcome.UPDATED):
                self._wake()
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
        log.info("%s %s was visited: %s", source.kind, source.address, told or "nothing there")
