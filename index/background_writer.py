"""Ingest with both halves at once: vectors are made in a thread while further files are read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from corpus.store.catalogue import Catalogue
from corpus.store.store import Store
from corpus.types import FileReport, Outcome
from index.encoders.protocol import Encoder
from index.writer import Progress, encode_waiting


def ingest_and_encode(
    store: Store,
    load: Callable[[], Encoder],
    files: Iterable[FileReport],
    *,
    on_file: Callable[[FileReport], None] = lambda _: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[FileReport]:
    """Ingest ``files`` one by one and encode them; return the outcome of each.

    Drawing a report from ``files`` takes that file into the catalogue of ``store``. The model is
    loaded by the first file that brings something new. ``on_progress`` is told of the encoding
    once all files are read. Once ``should_stop`` is true, the next run takes over.

    Raises:
        CatalogueError: the catalogue cannot be used.
        ModelError: the model cannot be loaded, or is not the collection's.
    """
    reports: list[FileReport] = []
    with BackgroundWriter(store, load, should_stop) as writer:
        for report in files:
            reports.append(report)
            if report.outcome in (Outcome.ADDED, Outcome.UPDATED):
                writer.wake()
            on_file(report)
        writer.finish(on_progress)
    return reports


class BackgroundWriter:
    """Encodes what is put into a catalogue, from the first ``wake`` until ``finish``.

    Only then is the model loaded, so that reading goes on meanwhile and a run that brings
    nothing new does without it. Left before its end, or once ``should_stop`` says so, it stops
    after the texts in hand; what is missing is made by the next run.
    """

    def __init__(
        self,
        store: Store,
        load: Callable[[], Encoder],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._load = load
        self._should_stop = should_stop
        self._report: Callable[[Progress], None] = lambda _: None
        self._more = threading.Event()
        self._is_last = self._is_stopped = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="encoding", daemon=True)

    def wake(self) -> None:
        """Say that there may be something to encode."""
        self._more.set()

    def finish(self, report: Callable[[Progress], None] = lambda _: None) -> None:
        """Wait until every document has its vectors and can be found, or until asked to stop.

        Raises:
            CatalogueError: the vectors could not be kept.
            ModelError: the model cannot be loaded, or is not the collection's.
        """
        self._report = report
        self._is_last = True
        self._more.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_stopped = True
        self._more.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with self._store.catalogue() as catalogue:
                self._encode(catalogue)
        except BaseException as error:
            self._error = error

    def _encode(self, catalogue: Catalogue) -> None:
        encoder: Encoder | None = None
        is_last = False
        while not is_last:
            self._more.wait()
            self._more.clear()
            is_last = self._is_last  # before looking, so that nothing put before is missed
            if self._stops():
                return
            if catalogue.waiting():
                encoder = encoder or self._load()
                encode_waiting(
                    catalogue,
                    encoder,
                    lambda progress: self._report(progress),
                    self._stops,
                )

    def _stops(self) -> bool:
        return self._is_stopped or self._should_stop()
