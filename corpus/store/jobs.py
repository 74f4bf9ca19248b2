"""Work that was accepted: kept with the bytes it needs until it is done, whatever happens."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from corpus.errors import Refused, TooCostly
from corpus.store import sqlite
from corpus.store.blobs import Blobs, sha256_of
from corpus.store.job_types import (
    Job,
    JobFile,
    Kind,
    NothingOffered,
    Offered,
    Pending,
    State,
)
from corpus.store.spool import Place, Spool
from corpus.types import FileReport, Outcome, document_id

__all__ = ["Job", "JobFile", "Jobs", "Kind", "NothingOffered", "Offered", "Pending", "State"]

MAX_ENDS = 3
"""Times the process may end while it is at a file; two power cuts can hit the same one."""

KEPT_JOBS = 1000
"""Jobs that are done and still reported; some 100 KB for each thousand files."""

_ENDS_IT = TooCostly(
    f"The server ended {MAX_ENDS} times while reading this file. Save it in another format and "
    "send it again."
)


class _Bytes(NamedTuple):
    """Bytes that were put aside."""

    sha256: str
    place: Place


class _Aside(NamedTuple):
    """A file that was offered: where its bytes were put aside, or why it is refused."""

    file: str
    content: _Bytes | Refused


_WANTED = "(?{0} IS NULL OR collection IN (SELECT value FROM json_each(?{0})))"
"""SQL that holds for a job of collections given as JSON, or for every one if they are NULL."""


class Jobs(sqlite.Store):
    """The jobs of a catalogue."""

    def __init__(self, folder: Path, connection: Connection, blobs: Blobs) -> None:
        super().__init__(folder, connection)
        self._blobs = blobs

    def accept(
        self,
        kind: Kind,
        collection: str,
        files: Iterable[Offered],
        check: Callable[[], None] = lambda: None,
    ) -> Job:
        """Keep a new job and the bytes it needs, in one transaction.

        That begins when the last of ``files`` is read, so nobody waits for whoever sends them.
        ``check`` is called in it first, and raises what forbids the job by then.

        Raises:
            Refused: no file is left that could be taken in; this is the reason of the first.
            NothingOffered: there was none at all.
        """
        with Spool(self.folder) as spool:
            aside = [_put_aside(spool, file, content) for file, content in files]
            if not aside:
                raise NothingOffered("The request contains no file. Send one or more.")
            refusals = [each.content for each in aside if isinstance(each.content, Refused)]
            if len(refusals) == len(aside):
                raise refusals[0]
            with self.transaction():
                check()
                number, id_ = self._insert_job(kind, collection)
                self._insert_files(number, collection, aside, spool)
                self._forget_oldest()
        found = self.get(id_)
        assert found is not None
        return found

    def get(self, job: str, collections: frozenset[str] | None = None) -> Job | None:
        """Return a job by its id, if it is one of these ``collections``'.

        The files of any other are not even counted: that takes time, which would tell of it.
        """
        found = self._jobs(f"id = ?1 AND {_WANTED.format(2)}", (job, _wanted(collections)))
        return next(iter(found), None)

    def newest(self, limit: int, collections: frozenset[str] | None = None) -> list[Job]:
        """Return the newest jobs, newest first; of these ``collections``, or of all."""
        return self._jobs(
            f"{_WANTED.format(1)} ORDER BY number DESC LIMIT ?2", (_wanted(collections), limit)
        )

    def to_do(self) -> list[Job]:
        """Return the jobs that are not done, in the order in which they were accepted."""
        return self._jobs("state <> 'done' ORDER BY number", ())

    def count_to_do(self) -> int:
        """Return how many jobs are not done."""
        row = self._one("SELECT count(*) FROM jobs WHERE state <> 'done'")
        assert row is not None
        return int(row[0])

    def files(self, job: Job, settled_after: int | None = None) -> list[JobFile]:
        """Return a job's files; with ``settled_after`` those whose outcome came after so many,
        in the order in which it did, as far as the job has got by ``job.settled``."""
        wanted = "job = ?1 ORDER BY position"
        if settled_after is not None:
            wanted = "job = ?1 AND settled > ?2 AND settled <= ?3 ORDER BY settled"
        rows = self._rows(
            "SELECT file, outcome, document, reason, refusal, left_out"  # noqa: S608
            f" FROM job_files WHERE {wanted}",
            (job.number, settled_after, job.settled)[: 1 if settled_after is None else 3],
        )
        return [
            JobFile(
                file,
                Outcome(outcome) if outcome else None,
                document or None if outcome and outcome != Outcome.REFUSED else None,
                reason,
                refusal,
                json.loads(left_out) if left_out else {},
            )
            for file, outcome, document, reason, refusal, left_out in rows
        ]

    def next_file(self, job: Job) -> Pending | None:
        """Return the first file of a job that has no outcome yet."""
        row = self._one(
            # SQLite would take the primary key, and pass over all that are settled.
            "SELECT position, file, sha256 FROM job_files INDEXED BY job_files_next"
            " WHERE job = ? AND outcome IS NULL ORDER BY position LIMIT 1",
            (job.number,),
        )
        return Pending(*row) if row else None

    def is_pending(self, job: Job, position: int) -> bool:
        """Tell whether a file has no outcome yet; a removal can give it one at any time."""
        return (
            self._one(
                "SELECT 1 FROM job_files WHERE job = ? AND position = ? AND outcome IS NULL",
                (job.number, position),
            )
            is not None
        )

    def settle(self, job: int, position: int, outcome: Outcome, reason: str | None = None) -> None:
        """Note the outcome of a file, and delete its bytes if nothing else needs them."""
        self.settle_as(job, position, FileReport("", outcome, reason=reason))

    def settle_as(self, job: int, position: int, report: FileReport) -> None:
        """Do the same with all that is reported of a file."""
        with self.transaction():
            row = self._one(
                "SELECT j.collection, f.sha256 FROM job_files f JOIN jobs j ON j.number = f.job"
                " WHERE f.job = ? AND f.position = ?",
                (job, position),
            )
            self._execute(
                "UPDATE job_files SET outcome = ?3, reason = ?4, refusal = ?5, left_out = ?6,"
                " sha256 = NULL, settled ="
                " 1 + (SELECT coalesce(max(settled), 0) FROM job_files"
                " WHERE job = ?1 AND settled IS NOT NULL)"
                " WHERE job = ?1 AND position = ?2",
                (
                    job,
                    position,
                    report.outcome,
                    report.reason,
                    report.refusal,
                    json.dumps(report.left_out) if report.left_out else None,
                ),
            )
            if row and row[1]:
                self._blobs.release(*row)

    def note_ends(self) -> list[JobFile]:
        """Take note that the process ended, if jobs were under way; to be called when one starts.

        The file that each was at is refused if that was so MAX_ENDS times: reading it may be
        what ends the process. Returns those that are refused.
        """
        refused = []
        with self.transaction():
            for job in self._jobs("state = 'running'", ()):
                pending = self.next_file(job)
                if pending and self._ends(job, pending.position) >= MAX_ENDS:
                    reason, kind = str(_ENDS_IT), type(_ENDS_IT).__name__
                    report = FileReport("", Outcome.REFUSED, reason=reason, refusal=kind)
                    self.settle_as(job.number, pending.position, report)
                    refused.append(JobFile(pending.file, Outcome.REFUSED, None, reason, kind))
                self.note(job, State.QUEUED)
        return refused

    def _ends(self, job: Job, position: int) -> int:
        """Count one more end at a file, and return how many there were."""
        place = (job.number, position)
        self._execute("UPDATE job_files SET ends = ends + 1 WHERE job = ? AND position = ?", place)
        row = self._one("SELECT ends FROM job_files WHERE job = ? AND position = ?", place)
        assert row is not None
        return int(row[0])

    def cancel(self, document: str) -> int:
        """Note of every file that would become this document that it was removed before."""
        pending = list(
            self._rows(
                "SELECT job, position FROM job_files WHERE document = ? AND outcome IS NULL",
                (document,),
            )
        )
        for job, position in pending:
            self.settle(job, position, Outcome.REMOVED)
        return len(pending)

    def note(
        self,
        job: Job,
        state: State,
        *,
        problem: str | None = None,
        texts: tuple[int, int] | None = None,
    ) -> None:
        """Note how far a job is: its state, and how many texts are encoded, of how many."""
        with self.transaction():
            self._execute(
                "UPDATE jobs SET state = ?, problem = ?, finished = ? WHERE number = ?",
                (state, problem, _now() if state == State.DONE else None, job.number),
            )
            if texts:
                self._execute(
                    "UPDATE jobs SET texts_done = ?, texts_total = ? WHERE number = ?",
                    (*texts, job.number),
                )

    def _insert_job(self, kind: Kind, collection: str) -> tuple[int, str]:
        id_ = f"j-{secrets.token_hex(8)}"
        self._execute(
            "INSERT INTO jobs (id, kind, state, collection, created) VALUES (?, ?, ?, ?, ?)",
            (id_, kind, State.QUEUED, collection, _now()),
        )
        row = self._one("SELECT number FROM jobs WHERE id = ?", (id_,))
        assert row is not None
        return int(row[0]), id_

    def _insert_files(
        self, job: int, collection: str, files: Sequence[_Aside], spool: Spool
    ) -> None:
        settled = 0
        for position, (file, content) in enumerate(files):
            values: tuple[str | int | None, ...]
            if isinstance(content, Refused):
                settled += 1
                kind = type(content).__name__
                values = (None, Outcome.REFUSED, str(content), settled, kind)
            else:
                read = partial(spool.content, content.place)
                self._blobs.keep_as(collection, content.sha256, read)
                values = (content.sha256, None, None, None, None)
            self._execute(
                "INSERT INTO job_files (job, position, file, document, sha256, outcome, reason,"
                " settled, refusal) VALUES (?1, ?2, ?3, coalesce((SELECT id FROM documents WHERE"
                " collection = ?10 AND file = ?3), ?4), ?5, ?6, ?7, ?8, ?9)",
                (job, position, file, document_id(collection, file), *values, collection),
            )

    def _forget_oldest(self) -> None:
        self._execute(
            "DELETE FROM jobs WHERE state = 'done' AND number <= (SELECT number FROM jobs"
            " WHERE state = 'done' ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (KEPT_JOBS,),
        )

    def _jobs(self, where: str, parameters: tuple[object, ...]) -> list[Job]:
        rows = list(
            self._rows(
                "SELECT number, id, kind, state, collection, created, finished, problem,"  # noqa: S608
                f" texts_done, texts_total FROM jobs WHERE {where}",
                parameters,
            )
        )
        return [self._job(row) for row in rows]

    def _job(self, row: Sequence[object]) -> Job:
        number, id_, kind, state, collection, created, finished, problem, done, total = row
        counts: Counter[Outcome] = Counter()
        files = 0
        for outcome, count in self._rows(
            "SELECT outcome, count(*) FROM job_files WHERE job = ? GROUP BY outcome", (number,)
        ):
            files += count
            if outcome:
                counts[Outcome(outcome)] = count
        return Job(
            number=int(str(number)),
            id=str(id_),
            kind=Kind(str(kind)),
            state=State(str(state)),
            collection=str(collection),
            created=datetime.fromisoformat(str(created)),
            finished=datetime.fromisoformat(str(finished)) if finished else None,
            problem=str(problem) if problem else None,
            texts_done=int(str(done)),
            texts_total=int(str(total)),
            total=files,
            counts=counts,
        )


def progress_of(connection: Connection, job: str) -> tuple[object, ...] | None:
    """Return what differs once there is news of a job; None: there is no such job.

    It looks at an index's end, however many files the job has.
    """
    row: tuple[object, ...] | None = connection.execute(
        "SELECT state, problem, texts_done, texts_total, (SELECT max(settled) FROM job_files"
        " WHERE job = number AND settled IS NOT NULL) FROM jobs WHERE id = ?",
        (job,),
    ).fetchone()
    return row


def _put_aside(spool: Spool, file: str, content: bytes | Refused) -> _Aside:
    if isinstance(content, Refused):
        return _Aside(file, content)
    return _Aside(file, _Bytes(sha256_of(content), spool.put(content)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _wanted(collections: frozenset[str] | None) -> str | None:
    return None if collections is None else json.dumps(sorted(collections))
