"""What keeps the catalogue's rows, as far as its logic knows: a connection that speaks SQL.

That logic is written once, in the SQL of SQLite. Whatever else is to keep a catalogue takes the
same words, says them in its own, and raises the same errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from corpus.types import StoredModel

Row = tuple[Any, ...]


class Closing(ABC):
    """Something that ``with`` closes at its end."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Cursor(Protocol):
    """What a statement comes to."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Any:
        """Return the next row; None after the last."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        ...


class Connection(Protocol):
    """A connection to write by, for one thread at a time. Without a transaction, each statement
    is one."""

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        ...

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> Cursor:
        """Run a statement; ``?1`` and ``?`` in it stand for parameters."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[object]], /) -> Cursor:
        """Run a statement for each of ``rows``."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def plain_errors(self, folder: Path) -> AbstractContextManager[None]:
        """Turn what the engine raises inside into CatalogueErrors with a remedy."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Make what happens inside one transaction: all of it or, after an exception, nothing.

        No other one that writes goes on at the same time.
        """
        ...

    def unsynced(self) -> AbstractContextManager[None]:
        """Have transactions inside outlast the process, though maybe not a power cut."""
        ...

    def changed(self) -> None:
        """Take note that the transaction under way changes what can be found."""
        ...

    def new_document_key(self) -> int:
        """Return a key of the documents that was never used, and never will be again."""
        ...

    def defer_references(self) -> None:
        """Have rows that name a missing one be wrong only if they do at the transaction's end."""
        ...


class Reading(Protocol):
    """One state of the catalogue, to be read by several threads. It closes itself when the last one
    lets go of it."""

    @property
    def folder(self) -> Path:
        """The data folder."""
        ...

    @property
    def model(self) -> StoredModel | None:
        """The model that it is read with; None: the one that is searched."""
        ...

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Return the rows of a query."""
        ...

    def within(self, documents: str, collections: frozenset[str]) -> str:
        """Return SQL for those of ``documents``, which is SQL, that are in some collections."""
        ...

    def without(self, documents: str, keys: Collection[int]) -> str:
        """Return SQL for those of ``documents`` that have none of these keys."""
        ...

    def problems(self) -> list[str]:
        """Return what is wrong with the catalogue; empty if it is sound."""
        ...

    def notes(self, documents: str, /) -> dict[str, object]:
        """Return what was worked out of ``documents`` in this state, for others who read it too."""
        ...

    def original(self, collection: str, sha256: str) -> StoredBytes:
        """Return a collection's bytes with a SHA-256, as they are now, if they are kept."""
        ...

    def close(self) -> None:
        """Let go of the state."""
        ...


class StoredBytes(Protocol):
    """Bytes in the catalogue. What is read after ``close`` may come from another state of it: they
    have their SHA-256 for a name, so they are the same there, or gone."""

    def size(self) -> int:
        """Return how many there are.

        Raises:
            OriginalGone: they are not kept.
            CatalogueError: the catalogue cannot be read.
        """
        ...

    def read(self, start: int, number: int) -> bytes:
        """Return ``number`` of them from ``start`` on, or what is left."""
        ...

    def close(self) -> None:
        """Let go of the catalogue, until the next call."""
        ...


class Part(Closing):
    """Part of what the catalogue keeps, over a connection that may be shared.

    One object serves one thread. Every method raises CatalogueError where the catalogue
    cannot be read or written.
    """

    def __init__(self, folder: Path, connection: Connection) -> None:
        self.folder = folder
        self._connection = connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside one transaction, or part of the one that is open."""
        with self._connection.plain_errors(self.folder):
            if self._connection.in_transaction:
                yield
            else:
                with self._connection.writing():
                    yield

    def _one(self, sql: str, parameters: tuple[object, ...] = ()) -> Row | None:
        return next(self._rows(sql, parameters), None)

    def _rows(self, sql: str, parameters: tuple[object, ...] = ()) -> Iterator[Row]:
        with self._connection.plain_errors(self.folder):
            yield from self._connection.execute(sql, parameters)

    def _execute(self, sql: str, parameters: tuple[object, ...] = ()) -> int:
        with self._connection.plain_errors(self.folder):
            return self._connection.execute(sql, parameters).rowcount

    def _id_of_new(self, sql: str, parameters: tuple[object, ...]) -> int:
        """Insert a row, and return what ``sql`` returns of it: its id."""
        # All rows are fetched: a statement that is not finished yet holds the transaction open.
        ((found,),) = self._connection.execute(sql, parameters)
        return int(found)


def distinct_owners(table: str, index: str, where: str) -> str:
    """Return SQL for the owners in an index that begins with them, one step for each."""
    least = f"SELECT min(owner) FROM {table} INDEXED BY {index} WHERE {where}"  # noqa: S608, constants of ours
    return (
        f"WITH RECURSIVE each (owner) AS ({least} UNION ALL"  # noqa: S608
        f" SELECT ({least} AND owner > each.owner) FROM each WHERE owner NOTNULL)"
        " SELECT owner FROM each WHERE owner NOTNULL"
    )
