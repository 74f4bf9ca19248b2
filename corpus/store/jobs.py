"""Work that was accepted: kept with the bytes it needs until it is done, whatever happens."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from corpus.errors import Refused
from corpus.store import ids
from corpus.store.blobs import sha256_of
from corpus.store.job_types import (
    Job,
    JobFile,
    Kind,
    NothingOffered,
    Offered,
    Pending,
    State,
)
from corpus.store.pending import PendingFiles
from corpus.store.quotas import UNLIMITED, Account, Usage
from corpus.store.spool import Place, Spool
from corpus.types import Outcome

__all__ = ["Job", "JobFile", "Jobs", "Kind", "NothingOffered", "Offered", "Pending", "State"]

KEPT_JOBS = 1000
"""Jobs that are done and still reported; some 100 KB for each thousand files."""


class _Bytes(NamedTuple):
    """Bytes that were put aside."""

    sha256: str
    place: Place


class _Aside(NamedTuple):
    """A file that was offered: where its bytes were put aside, or why it is refused."""

    file: str
    content: _Bytes | Refused


MACHINE = Account()
"""What comes from the machine itself, without a key."""

_WANTED = "(?{0} IS NULL OR collection IN (SELECT CAST(value AS TEXT) FROM json_each(?{0})))"
"""SQL that holds for a job of collections given as JSON, or for every one if they are NULL."""


class Jobs(PendingFiles):
    """The jobs of a catalogue."""

    def accept(
        self,
        kind: Kind,
        collection: str,
        files: Iterable[Offered],
        check: Callable[[str], None] = lambda _: None,
        account: Account = MACHINE,
    ) -> Job:
        """Keep a new job and the bytes it needs, in one transaction.

        That begins when the last of ``files`` is read, so nobody waits for whoever sends them.
        ``check`` is called in it first, with the job's id, and raises what forbids the job by then.
        The job and its documents count for the ``account``.

        Raises:
            QuotaReached: with it there would be more than the account allows.
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
                id_ = f"j-{secrets.token_hex(8)}"
                check(id_)
                number = self._insert_job(id_, kind, collection, account.owner)
                self._insert_files(number, collection, account.owner, aside, spool)
                if account.quota != UNLIMITED:
                    account.quota.check(self.usage(account.owner))
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

    def count_to_do(self, owner: str | None = None) -> int:
        """Return how many jobs are not done; of an ``owner``, or of all."""
        row = self._one(
            "SELECT count(*) FROM jobs WHERE state <> 'done' AND (?1 IS NULL OR owner = ?1)",
            (owner,),
        )
        assert row is not None
        return int(row[0])

    def usage(self, owner: str) -> Usage:
        """Return what an owner has, once all that was accepted is taken in."""
        row = self._one(
            "WITH waiting AS (SELECT document AS id, bytes FROM job_files"
            " INDEXED BY job_files_queue WHERE owner = ?1 AND outcome IS NULL),"
            " kept AS (SELECT id, bytes FROM documents WHERE owner = ?1 AND live NOTNULL"
            " AND id NOT IN (SELECT id FROM waiting))"
            " SELECT count(DISTINCT id), coalesce(sum(bytes), 0),"
            " (SELECT count(*) FROM jobs WHERE state <> 'done' AND owner = ?1)"
            " FROM (SELECT * FROM waiting UNION ALL SELECT * FROM kept)",
            (owner,),
        )
        assert row is not None
        return Usage(*row)

    def completed(self) -> list[Job]:
        """Return the jobs that are not done, though nothing of them waits any more."""
        return self._jobs(
            "state <> 'done' AND NOT EXISTS (SELECT 1 FROM job_files"
            " INDEXED BY job_files_next WHERE job = number AND outcome IS NULL) AND NOT EXISTS"
            " (SELECT 1 FROM documents WHERE live = 0 AND job = number) ORDER BY number",
            (),
        )

    def progress(self, job: str) -> tuple[object, ...] | None:
        """Return a job's number and what differs once there is news; None: there is no such job.

        It looks at an index's end, however many files the job has.
        """
        return self._one(
            "SELECT number, state, problem, texts_done, texts_total,"
            " (SELECT max(settled) FROM job_files"
            " WHERE job = number AND settled IS NOT NULL) FROM jobs WHERE id = ?",
            (job,),
        )

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
        return self.next_of(job.number)

    def note(self, job: Job, state: State) -> None:
        """Note how far a job is."""
        self._execute(
            "UPDATE jobs SET state = ?, problem = NULL, finished = ? WHERE number = ?",
            (state, _now() if state == State.DONE else None, job.number),
        )

    def note_failure(self, job: int, problem: str) -> None:
        """Note that the last try at a file of a job came to nothing."""
        self._execute(
            "UPDATE jobs SET state = 'failed', problem = ? WHERE number = ? AND state <> 'done'",
            (problem, job),
        )

    def note_failed_encoding(self, owner: str, problem: str) -> None:
        """Note of each job whose documents wait, and are an owner's, that the last try failed."""
        self._execute(
            "UPDATE jobs SET state = 'failed', problem = ?1 WHERE state <> 'done' AND number IN"
            " (SELECT job FROM documents WHERE live = 0 AND owner = ?2)",
            (problem, owner),
        )

    def note_texts(self, job: int, *, found: int = 0, done: int = 0) -> None:
        """Note that so many more texts of a job are to be encoded, or are."""
        self._execute(
            "UPDATE jobs SET texts_total = texts_total + ?2,"
            " texts_done = min(texts_total + ?2, texts_done + ?3),"
            " state = iif(state = 'done', state, 'running'), problem = NULL WHERE number = ?1",
            (job, found, done),
        )

    def _insert_job(self, id_: str, kind: Kind, collection: str, owner: str) -> int:
        self._execute(
            "INSERT INTO jobs (id, kind, state, collection, created, owner)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (id_, kind, State.QUEUED, collection, _now(), owner),
        )
        row = self._one("SELECT number FROM jobs WHERE id = ?", (id_,))
        assert row is not None
        return int(row[0])

    def _insert_files(
        self, job: int, collection: str, owner: str, files: Sequence[_Aside], spool: Spool
    ) -> None:
        settled = 0
        for position, (file, content) in enumerate(files):
            document = self._becomes(collection, file)
            if isinstance(content, Refused):
                settled += 1
                refusal = (Outcome.REFUSED, str(content), type(content).__name__, settled)
                self._execute(
                    "INSERT INTO job_files (job, position, file, document, owner, outcome, reason,"
                    " refusal, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (job, position, file, document, owner, *refusal),
                )
                continue
            read = partial(spool.content, content.place)
            self._blobs.keep_as(collection, content.sha256, read)
            size = content.place.size
            self._execute(
                "INSERT INTO job_files (job, position, file, document, owner, sha256, bytes,"
                " weight) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, max(?7, coalesce((SELECT weight FROM"
                " job_files WHERE document = ?4 AND outcome IS NULL"
                " ORDER BY job DESC, position DESC LIMIT 1), 0)))",
                (job, position, file, document, owner, content.sha256, size),
            )

    def _becomes(self, collection: str, file: str) -> str:
        """Return the id of the document that a file will be."""
        return ids.of_file(collection, file, self._rows)

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


def _put_aside(spool: Spool, file: str, content: bytes | Refused) -> _Aside:
    if isinstance(content, Refused):
        return _Aside(file, content)
    return _Aside(file, _Bytes(sha256_of(content), spool.put(content)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _wanted(collections: frozenset[str] | None) -> str | None:
    return None if collections is None else json.dumps(sorted(collections))
