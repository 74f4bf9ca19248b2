"""One state of the catalogue in PostgreSQL: a transaction that only reads."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg

from corpus.errors import OriginalGone
from corpus.store.engine import Row
from corpus.store.postgres.connection import Pool, PostgresConnection, Raw, plain_errors
from corpus.store.postgres.dialect import translated
from corpus.types import StoredModel

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


NOTED: Final = 64
"""States and collections that something is remembered of."""


class Notes:
    """What was worked out of a state of the database: each question reads it anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_state: OrderedDict[tuple[str, str], dict[str, object]] = OrderedDict()

    def of(self, state: tuple[str, str]) -> dict[str, object]:
        """Return what was noted of a state, to be added to."""
        with self._lock:
            notes = self._by_state.setdefault(state, {})
            self._by_state.move_to_end(state)
            while len(self._by_state) > NOTED:
                self._by_state.popitem(last=False)
            return notes


class _Narrowing:
    """How documents are narrowed down in this engine's SQL."""

    def within(self, documents: str, collections: frozenset[str]) -> str:
        """Return SQL for those of ``documents`` that are in some collections."""
        return f"(SELECT * FROM {documents} WHERE {in_collections(collections)})"  # noqa: S608

    def without(self, documents: str, keys: Collection[int]) -> str:
        """Return SQL for those of ``documents`` that have none of these keys."""
        listed = ",".join(str(int(key)) for key in sorted(keys))
        return f"(SELECT * FROM {documents} WHERE key <> ALL (ARRAY[{listed}]::bigint[]))"  # noqa: S608


class PostgresReading(_Narrowing):
    """A connection in the middle of a transaction, for one thread at a time.

    It goes back to its pool when the last one lets go of it.
    """

    def __init__(self, pool: Pool, folder: Path, model: StoredModel | None, notes: Notes) -> None:
        """Begin to read.

        Raises:
            CatalogueError: the server cannot be reached, or has no connection left.
        """
        self.folder = folder
        self.model = model
        self._notes = notes
        self._pool = pool
        self._lock = threading.Lock()
        with plain_errors():
            self._raw = pool.getconn()
            self._closing = weakref.finalize(self, _let_go, pool, self._raw)
            self._raw.execute(BEGIN)
            self._raw.execute("SELECT 1")  # which takes the state

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Return the rows of a query."""
        with self._lock, plain_errors():
            return _rows(self._raw, sql, parameters)

    def problems(self) -> list[str]:
        """Return nothing: PostgreSQL's own checksums tell what is wrong with its files."""
        return []

    def notes(self, documents: str, /) -> dict[str, object]:
        """Return those of the last that read what could be found then as now."""
        generation = self.rows("SELECT value FROM settings WHERE name = 'generation'", ())
        return self._notes.of((str(generation), documents))

    def original(self, collection: str, sha256: str) -> PostgresBytes:
        """Return the bytes with a SHA-256 in a collection."""
        return PostgresBytes(self._pool, collection, sha256)

    def close(self) -> None:
        """Let go of the state."""
        self._closing()


class WritersReading(_Narrowing):
    """What a transaction that writes sees of the catalogue, with what it has written itself."""

    model: StoredModel | None = None

    folder = Path()
    """Whoever writes looks into none."""

    def __init__(self, connection: PostgresConnection) -> None:
        self._raw = connection.raw

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Return the rows of a query."""
        return _rows(self._raw, sql, parameters)

    def problems(self) -> list[str]:
        """Return nothing."""
        return []

    def notes(self, _documents: str, /) -> dict[str, object]:
        """Return none."""
        return {}

    def original(self, collection: str, sha256: str) -> PostgresBytes:
        """Find nothing: whoever writes reads no file."""
        raise OriginalGone(f"The file with the SHA-256 {sha256} in {collection} is not read here.")

    def close(self) -> None:
        """Do nothing: the connection is the writer's."""


class PostgresBytes:
    """The bytes of an original, read some at a time, each time by a connection of the pool."""

    def __init__(self, pool: Pool, collection: str, sha256: str) -> None:
        self._pool = pool
        self._place = (collection, sha256)

    def size(self) -> int:
        """Return how many there are.

        Raises:
            OriginalGone: they are not kept.
        """
        found = self._one("SELECT length(data) FROM originals", ())
        return int(str(found))

    def read(self, start: int, number: int) -> bytes:
        """Return some of them."""
        found = self._one("SELECT substr(data, ?3, ?4) FROM originals", (start + 1, number))
        assert isinstance(found, bytes)
        return found

    def close(self) -> None:
        """Do nothing: nothing is held between two reads."""

    def _one(self, sql: str, parameters: tuple[object, ...]) -> object:
        with plain_errors(), self._pool.connection() as raw:
            sql = f"{sql} WHERE collection = ?1 AND sha256 = ?2"
            found = _rows(raw, sql, (*self._place, *parameters))
        if not found:
            raise OriginalGone(
                f"The file with the SHA-256 {self._place[1]} is no longer stored. Its document may "
                "have been removed or replaced."
            )
        return found[0][0]


def in_collections(collections: frozenset[str], column: str = "collection") -> str:
    """Return a condition in SQL. Names are written in hexadecimal: nothing in them is syntax."""
    names = (f"convert_from('\\x{name.encode().hex()}', 'UTF8')" for name in sorted(collections))
    return f"{column} IN ({', '.join(names)})" if collections else "false"


def _let_go(pool: Pool, raw: Raw) -> None:
    """End a transaction, and give its connection back."""
    with suppress(psycopg.Error):  # one that is broken is not used again
        raw.execute("ROLLBACK")
    pool.putconn(raw)


def _rows(raw: Raw, sql: str, parameters: Sequence[object]) -> list[Row]:
    return raw.execute(translated(sql).encode(), parameters).fetchall()
