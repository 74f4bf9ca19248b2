"""What is known of jobs and their files, as it passes in and out of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from corpus.errors import PasserelleError, Refused
from corpus.types import Outcome


class Kind(StrEnum):
    """What a job does."""

    UPLOAD = "upload"
    REPLACE = "replace"


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    """The last try came to nothing. There will be another."""
    DONE = "done"


class NothingOffered(PasserelleError):
    """There is no file to accept."""


class Offered(NamedTuple):
    """A file to accept: its bytes, or why it is refused at once."""

    file: str
    content: bytes | Refused


class Pending(NamedTuple):
    """A file that a job has still to take in."""

    job: int
    position: int
    file: str
    sha256: str
    document: str
    """Id of what it will be."""
    bytes: int
    ends: int
    """How often the process ended while it was at this file, though maybe by another one."""
    owner: str
    kind: str
    """What its job does, by the name of a ``Kind``."""
    collection: str


class JobFile(NamedTuple):
    """The outcome of one file of a job; none while it waits."""

    file: str
    outcome: Outcome | None
    document: str | None
    reason: str | None
    refusal: str | None = None
    """Name of the error's class, if it was refused."""
    left_out: Mapping[str, int] = MappingProxyType({})
    """How much of it is not in the document's text, by reason."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands, without its files."""

    number: int
    id: str
    kind: Kind
    state: State
    collection: str
    created: datetime
    finished: datetime | None
    problem: str | None
    """Why the last try failed."""
    texts_done: int
    texts_total: int
    """Passages and sentences of the documents that were read so far."""
    total: int
    """Files."""
    counts: Mapping[Outcome, int]

    @property
    def settled(self) -> int:
        """How many files have their outcome."""
        return sum(self.counts.values())
