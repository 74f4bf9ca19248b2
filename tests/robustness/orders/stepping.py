"""Where the service stops, so that others come in between: at its transactions, reads and locks.

None of its code is replaced. Each patch waits at a point, then does what was there before.
"""

from __future__ import annotations

import fcntl
import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

from api.auth import keys, keys_file
from api.jobs import loop, uploads
from corpus.store import erasure, models, moves, reserve, sqlite, sqlite_reading, steps, versions
from index import persistence, reader, writer
from tests.robustness.orders.turns import SteppedLock, Turns

ROWS: Final = 3
"""Rows of a transaction, in place of 1,000, so that small documents are written in steps too."""
TEXTS: Final = 4
"""Texts that are encoded at once, in place of 128."""
PASSAGES: Final = 1
LOG_BYTES: Final = 2**16
"""When an index is kept, and a log folded back, in a small collection: as in a large one."""
RESERVE_BYTES: Final = 2**18
"""Where the disk cannot be full. Noise of 64 MiB takes longer than all else."""
LOOK_SECONDS: Final = 0.001
"""Between two looks of an erasure, which lets the others go on meanwhile."""
LOOKS: Final = 60
"""After which an erasure gives up."""

_STOPS: Final = ("BEGIN", "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VACUUM")
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

turns = Turns()
"""Those of the order that is tried now."""


def now() -> Turns:
    """Return those of the order that is tried now."""
    return turns


class SteppedConnection(sqlite.Connection):
    """A connection to the catalogue that waits at points before transactions and single reads."""

    def __init__(self, place: Any, *arguments: Any, **named: Any) -> None:
        self._is_catalogue = sqlite.FILE_NAME in str(place)
        super().__init__(place, *arguments, **named)

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        actor = turns.present() if self._is_catalogue else None
        if actor is None:
            return super().execute(sql, *parameters)
        if not self.in_transaction and sql.lstrip().startswith(_STOPS):
            turns.point(sql[:60])
        try:
            return self._patient(lambda: super(SteppedConnection, self).execute(sql, *parameters))
        finally:
            if sql in ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"):
                actor.is_writing = self.in_transaction

    def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if not self._is_catalogue or self.in_transaction or turns.present() is None:
            return super().executemany(sql, *parameters)
        turns.point(sql[:60])
        return self._patient(lambda: super(SteppedConnection, self).executemany(sql, *parameters))

    def _patient(self, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        """Do something, and wait for those who hold the lock that it needs."""
        found: list[sqlite3.Cursor] = []

        def is_done() -> bool:
            try:
                found.append(call())
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _BUSY:
                    raise
                return False
            return True

        turns.wait_until("a write lock", is_done)
        return found[0]


@contextmanager
def stepped() -> Iterator[None]:
    """Have the service stop at its points, with bounds that a small collection reaches."""
    with ExitStack() as stack:

        def put(owner: Any, name: str, value: Any) -> None:
            stack.enter_context(patch.object(owner, name, value))

        put(sqlite, "Connection", SteppedConnection)
        put(sqlite, "opened", _impatient(sqlite.opened))
        put(sqlite_reading.SqliteReading, "rows", _before("a read", _plain_rows))
        put(keys_file.KeysFile, "change", _before("a change of keys", _plain_change))
        put(reader.IndexReader, "__init__", _with_stepped_lock(reader.IndexReader.__init__))
        put(reader.IndexReader, "follow", lambda *_: None)  # its thread's steps are the test's
        put(erasure, "_temporary_folder", SteppedLock(now, "the temporary folder"))
        for module in (versions, moves, models):
            put(module, "sleep", lambda _: turns.point("between two steps"))
        put(erasure, "sleep", lambda _: _look())
        put(erasure, "monotonic", _seconds().__next__)
        put(fcntl, "flock", _flock(fcntl.flock))
        put(erasure, "LOOK_SECONDS", LOOK_SECONDS)
        put(erasure, "PATIENCE_SECONDS", float(LOOKS))
        put(reader, "GARBAGE_SECONDS", 0.0)
        put(reader, "MAX_LOG_BYTES", LOG_BYTES)
        put(persistence, "MIN_PASSAGES", PASSAGES)
        put(reserve, "MAX_BYTES", RESERVE_BYTES)
        put(steps, "ROWS_PER_STEP", ROWS)
        put(writer, "TEXTS_PER_TRANSACTION", TEXTS)
        put(uploads, "REST_FACTOR", 0)
        put(loop, "monotonic", lambda: turns.begun * loop.LONGEST_PAUSE_SECONDS)
        put(keys, "secrets", _Secrets())
        yield


_plain_rows = sqlite_reading.SqliteReading.rows
_plain_change = keys_file.KeysFile.change


def _before(where: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def stopped(*arguments: Any, **named: Any) -> Any:
        turns.point(where)
        return call(*arguments, **named)

    return stopped


def _impatient(opened: Callable[..., Any]) -> Callable[..., Any]:
    """Have an actor's connection wait for a lock at a point, and not in SQLite."""

    def without_time(*arguments: Any, **named: Any) -> Any:
        connection = opened(*arguments, **named)
        if turns.present() is not None and connection._is_catalogue:
            sqlite3.Connection.execute(connection, "PRAGMA busy_timeout = 0")
        return connection

    return without_time


def _with_stepped_lock(make: Callable[..., None]) -> Callable[..., None]:
    def made(self: Any, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        self._refreshing = SteppedLock(now, "the refresh")

    return made


def _flock(flock: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
    def patient(file: Any, how: int) -> None:
        if how & (fcntl.LOCK_NB | fcntl.LOCK_UN) or turns.present() is None:
            return flock(file, how)

        def is_had() -> bool:
            try:
                flock(file, how | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        return turns.wait_until("a file's lock", is_had)

    return patient


def _look() -> None:
    """Let others go on who hold an older state."""
    looked = iter((False, True))
    turns.wait_until("readers of an older state", looked.__next__)


def _seconds() -> Iterator[float]:
    """Count the looks of erasures instead of seconds."""
    return map(float, itertools.count())


class _Secrets:
    """Keys that are the same each time that an order is tried."""

    def __init__(self) -> None:
        self.random = random.Random(1)

    def token_hex(self, size: int) -> str:
        return self.random.randbytes(size).hex()

    def token_urlsafe(self, size: int) -> str:
        import base64

        return base64.urlsafe_b64encode(self.random.randbytes(size)).rstrip(b"=").decode()
