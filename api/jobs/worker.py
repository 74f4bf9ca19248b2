"""Carries out what was accepted, in the background, so that nobody waits for another's long work.

Three threads: one reads small files, one reads large ones, one makes vectors. Each shares its time
among the keys by the work done for them.
"""

from __future__ import annotations

import logging
import threading
from functools import partial

from api.jobs.loop import FIRST_PAUSE_SECONDS, Loop, Setbacks, log_error
from api.jobs.queue import FileQueue, Lane
from api.jobs.readings import Reading, Readings
from corpus import progress
from corpus.errors import PasserelleError
from corpus.store import reserve
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Pending, State
from corpus.store.pending import ENDS_IT
from corpus.store.store import Store
from corpus.turns import Turns
from corpus.uploads import take_in
from index.encoders.protocol import Encoder
from index.errors import ModelSwitched
from index.live import LiveIndex
from index.writer import WaitingTexts

FAILED = "The last attempt failed; the server's log says why. Another will follow."
"""What a stranger may know: the error itself names folders."""

log = logging.getLogger(__name__)


class Worker:
    """Takes in the files of accepted jobs, makes their vectors and publishes them.

    What an earlier run left undone is done first. A job that fails, as on a full disk, is
    tried again until it comes to its end, for its files were accepted.
    """

    def __init__(self, store: Store, encoder: Encoder, live: LiveIndex) -> None:
        self._store = store
        self._encoder = encoder
        self._live = live
        self._stop = threading.Event()
        self._queue = FileQueue()
        self._readings = Readings()
        self._encoding_turns = Turns()
        self._failed_jobs = Setbacks[int]()
        self._failed_owners = Setbacks[str]()
        self._loops = [
            *(Loop(f"reading {lane.name.lower()} files", partial(self._read, lane), self._stop)
              for lane in Lane),
            Loop("encoding", self._encode, self._stop),
        ]  # fmt: skip

    def use(self, encoder: Encoder, live: LiveIndex) -> None:
        """Encode with another model from now on, which has taken the old one's place."""
        self._encoder, self._live = encoder, live
        self.wake()

    def start(self) -> None:
        """Begin, in threads of its own."""
        self._note_ends()
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Look for work now."""
        for loop in self._loops:
            loop.wake()

    def readings(self, job: int) -> list[Reading]:
        """Return how far the files of a job are that are read just now, if that takes long."""
        return self._readings.of(job)

    def stop(self) -> None:
        """Take nothing more on."""
        self._stop.set()
        self.wake()

    @property
    def is_alive(self) -> bool:
        """Whether jobs are carried out."""
        return all(loop.is_alive for loop in self._loops)

    @property
    def is_stopping(self) -> bool:
        """Whether it is about to stop, or has."""
        return self._stop.is_set()

    def close(self) -> None:
        """Stop as soon as what is under way is kept; the rest is left for the next start."""
        self.stop()
        for loop in self._loops:
            loop.join()

    def _note_ends(self) -> None:
        try:
            with self._store.existing() as catalogue:
                for file in catalogue.jobs.note_ends():
                    log.error("%s is refused: %s", file, ENDS_IT)
        except PasserelleError as error:
            log_error(error)

    def _read(self, lane: Lane) -> float:
        """Take in the files of a lane; return the seconds until something is to be tried again."""
        with self._store.existing() as catalogue:
            while self._may_go_on() and self._take_in_next(catalogue, lane):
                pass
        return self._failed_jobs.seconds()

    def _take_in_next(self, catalogue: Catalogue, lane: Lane) -> bool:
        """Take in one file, and tell whether there was one."""
        with self._queue.next(catalogue, lane, self._failed_jobs.resting()) as file:
            if file is None:
                return False
            try:
                catalogue.jobs.begin(file)
                with progress.told(partial(self._readings.note, file)):
                    take_in(catalogue, file)
            except Exception as error:
                log_error(error)
                self._failed_jobs.note(file.job)
                self._note_failure(catalogue, file)
                return True
            finally:
                self._readings.forget(file)
        self._failed_jobs.forget(file.job)
        self._finish(catalogue)
        self.wake()  # there is something to encode, and the other lane may have waited for this
        return True

    def _encode(self) -> float:
        """Make the vectors of what waits; return the seconds until that is to be tried again."""
        with self._store.existing() as catalogue:
            self._finish(catalogue)
            catalogue.tidy()
            if catalogue.waiting() and self._may_go_on():
                try:
                    self._encode_waiting(catalogue)
                except ModelSwitched:  # until the new model is loaded
                    return FIRST_PAUSE_SECONDS
        return self._failed_owners.seconds()

    def _encode_waiting(self, catalogue: Catalogue) -> None:
        waiting = WaitingTexts(catalogue, self._encoder)
        self._finish(catalogue)
        while self._may_go_on() and self._encode_next(catalogue, waiting):
            self._finish(catalogue)

    def _encode_next(self, catalogue: Catalogue, waiting: WaitingTexts) -> bool:
        """Encode some texts, and tell whether any waited."""
        owners = set(catalogue.waiting_owners()) - self._failed_owners.resting()
        owner = self._encoding_turns.next(owners)
        if owner is None:
            return False
        try:
            encoded = waiting.encode_some(owner)
        except ModelSwitched:
            raise
        except Exception as error:
            log_error(error)
            self._failed_owners.note(owner)
            catalogue.jobs.note_failed_encoding(owner, FAILED)
            return True
        self._failed_owners.forget(owner)
        self._encoding_turns.charge(owner, encoded.characters)
        for job, texts in encoded.covered.items():
            catalogue.jobs.note_texts(job, done=texts)
        return True

    def _may_go_on(self) -> bool:
        """Tell whether more may be begun: not without the reserve, whose room it would take."""
        return not self._stop.is_set() and reserve.keep(self._store.folder)

    def _finish(self, catalogue: Catalogue) -> None:
        """Note the jobs of which nothing waits any more, once what they brought can be found."""
        if completed := catalogue.jobs.completed():
            self._live.refresh()
            if self._live.is_outdated:  # what they brought is found once the new model answers
                return
            for job in completed:
                catalogue.jobs.note(job, State.DONE)

    def _note_failure(self, catalogue: Catalogue, file: Pending) -> None:
        try:
            catalogue.jobs.leave(file)
            catalogue.jobs.note_failure(file.job, FAILED)
        except PasserelleError as second:  # a full disk takes no notes either
            log.warning("The job's state could not be saved: %s", second)
