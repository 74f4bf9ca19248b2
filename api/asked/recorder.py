"""Counts questions beside the answering of them, in batches."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final, NamedTuple

from api.asked import counts
from api.asked.alike import folded
from api.asked.types import Figures, Kind, Outcome, Places
from corpus.errors import CatalogueError
from qa.thanks import is_thanks
from qa.types import Abstention, Answer, Question

BATCH_SECONDS: Final = 10.0
"""Pause between two batches. What was asked since the last is lost if the process is killed."""

MAX_WAITING: Final = 10_000
"""Questions that wait while the file cannot be written, 8 MB at worst; others are not counted."""

log = logging.getLogger(__name__)


class _Asked(NamedTuple):
    day: date
    named: str
    """The one collection that was asked for, which may not be there; empty: none, or several."""
    reads: Places
    """What the asker may read."""
    outcome: Outcome
    words: str


def today() -> date:
    """Return the day that a question is counted for, in UTC."""
    return datetime.now(UTC).date()


class Recorder:
    """Notes questions, and writes them down soon after.

    A file that cannot be written loses counts, and never an answer.
    """

    def __init__(
        self,
        folder: Path,
        words_days: int,
        collections: Callable[[], frozenset[str]],
        clock: Callable[[], date] = today,
        *,
        forgets: bool = True,
    ) -> None:
        """``collections`` are those that are there now; words are kept for ``words_days``.

        What runs beside a server, and may have other settings, does not forget what that keeps.
        """
        self._folder = folder
        self._words_days = words_days
        self._collections = collections
        self._clock = clock
        self._forgets = forgets
        self._waiting: deque[_Asked] = deque(maxlen=MAX_WAITING)
        self._writing = Lock()
        self._forgotten_on: date | None = None
        self._fails = False
        self._stop = Event()
        self._thread = Thread(target=self._run, name="questions", daemon=True)

    def start(self) -> None:
        """Begin to write, in a thread of its own; first, what has to go is deleted."""
        self._thread.start()

    def close(self) -> None:
        """Write what is noted, and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.write()

    def note(self, question: Question, outcome: Answer | Abstention, reads: Places) -> None:
        """Have a question counted that was answered to one who ``reads`` some collections."""
        text = outcome.question.text
        if isinstance(outcome, Abstention) and is_thanks(text):
            return
        named = question.scope.collections if reads is None else question.scope.collections & reads
        self._waiting.append(
            _Asked(
                self._clock(),
                next(iter(named)) if len(named) == 1 else "",
                reads,
                _came_of(outcome),
                folded(text) if self._words_days else "",
            )
        )

    def write(self) -> None:
        """Write down what is noted, and delete what has to go; log what forbids it, once."""
        with self._writing:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                self._forget()
                if batch:
                    counts.add(self._folder, Counter(self._kinds(batch)))
            except CatalogueError as error:
                self._waiting.extendleft(reversed(batch))
                if not self._fails:
                    log.warning("Questions cannot be counted for now: %s", error)
                self._fails = True
            else:
                self._fails = False

    @property
    def fails(self) -> bool:
        """Whether questions could not be counted when that was last tried."""
        return self._fails

    def rename(self, old: str, new: str) -> None:
        """Have a collection's questions be those of its new name."""
        self.write()
        try:
            counts.rename(self._folder, old, new)
        except CatalogueError as error:
            log.warning("The questions asked in %r stay counted under that name: %s", old, error)

    def figures(self, days: int, within: Places) -> Figures:
        """Return what may be told of the last days' questions ``within`` some collections alone.

        Raises:
            CatalogueError: the file cannot be read.
        """
        self.write()
        day = self._clock()
        first_worded = counts.since(day, self._words_days)
        return counts.figures(self._folder, counts.since(day, days), first_worded, within)

    def _run(self) -> None:
        self.write()
        while not self._stop.wait(BATCH_SECONDS):
            self.write()

    def _forget(self) -> None:
        """Delete what has to go, once a day, if that is its task."""
        day = self._clock()
        if self._forgets and day != self._forgotten_on:
            counts.forget(self._folder, day, self._words_days)
            self._forgotten_on = day

    def _kinds(self, batch: list[_Asked]) -> list[Kind]:
        """Return what each counts as: asked in the one collection named, or in all that are read.

        So there are few kinds, and whoever asks chooses none of the names that are kept.
        """
        known = self._collections() if any(each.named for each in batch) else frozenset()
        return [
            Kind(
                each.day,
                frozenset({each.named}) if each.named in known else each.reads,
                each.outcome,
                each.words,
            )
            for each in batch
        ]


def _came_of(outcome: Answer | Abstention) -> Outcome:
    if isinstance(outcome, Abstention):
        return Outcome.NOTHING
    return Outcome.ANSWERED if outcome.is_sure else Outcome.PERHAPS
