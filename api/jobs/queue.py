"""Which file is read next, where several are read at once."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import Enum

from corpus import sandbox
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Pending
from corpus.store.pending import Span
from corpus.turns import Turns


class Lane(Enum):
    """Files that are read one after another; each lane has a process of its own to read them."""

    SMALL = Span(-1, sandbox.SMALL_BYTES)
    LARGE = Span(sandbox.SMALL_BYTES, 2**62)


class FileQueue:
    """Hands out the files that wait: by turns among keys, and the smallest of a key first.

    A small file waits for no large one. Files of one document come in the order in which they were
    accepted, whoever sent them. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_hand: list[Pending] = []
        self._turns = {lane: Turns() for lane in Lane}

    @contextmanager
    def next(
        self, catalogue: Catalogue, lane: Lane, without_jobs: Collection[int]
    ) -> Iterator[Pending | None]:
        """Hold the next file of a lane; None if there is none that may be begun now."""
        with self._lock:
            found = self._choose(catalogue, lane, without_jobs)
            if found is not None:
                self._in_hand.append(found)
        try:
            yield found
        finally:
            if found is not None:
                with self._lock:
                    self._in_hand.remove(found)

    def _choose(
        self, catalogue: Catalogue, lane: Lane, without_jobs: Collection[int]
    ) -> Pending | None:
        if self._in_hand and catalogue.jobs.has_suspects():
            return None  # so that it shows which of them ends the process
        turns, owners = self._turns[lane], set(catalogue.jobs.owners())
        busy = {file.document for file in self._in_hand}
        while (owner := turns.next(owners)) is not None:
            found = catalogue.jobs.first_of(owner, lane.value, without_jobs)
            if found and found.document not in busy and found.job not in without_jobs:
                turns.charge(found.owner, found.bytes)
                return found
            owners.remove(owner)
        return None
