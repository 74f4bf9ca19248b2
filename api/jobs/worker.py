"""Carries out what was accepted, one job after another, in the background."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from corpus.errors import PasserelleError
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, State
from corpus.uploads import take_in_next
from index.background_writer import ingest_and_encode
from index.encoders.protocol import Encoder
from index.reader import IndexReader
from index.writer import Progress, encode_waiting

LOOK_SECONDS = 5.0
"""Pause between two looks for work that nobody announced."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Pause before a job that failed is tried again; each is twice the one before."""

FAILED = "The last attempt failed; the server's log says why. Another will follow."
"""What a stranger may know: the error itself names folders."""

log = logging.getLogger(__name__)


class Worker:
    """Takes in the files of accepted jobs, makes their vectors and publishes them.

    What an earlier run left undone is done first. A job that fails, as on a full disk, is
    tried again until it comes to its end, for its files were accepted.
    """

    def __init__(self, folder: Path, encoder: Encoder, live: IndexReader) -> None:
        self._folder = folder
        self._encoder = encoder
        self._live = live
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._pause = FIRST_PAUSE_SECONDS
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Take nothing more on."""
        self._stop.set()
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        """Whether jobs are carried out."""
        return self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        """Whether it is about to stop, or has."""
        return self._stop.is_set()

    def close(self) -> None:
        """Stop as soon as what is under way is kept; the rest is left for the next start."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self._note_ends()
        while not self._stop.is_set():
            self._wake.clear()
            failed = not self._work()
            self._wake.wait(self._pause if failed else LOOK_SECONDS)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            if not failed:
                self._pause = FIRST_PAUSE_SECONDS

    def _note_ends(self) -> None:
        try:
            with Catalogue.existing(self._folder) as catalogue:
                for file in catalogue.jobs.note_ends():
                    log.error("%s is refused: %s", file.file, file.reason)
        except PasserelleError as error:
            _log(error)

    def _work(self) -> bool:
        """Do what there is to do, and tell whether all of it came to its end."""
        try:
            with Catalogue.existing(self._folder) as catalogue:
                if catalogue.waiting():
                    encode_waiting(catalogue, self._encoder, should_stop=self._stop.is_set)
                # In their order: a later one may hold a newer state of the same document.
                return all(self._try(catalogue, job) for job in catalogue.jobs.to_do())
        except Exception as error:
            _log(error)
            return False

    def _try(self, catalogue: Catalogue, job: Job) -> bool:
        try:
            if not self._stop.is_set():
                self._carry_out(catalogue, job)
        except Exception as error:
            _log(error)
            self._note_failure(catalogue, job)
            return False
        return True

    def _carry_out(self, catalogue: Catalogue, job: Job) -> None:
        """Take a job's files in; vectors of the first are made while the next ones are read."""
        catalogue.jobs.note(job, State.RUNNING)

        def note(progress: Progress) -> None:
            texts = (progress.done, progress.total)
            catalogue.jobs.note(job, State.RUNNING, texts=texts)

        stopped = self._stop.is_set
        files = iter(lambda: None if stopped() else take_in_next(catalogue, job), None)
        ingest_and_encode(
            self._folder,
            lambda: self._encoder,
            files,
            on_progress=note,
            should_stop=stopped,
        )
        if stopped():
            catalogue.jobs.note(job, State.QUEUED)
            return
        self._live.refresh()
        catalogue.jobs.note(job, State.DONE)

    def _note_failure(self, catalogue: Catalogue, job: Job) -> None:
        try:
            catalogue.jobs.note(job, State.FAILED, problem=FAILED)
        except PasserelleError as second:  # a full disk takes no notes either
            log.warning("The job's state could not be saved: %s", second)


def _log(error: Exception) -> None:
    log.error("%s", error, exc_info=not isinstance(error, PasserelleError))
