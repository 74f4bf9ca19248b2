"""The newest snapshot, kept up to date while questions are answered from it."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from time import monotonic

from corpus.errors import PasserelleError
from corpus.store import erasure, sqlite
from corpus.store.view import View
from index import persistence
from index.encoders.protocol import Encoder
from index.errors import CannotKeep, ModelMismatch, ModelSwitched
from index.faiss_snapshot import FaissSnapshot
from index.snapshot_builder import load_snapshot, outlived, refresh, reopened
from index.vectors.faiss_index import share_the_cores

POLL_SECONDS = 0.5
"""Pause between two looks at the catalogue, each of which costs about 1 ms."""

IDLE_FACTOR = 10
"""Times its own length that a refresh is followed by rest: a large collection that changes all
the time costs at most a tenth of a core."""

MAX_LOG_BYTES = 16 * 2**20
"""Size of SQLite's write-ahead log from which it is folded back. It cannot be while the view
that is held is older than its end, so without that it would grow as long as the server runs."""

GARBAGE_SECONDS = 10.0
"""Between two times that garbage is looked for while something is erased; it takes some 0.3 s of a
large server, and an erasure up to minutes."""

log = logging.getLogger(__name__)


class IndexReader:
    """Holds the newest snapshot; another process may change the catalogue meanwhile.

    A question takes ``newest()`` once and works on what it got. An old snapshot's
    connection is closed when the last question lets go of it.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Load the snapshot there is now.

        Raises:
            CatalogueError: there is no catalogue, or it cannot be read.
            ModelMismatch: its vectors are another model's.
        """
        self._folder = folder
        self._encoder = encoder
        self._snapshot = load_snapshot(folder, encoder.identity)
        self._problem: str | None = None
        self._remedy = ""
        self._is_outdated = False
        self._masked_at: int | None = None
        self._collected = float("-inf")
        self._keeps = True
        self._refreshing = threading.Lock()  # so that no older state replaces a newer one
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def newest(self) -> FaissSnapshot:
        """Return the newest snapshot."""
        return self._snapshot

    @property
    def problem(self) -> str | None:
        """Why the snapshot may be out of date, if it may."""
        return self._problem

    @property
    def is_outdated(self) -> bool:
        """Whether another model has taken this one's place: nothing new is taken over any more."""
        return self._is_outdated

    def note(self, problem: str | None) -> None:
        """Say why the snapshot stays out of date, if it does."""
        self._problem = problem

    def refresh(self) -> None:
        """Take over what changed.

        If that is impossible, ``problem`` says why, and the old snapshot stays, without what was
        deleted.
        """
        with self._refreshing:
            try:
                self._snapshot = refresh(self._snapshot, self._encoder.identity)
                if self._fold_log():
                    self._snapshot = reopened(self._snapshot)
                self._problem, self._is_outdated = None, False
            except ModelSwitched as switched:
                if not self._is_outdated:
                    # Words only: handlers may keep an error, and its traceback holds this state.
                    log.warning("%s", f"{switched} {self._remedy}".strip())
                self._is_outdated = True
                self._outlive()
            except ModelMismatch as mismatch:
                # Another process encoded everything with a model that this one does not follow to.
                self._note(mismatch)
                self._mask_deleted()
                self._let_go_of_older_state()
            except Exception as error:
                self._note(error)
                self._mask_deleted()

    def _fold_log(self) -> bool:
        """Fold the log back if it is too long; tell whether it was."""
        if sqlite.log_size(self._folder) <= self._log_bytes_allowed():
            return False
        self._let_go_of_garbage()
        sqlite.fold_log(self._folder)
        return True

    def _log_bytes_allowed(self) -> int:
        """Return the size from which the log is folded back; an erasure waits until it is gone."""
        return 0 if erasure.is_under_way(self._folder) else MAX_LOG_BYTES

    def _let_go_of_garbage(self) -> None:
        """Let go of older states that nothing but a cycle of garbage holds, if an erasure waits.

        Python looks for those when much is made. A server at rest makes little.
        """
        if not erasure.is_under_way(self._folder):
            return
        if monotonic() - self._collected >= GARBAGE_SECONDS:
            gc.collect()
            self._collected = monotonic()

    def forget(self, gone: Collection[str], generation: int) -> None:
        """Have nothing show or find documents that the catalogue no longer has in a generation.

        It is so whatever becomes of the refresh. A snapshot of that generation or a later one shows
        what has come in their place since, if anything has.
        """
        with self._refreshing:
            if self._snapshot.generation >= generation:
                return
            documents = self._snapshot.documents
            keys = [key for key, facts in documents.items() if facts.id in gone]
            self._snapshot = self._snapshot.without(keys)

    def _outlive(self) -> None:
        """Leave out of the outdated snapshot what the catalogue no longer has, and let go of the
        older state, which would keep what is erased from being overwritten."""
        try:
            with View.open(self._folder) as view:
                generation = view.generation()
            if self._fold_log() or generation != self._masked_at:
                self._snapshot = outlived(self._snapshot)
                self._masked_at = generation
        except Exception as error:
            self._note(error)

    def _let_go_of_older_state(self) -> None:
        """Let go of what keeps the log from being folded back, if it has to be.

        What the model kept of tokens goes with it, so this waits until then.
        """
        try:
            if self._fold_log():
                self._snapshot = outlived(self._snapshot)
        except Exception as error:
            self._note(error)

    def _mask_deleted(self) -> None:
        """Leave out of the old snapshot what the catalogue no longer has."""
        try:
            with View.open(self._folder) as view:
                generation = view.generation()
                if generation == self._masked_at:
                    return
                live = view.documents_by_key().keys()
        except PasserelleError:
            return  # the reason was noted already
        self._snapshot = self._snapshot.without(self._snapshot.documents.keys() - live)
        self._masked_at = generation

    def follow(self, remedy: str = "") -> None:
        """Go on refreshing in the background, until ``close``.

        ``remedy`` is for the log, where nobody hands over to another model that is taken.
        """
        self._remedy = remedy
        self._thread = threading.Thread(target=self._follow, name="live-snapshot", daemon=True)
        self._thread.start()
        # Not waited for by close: what it makes in minutes is kept nowhere.
        threading.Thread(target=self._grow, name="growth", daemon=True).start()

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _follow(self) -> None:
        pause = POLL_SECONDS
        while not self._rested(pause):
            started = monotonic()
            self.refresh()
            pause = max(POLL_SECONDS, (monotonic() - started) * IDLE_FACTOR)

    def _rested(self, seconds: float) -> bool:
        """Wait so long, or only a moment while something is erased; tell whether to stop."""
        end = monotonic() + seconds
        while not self._stop.wait(POLL_SECONDS):
            if monotonic() >= end or erasure.is_under_way(self._folder):
                return False
        return True

    def grow(self) -> bool:
        """Give one partition the index that it ought to have; tell whether one lacked it.

        Questions are answered from the old one meanwhile, and what comes is taken over.
        """
        for language, partition in self._snapshot.partitions.items():
            if partition.is_grown or self._stop.is_set():
                continue
            growth = partition.grown()
            with self._refreshing:
                newest = self._snapshot
                if language in newest.partitions:
                    grown = newest.partitions[language].with_growth(growth)
                    partitions = {**newest.partitions, language: grown}
                    self._snapshot = replace(newest, partitions=partitions)
            return True
        return False

    def keep(self) -> None:
        """Keep the partitions on disk if much of them is not, and use them from there.

        If they cannot be stored, the next start rebuilds them, which takes longer.
        """
        snapshot = self._snapshot
        if not (self._keeps and persistence.is_due(snapshot)):
            return
        try:
            growths = persistence.keep(snapshot)
        except CannotKeep as error:
            log.warning("%s", error)
            self._keeps = False
            return
        with self._refreshing:
            partitions = {
                language: partition.with_growth(growths[language])
                if language in growths
                else partition
                for language, partition in self._snapshot.partitions.items()
            }
            self._snapshot = replace(self._snapshot, partitions=partitions)

    def _grow(self) -> None:
        share_the_cores()
        while not self._stop.wait(POLL_SECONDS):
            try:
                while self.grow():
                    self.keep()  # at once, as the next may take minutes
                self.keep()
            except Exception as error:
                self._note(error)

    def _note(self, error: Exception) -> None:
        """Remember and log a failure once; following goes on, whatever it was."""
        if self._problem != str(error):
            # Its words only: handlers may keep an error, and its traceback holds this state.
            log.error("%s", str(error), exc_info=not isinstance(error, PasserelleError))
        self._problem = str(error)
