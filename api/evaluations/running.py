"""Asks a question file in a thread of its own, slowly, while readers are answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final, NamedTuple

from api.answering import Answering
from api.evaluations import kept
from api.evaluations.kept import Evaluation, Share
from corpus.errors import PasserelleError
from corpus.store import erasure
from index.snapshot import EVERYTHING, Snapshot
from qa.evaluation.metrics import Figures
from qa.evaluation.qrels import JudgedQuestion, read_questions
from qa.evaluation.report import report
from qa.evaluation.run import Judged, evaluate

MAX_QUESTIONS: Final = 2_000
"""Of a file. For more there is the command line: a state of the collection is held all the while,
and nothing that is deleted can be overwritten before it is let go."""

MAX_DOCUMENTS: Final = 200_000
"""Of a collection, whose names are held meanwhile: some 200 MB."""

MAX_SECONDS: Final = 1_800.0
"""That an evaluation takes at most, since it holds a state of the collection."""

PAUSE: Final = 2.0
"""How long it rests after each question, in times of what that took. So it takes a third of the
time of one thread, and readers' questions have the rest."""

log = logging.getLogger(__name__)


class Ending(StrEnum):
    """Why an evaluation brought no figures."""

    TOO_MANY = "too_many"
    """Questions, or documents."""
    TOO_SLOW = "too_slow"
    GAVE_WAY = "gave_way"
    """To an erasure, which needs older states to be let go."""
    STOPPED = "stopped"
    """The server ended."""
    FAILED = "failed"
    """The log says why."""


class Progress(NamedTuple):
    """How far the evaluation is that runs."""

    done: int
    questions: int


class _Ended(Exception):
    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class Evaluator:
    """Evaluates a question file when it is told to, one evaluation at a time."""

    def __init__(
        self, folder: Path, file: Path | None, answering: Answering, *, reads: bool = True
    ) -> None:
        """``reads`` is whether passages are read, as for readers, or only ranked."""
        self._folder = folder
        self._file = file
        self._answering = answering
        self._reads = reads
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._progress: Progress | None = None
        self._ending: Ending | None = None

    @property
    def is_possible(self) -> bool:
        """Whether the operator has named a file."""
        return self._file is not None

    @property
    def progress(self) -> Progress | None:
        """How far the evaluation is; None where none runs."""
        return self._progress

    @property
    def ending(self) -> Ending | None:
        """Why the last one brought no figures; None if it did, or there was none."""
        return self._ending

    def use(self, answering: Answering) -> None:
        """Evaluate another model from now on. What runs goes on with the one it began with."""
        self._answering = answering

    def begin(self) -> None:
        """Begin an evaluation, unless one runs or there is no file."""
        with self._lock:
            if self._file is None or self._progress or self._stop.is_set():
                return
            self._ending = None
            try:
                questions = read_questions(self._file)
            except PasserelleError as error:
                log.error("The question file cannot be evaluated: %s", error)
                self._ending = Ending.FAILED
                return
            if len(questions) > MAX_QUESTIONS:
                self._ending = Ending.TOO_MANY
                return
            self._progress = Progress(0, len(questions))
            self._thread = Thread(
                target=self._run, args=(questions,), name="evaluation", daemon=True
            )
            self._thread.start()

    def join(self) -> None:
        """Wait until no evaluation runs."""
        if self._thread:
            self._thread.join()

    def close(self) -> None:
        """End the evaluation that runs, without figures."""
        self._stop.set()
        self.join()

    def kept(self) -> list[Evaluation]:
        """Return the evaluations of the past, newest first.

        Raises:
            CatalogueError: they cannot be read.
        """
        return kept.kept(self._folder)

    def _run(self, questions: list[JudgedQuestion]) -> None:
        try:
            kept.keep(self._folder, self._evaluated(questions))
        except _Ended as ended:
            self._ending = ended.ending
        except Exception as error:
            known = isinstance(error, PasserelleError)
            log.error("The question file was not evaluated: %s", error, exc_info=not known)
            self._ending = Ending.FAILED
        self._progress = None

    def _evaluated(self, questions: list[JudgedQuestion]) -> Evaluation:
        answering = self._answering
        snapshot = answering.live.newest()
        if snapshot.extent(EVERYTHING).documents > MAX_DOCUMENTS:
            raise _Ended(Ending.TOO_MANY)
        judged = evaluate(
            snapshot,
            answering.search,
            questions,
            reader=answering.reader if self._reads else None,
            batch_questions=1,  # so that no reader waits for a long pass through the model
            progress=self._rest(),
        )
        return _figures(str(answering.encoder.identity), snapshot, questions, judged)

    def _rest(self) -> Callable[[int], None]:
        """Return what is to be called after each question; it rests, or raises _Ended."""
        began = last = monotonic()

        def rest(asked: int) -> None:
            nonlocal last
            assert self._progress is not None
            self._progress = self._progress._replace(done=self._progress.done + asked)
            if self._stop.wait(PAUSE * (monotonic() - last)):
                raise _Ended(Ending.STOPPED)
            if erasure.is_under_way(self._folder):
                raise _Ended(Ending.GAVE_WAY)
            last = monotonic()
            if last - began > MAX_SECONDS:
                raise _Ended(Ending.TOO_SLOW)

        return rest


def _figures(
    model: str, snapshot: Snapshot, questions: list[JudgedQuestion], judged: list[Judged]
) -> Evaluation:
    result = report(judged)
    none = result.unanswerable
    answered = [each.answered for each in judged if each.answerable]
    return Evaluation(
        made=datetime.now(UTC).replace(microsecond=0),
        model=model,
        generation=snapshot.generation,
        questions=len(judged),
        skipped=len(questions) - len(judged),
        first=_share(result.overall, "success_at_1"),
        among_five=_share(result.overall, "success_at_5"),
        refused=none.abstention_rate if none else None,
        wrongly_refused=1 - sum(answered) / len(answered) if answered else None,
    )


def _share(figures: Figures | None, measure: str) -> Share | None:
    if figures is None:
        return None
    return Share(getattr(figures, measure), *figures.intervals[measure])
