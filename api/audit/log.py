"""Writing the audit log: a line is on the disk before what it tells of is done.

So after a crash a line may stand for something that was not done, and nothing was done without a
line. Several processes may write; each line is written under a lock.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from api.audit import chain
from api.audit.chain import EMPTY, HEAD_NAME, Actor, Deed, Head, Record, Verified
from corpus.store import reserve, sqlite
from corpus.store.filesystem import sync

MAX_FILE_BYTES: Final = 16 * 2**20
"""Size of a file after which the log goes on in another: some 60,000 lines."""

WAIT_SECONDS: Final = 2.0
"""Time that a line waits for others that are written; each takes a sync of the disk."""

MAX_NAME: Final = 100
"""Characters of a key's name that are kept, so that a line is bounded."""

SYSTEM: Final = Actor("", "the log itself")

log = logging.getLogger(__name__)


class AuditLog:
    """The audit log of a data folder; one that is switched off keeps nothing.

    Safe to use from several threads and processes. Writing waits for the disk, so it is not for the
    event loop.
    """

    def __init__(self, folder: Path, *, is_on: bool = True) -> None:
        self._folder = folder
        self._is_on = is_on

    def note(self, actor: Actor, deed: Deed, *, must: bool = False, **on: str | int) -> None:
        """Write down what is about to be done. What ``must`` be done takes the reserve if the disk
        is full.

        Raises:
            DiskFull: there is no room; it should not be done then.
            InUse: another program keeps the log locked.
            CatalogueError: the log cannot be written.
        """
        if not self._is_on:
            return
        write = partial(self._write, actor, deed, dict(on))
        if must:
            reserve.on_reserve(self._folder, write)
        else:
            write()

    def mend(self) -> None:
        """Cut off what a process left that was ended amid a line, and write that down.

        Raises:
            CatalogueError: the log cannot be written.
        """
        if self._is_on and (self._folder / HEAD_NAME).exists():
            with self._locked() as head_file:
                self._mended(head_file)

    def verified(self, known: str | None = None) -> Verified:
        """Go through the whole log, as ``chain.verified`` does.

        Raises:
            CatalogueError: it cannot be read.
        """
        with sqlite.plain_errors(self._folder):
            if not (self._folder / HEAD_NAME).exists():
                return chain.verified(self._folder, None, known)
            with self._locked() as head_file:
                return chain.verified(self._folder, _read_head(head_file), known)

    def records(self) -> Iterator[Record]:
        """Yield all lines that can be read, oldest first."""
        with sqlite.plain_errors(self._folder):
            yield from chain.records(self._folder)

    def _write(self, actor: Actor, deed: Deed, on: dict[str, str | int]) -> None:
        with sqlite.plain_errors(self._folder), self._locked() as head_file:
            head = self._mended(head_file)
            if head.size >= MAX_FILE_BYTES:
                head = self._rotated(head_file, head)
            self._append(head_file, head, actor, deed, on)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the file of the head, open and locked."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sqlite.refuse_if_open(self._folder, self._folder / HEAD_NAME)
        head_file = os.open(self._folder / HEAD_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            end = monotonic() + WAIT_SECONDS
            while True:
                try:
                    fcntl.flock(head_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if monotonic() > end:
                        raise sqlite.in_use(self._folder) from None
                    sleep(0.005)
            yield head_file
        finally:
            os.close(head_file)

    def _mended(self, head_file: int) -> Head:
        """Return where the log ends, once that is a whole line that the head knows of."""
        head = _read_head(head_file)
        if head is None:
            return self._without_head(head_file)
        path = self._folder / chain.name_of(head.first)
        size = path.stat().st_size if path.exists() else 0
        if size == head.size:
            return head
        if size < head.size:
            return self._damaged(head_file, head._replace(size=size), "lines are missing")
        with path.open("rb") as file:
            file.seek(head.size)
            tail = file.read()
        return self._with_tail(head_file, head, tail)

    def _with_tail(self, head_file: int, head: Head, tail: bytes) -> Head:
        """Take over lines that were written before their process was ended; cut off half a one."""
        for line in tail.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                os.truncate(self._folder / chain.name_of(head.first), head.size)
                log.warning(
                    "The audit log in %s ended amid a line, number %d. What was there of it is "
                    "removed.",
                    self._folder,
                    head.number + 1,
                )
                return self._append(head_file, head, SYSTEM, Deed.MENDED, {"bytes": len(line)})
            try:
                record, sha256 = chain.parsed(line, head.sha256)
            except (ValueError, TypeError):
                return self._damaged(head_file, head._replace(size=head.size + len(tail)), "lines")
            head = Head(record.number, sha256, head.first, head.size + len(line))
        _write_head(head_file, head)
        return head

    def _without_head(self, head_file: int) -> Head:
        """Find the end of a log whose head is missing, which is damage unless there is no log."""
        files = chain.files_in(self._folder)
        if not files:
            return EMPTY
        found = chain.verified(self._folder, None)
        first = int(files[-1].stem.partition("-")[2])
        head = Head(found.last, found.sha256, first, files[-1].stat().st_size)
        return self._damaged(head_file, head, "audit.head was missing")

    def _damaged(self, head_file: int, head: Head, what: str) -> Head:
        """Go on after damage; the line that says so is where a verification will stop at last."""
        log.error(
            "The audit log in %s is not what was written (%s). Run `passerelle audit verify`.",
            self._folder,
            what,
        )
        return self._append(head_file, head, SYSTEM, Deed.DAMAGED, {"what": what})

    def _rotated(self, head_file: int, head: Head) -> Head:
        head = Head(head.number, head.sha256, head.number + 1, 0)
        # It may be there from a process that was ended before the head named it.
        (self._folder / chain.name_of(head.first)).unlink(missing_ok=True)
        return self._append(head_file, head, SYSTEM, Deed.ROTATED, {"after": head.sha256})

    def _append(
        self, head_file: int, head: Head, actor: Actor, deed: Deed, on: dict[str, str | int]
    ) -> Head:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        name = actor.name[:MAX_NAME]
        record = Record(head.number + 1, time, actor.id, name, deed, on)
        line, sha256 = chain.line_of(record, head.sha256)
        path = self._folder / chain.name_of(head.first)
        is_new = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if head.size and os.pread(file, 1, head.size - 1) != b"\n":
                line = b"\n" + line  # after damage
            try:
                _write_whole(file, line)
                os.fsync(file)
            except OSError:
                os.ftruncate(file, head.size)
                raise
        finally:
            os.close(file)
        if is_new:
            sync(self._folder)
        head = Head(record.number, sha256, head.first, head.size + len(line))
        _write_head(head_file, head)
        return head


def _read_head(head_file: int) -> Head | None:
    return chain.parsed_head(os.pread(head_file, 1000, 0))


def _write_head(head_file: int, head: Head) -> None:
    """Write it in place, where the next line's sync, or none at all, may find it older."""
    os.pwrite(head_file, chain.head_line(head), 0)


def _write_whole(file: int, line: bytes) -> None:
    written = os.write(file, line)
    if written < len(line):
        os.write(file, line[written:])  # says why
