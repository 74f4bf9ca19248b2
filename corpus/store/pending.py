"""Files that were accepted and have no outcome yet: which comes next, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from corpus.errors import TooCostly
from corpus.store.blobs import Blobs
from corpus.store.engine import Connection, Part, distinct_owners
from corpus.store.job_types import Pending
from corpus.types import FileReport, Outcome

MAX_ENDS = 3
"""Times the process may end while it is at a file; two power cuts can hit the same one."""

ENDS_IT = TooCostly(
    f"The server ended {MAX_ENDS} times while reading this file. Save it in another format and "
    "send it again."
)


class Span(NamedTuple):
    """Files by their weight, which is their size or that of one before them: over, up to."""

    over: int
    up_to: int


_PENDING = (
    "SELECT f.job, f.position, f.file, f.sha256, f.document, f.bytes, f.ends, f.owner, j.kind,"
    " j.collection FROM job_files f{} JOIN jobs j ON j.number = f.job WHERE f.outcome IS NULL AND"
)


class PendingFiles(Part):
    """The files of a catalogue that wait to be taken in."""

    def __init__(self, folder: Path, connection: Connection, blobs: Blobs) -> None:
        super().__init__(folder, connection)
        self._blobs = blobs

    def next_of(self, job: int) -> Pending | None:
        """Return the first file of a job that has no outcome yet."""
        # SQLite would take the primary key, and pass over all that are settled.
        index = " INDEXED BY job_files_next"
        return self._pending("f.job = ? ORDER BY f.position LIMIT 1", (job,), index)

    def owners(self) -> list[str]:
        """Return whose files wait, without a look at all of them."""
        return [
            row[0]
            for row in self._rows(
                distinct_owners("job_files", "job_files_queue", "outcome IS NULL")
            )
        ]

    def first_of(
        self, owner: str, span: Span, without_jobs: Collection[int] = ()
    ) -> Pending | None:
        """Return what an owner's next file waits for: itself, or one before it.

        Of an owner the smallest comes first. Of one document the one that was accepted first comes
        first, whoever sent it, since a later one may hold a newer state.
        """
        found = self._pending(
            "f.owner = ?1 AND f.weight > ?2 AND f.weight <= ?3"
            " AND f.job NOT IN (SELECT value FROM json_each(?4))"
            " ORDER BY f.weight, f.job, f.position LIMIT 1",
            (owner, *span, json.dumps(list(without_jobs))),
            " INDEXED BY job_files_queue",
        )
        if found is None:
            return None
        return self._pending(
            "f.document = ? ORDER BY f.job, f.position LIMIT 1",
            (found.document,),
            " INDEXED BY job_files_to_do",
        )

    def is_pending(self, job: int, position: int) -> bool:
        """Tell whether a file has no outcome yet; a removal can give it one at any time."""
        return (
            self._one(
                "SELECT 1 FROM job_files WHERE job = ? AND position = ? AND outcome IS NULL",
                (job, position),
            )
            is not None
        )

    def has_suspects(self) -> bool:
        """Tell whether the process ended at a file that waits: such are read one by one."""
        query = "SELECT 1 FROM job_files WHERE ends > 0 AND outcome IS NULL LIMIT 1"
        return self._one(query) is not None

    def begin(self, file: Pending) -> None:
        """Note that a file is being read, and its job under way."""
        with self._connection.unsynced(), self.transaction():
            self._mark(file, begun=True)
            self._execute(
                "UPDATE jobs SET state = 'running', problem = NULL"
                " WHERE number = ? AND state IN ('queued', 'failed')",
                (file.job,),
            )

    def leave(self, file: Pending) -> None:
        """Note that a file is not being read any more, though it has no outcome."""
        with self._connection.unsynced(), self.transaction():
            self._mark(file, begun=False)

    def _mark(self, file: Pending, *, begun: bool) -> None:
        self._execute(
            "UPDATE job_files SET begun = ? WHERE job = ? AND position = ?",
            (int(begun), file.job, file.position),
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
                " sha256 = NULL, begun = 0, settled ="
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

    def note_ends(self) -> list[str]:
        """Take note that the process ended, if it was at files; to be called when one starts.

        A file is refused if that was so MAX_ENDS times: reading it may be what ends the process.
        Returns the names of those that are.
        """
        refused = []
        with self.transaction():
            self._execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")
            self._execute("UPDATE job_files SET ends = ends + 1 WHERE begun = 1")
            self._execute("UPDATE job_files SET begun = 0 WHERE begun = 1")
            for job, position, file in list(
                self._rows(
                    "SELECT job, position, file FROM job_files"
                    " WHERE ends > 0 AND outcome IS NULL AND ends >= ?",
                    (MAX_ENDS,),
                )
            ):
                kind = type(ENDS_IT).__name__
                report = FileReport("", Outcome.REFUSED, reason=str(ENDS_IT), refusal=kind)
                self.settle_as(job, position, report)
                refused.append(file)
        return refused

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

    def _pending(
        self, where: str, parameters: tuple[object, ...], index: str = ""
    ) -> Pending | None:
        row = self._one(f"{_PENDING.format(index)} {where}", parameters)
        return None if row is None else Pending(*row)
