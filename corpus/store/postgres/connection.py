"""A connection to PostgreSQL, as the catalogue's logic wants one, and errors in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import IntLoader
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool, PoolTimeout

from corpus.errors import CatalogueError, DiskFull
from corpus.store import sqlite
from corpus.store.engine import Cursor
from corpus.store.postgres.dialect import translated

Raw = psycopg.Connection[tuple[Any, ...]]
Pool = ConnectionPool[Raw]

SCHEMA: Final = "passerelle"
"""Everything is in it, so the database may have other things beside."""

WRITERS: Final = 7_317_431
"""Number of the lock that whoever writes holds: one transaction at a time, as in SQLite. They are
short, since the catalogue is written in steps."""


LOOKED_AT: Final = 200
"""Passages that a walk through a graph looks at, at least, of which the nearest are found: .98 of
ten in 3.4 ms of 100,000 (measured with PostgreSQL 18.6 and pgvector 0.8.6). Behind a filter it goes
on until there are enough."""


class PostgresConnection:
    """A connection to write by. It goes back to its pool when it is closed."""

    def __init__(
        self, pool: Pool, raw: Raw, on_change: Callable[[PostgresConnection], None]
    ) -> None:
        """``on_change`` is called at the end of each transaction that changes what can be found."""
        self.raw = raw
        self._pool = pool
        self._on_change = on_change
        self._has_changed = False

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        return self.raw.info.transaction_status != TransactionStatus.IDLE

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Cursor:
        """Run a statement, which is in SQLite's words."""
        return self.raw.execute(translated(sql).encode(), parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> Cursor:
        """Run a statement for each of ``rows``."""
        cursor = self.raw.cursor()
        cursor.executemany(translated(sql).encode(), rows)
        return cursor

    def close(self) -> None:
        """Give it back."""
        self._pool.putconn(self.raw)

    @contextmanager
    def plain_errors(self, folder: Path) -> Iterator[None]:
        """Turn what PostgreSQL raises inside, and the file system, into CatalogueErrors."""
        with sqlite.plain_errors(folder), plain_errors():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make what happens inside one transaction; nobody else writes meanwhile."""
        self._has_changed = False
        self.raw.execute("BEGIN")
        try:
            self.raw.execute(f"SELECT pg_advisory_xact_lock({WRITERS:d})".encode())
            yield
            if self._has_changed:
                self._on_change(self)
            self.raw.execute("COMMIT")
        except BaseException:
            if not self.raw.closed:
                self.raw.execute("ROLLBACK")
            raise

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """Have transactions inside outlast the process, though maybe not a power cut."""
        self.raw.execute("SET synchronous_commit = off")
        try:
            yield
        finally:
            self.raw.execute("RESET synchronous_commit")

    def changed(self) -> None:
        """Note that this transaction changes what can be found."""
        self._has_changed = True

    def new_document_key(self) -> int:
        """Return a key of the documents that was never used."""
        row = self.raw.execute("SELECT nextval(pg_get_serial_sequence('documents', 'key'))")
        return int(row.fetchone()[0])  # type: ignore[index] # there is one

    def defer_references(self) -> None:
        """Have foreign keys be checked at the transaction's end only."""
        self.raw.execute("SET CONSTRAINTS ALL DEFERRED")


def prepare(raw: Raw) -> None:
    """Have a connection read and write values as the catalogue has them."""
    raw.adapters.register_dumper(str, StrDumper)  # so that a parameter's type is known
    raw.adapters.register_loader("numeric", IntLoader)  # sums of numbers
    raw.execute(f"SET search_path = {SCHEMA}, public".encode())
    raw.execute("SET hnsw.iterative_scan = strict_order")
    raw.execute(f"SET hnsw.ef_search = {LOOKED_AT:d}".encode())


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what PostgreSQL raises inside into CatalogueErrors with a remedy."""
    try:
        yield
    except psycopg.Error as error:
        raise _in_plain_words(error) from error


def _in_plain_words(error: psycopg.Error) -> CatalogueError:
    said = " ".join(str(error).split())
    match error:
        case errors.DiskFull():
            return DiskFull(
                f"The disk of the PostgreSQL server is full ({said}). Free some space there and "
                "try again."
            )
        case PoolTimeout() | errors.TooManyConnections():
            return CatalogueError(
                f"All connections to PostgreSQL are in use ({said}). Raise max_connections on the "
                "server, or send fewer questions at a time."
            )
        case errors.QueryCanceled():
            return CatalogueError(
                "PostgreSQL took too long for a statement and gave it up. Raise its "
                "statement_timeout, or try again when it is less busy."
            )
        case errors.ReadOnlySqlTransaction():
            return CatalogueError(
                "The PostgreSQL server in PASSERELLE_DATABASE may only be read: it is a replica. "
                "Name the primary there."
            )
        case errors.UndefinedTable():
            return CatalogueError(
                "There is no collection in the database of PASSERELLE_DATABASE yet. Run "
                "`passerelle ingest PATH` first."
            )
        case errors.InsufficientPrivilege():
            return CatalogueError(
                f"The user in PASSERELLE_DATABASE may not do that ({said}). Grant it all rights on "
                f"the schema {SCHEMA}, or let it make that schema."
            )
        case psycopg.OperationalError():
            return CatalogueError(
                f"The PostgreSQL server cannot be reached ({said}). Start it, or correct "
                "PASSERELLE_DATABASE."
            )
        case _:
            return CatalogueError(
                f"PostgreSQL refused a statement ({said}). Report it with these words."
            )
