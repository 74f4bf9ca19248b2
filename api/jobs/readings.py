"""How far the files are that are read just now: known while that goes on, and not kept."""

from __future__ import annotations

import threading
from typing import NamedTuple

from corpus.progress import Progress
from corpus.store.jobs import Pending


class Reading(NamedTuple):
    """A file that is read, and how much of it."""

    file: str
    so_far: Progress


class Readings:
    """What is read just now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_file: dict[Pending, Progress] = {}

    def note(self, file: Pending, so_far: Progress) -> None:
        """Note how far a file is."""
        with self._lock:
            self._of_file[file] = so_far

    def forget(self, file: Pending) -> None:
        """Note that a file is no longer read."""
        with self._lock:
            self._of_file.pop(file, None)

    def of(self, job: int) -> list[Reading]:
        """Return how far the files of a job are, in their order in it."""
        with self._lock:
            found = {file: so_far for file, so_far in self._of_file.items() if file.job == job}
        return [
            Reading(file.file, so_far)
            for file, so_far in sorted(found.items(), key=lambda each: each[0].position)
        ]
