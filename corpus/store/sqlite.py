"""Opening the catalogue's SQLite file: settings, migrations, and errors in plain words."""

from __future__ import annotations

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from importlib import resources
from pathlib import Path

from corpus.errors import CatalogueError, DiskFull, InUse
from corpus.store import checksums
from corpus.store.filesystem import anybody_may_change, is_locked, locked, make_private, sync

FILE_NAME = "catalogue.sqlite"

LOCK_NAME = "server.lock"

_NO_ROOM = frozenset({sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE})
"""Extended codes that a full disk has too, besides SQLITE_FULL."""

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another process's transaction; the longest are one document's."""


class Connection(sqlite3.Connection):
    """SQLite's own, as ``corpus.store.engine`` says what the catalogue's logic needs of one."""

    def plain_errors(self, folder: Path) -> AbstractContextManager[None]:
        """Turn what SQLite raises inside into CatalogueErrors with a remedy."""
        return plain_errors(folder)

    def writing(self) -> AbstractContextManager[None]:
        """Make what happens inside one transaction."""
        return transaction(self)

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """Have transactions inside outlast the process, though maybe not a power cut.

        They are a hundred times as quick (https://sqlite.org/pragma.html#pragma_synchronous).
        """
        self.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self.execute("PRAGMA synchronous = FULL")

    def changed(self) -> None:
        """Do nothing: whoever searches compares the generation."""

    def new_document_key(self) -> int:
        """Return a key of the documents that was never used."""
        row = self.execute(
            "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'documents' RETURNING seq"
        ).fetchone()
        return int(row[0])

    def defer_references(self) -> None:
        """Have foreign keys be checked at the transaction's end only."""
        self.execute("PRAGMA defer_foreign_keys = ON")


def opened(
    place: Path | str, *, uri: bool = False, timeout_seconds: float = BUSY_TIMEOUT_MS / 1000
) -> Connection:
    """Open a database that overwrites what is deleted in it, whatever SQLite was built to do.

    Every connection is made here: the setting is a connection's, and is kept in no file.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        place,
        uri=uri,
        timeout=timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def read_only(path: Path) -> str:
    """Return the address of a database that is only read."""
    return f"{path.absolute().as_uri()}?mode=ro"


def connect(folder: Path, *, write: bool = True) -> Connection:
    """Open the catalogue in ``folder``, made and brought up to date if ``write`` is set.

    Write-ahead logging lets readers and one writer work side by side;
    ``synchronous = FULL`` makes a finished transaction outlast a power cut
    (https://sqlite.org/pragma.html#pragma_synchronous).

    Raises:
        CatalogueError: there is none (``write`` unset), it cannot be read or written, everybody
            may write it, it is no catalogue, it is damaged, or it was made by a newer release.
    """
    path = folder / FILE_NAME
    with plain_errors(folder):
        refuse_if_open(folder, path)
        if write:
            _make_folder(folder)
            _make(path)
        elif path.is_file():
            _roll_back_what_was_cut_off(path)
        else:
            raise _no_collection(folder)
        connection = opened(path) if write else opened(read_only(path), uri=True)
        try:
            checksums.add_functions(connection)
            _check_version(connection, folder)
            if write:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                migrate(connection)  # which makes tables anew that others refer to
                connection.execute("PRAGMA foreign_keys = ON")
            elif _version(connection) < migrations()[-1][0]:
                connect(folder).close()  # an older release's, which a reader cannot change
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which one server has at a time; it goes with the process.

    Commands may read and write beside a server. Two servers would do each job twice.

    Raises:
        CatalogueError: another server has it, or the folder cannot be written.
    """
    with plain_errors(folder):
        _make_folder(folder)
        (folder / LOCK_NAME).touch(mode=0o600)
        lock = (folder / LOCK_NAME).open("a")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CatalogueError(
                f"Another server is already using {folder}. Stop it, or choose another folder "
                "with --data."
            ) from error
        yield


def is_served(folder: Path) -> bool:
    """Tell whether a server answers from a folder now."""
    return is_locked(folder / LOCK_NAME)


def log_size(folder: Path) -> int:
    """Return the size of the write-ahead log in bytes, 0 if there is none."""
    try:
        return (folder / f"{FILE_NAME}-wal").stat().st_size
    except OSError:
        return 0


def fold_log(folder: Path) -> None:
    """Copy the write-ahead log into the file, as far as no reader is in the way.

    Readers that begin after a whole copy do not use the log any more, so the next writer
    starts it anew (https://sqlite.org/wal.html#checkpointing).
    """
    with closing(connect(folder)) as connection, plain_errors(folder):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make what happens inside one transaction: all of it or, after an exception, nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into CatalogueErrors with a remedy."""
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise CatalogueError(
            f"The data folder {folder} cannot be written ({error.strerror}). Choose another one "
            "with --data, or change its permissions."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise full(folder) from error
        raise CatalogueError(
            f"The data folder {folder} cannot be used ({error.strerror}). Choose another one with "
            "--data."
        ) from error
    except sqlite3.Error as error:
        if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise in_use(folder) from error
        if _code(error) == sqlite3.SQLITE_FULL or _extended_code(error) in _NO_ROOM:
            raise full(folder) from error
        raise CatalogueError(_in_plain_words(error, folder)) from error


def in_use(folder: Path) -> InUse:
    """Return the error of a data folder in which another program keeps a file locked."""
    return InUse(
        f"Another program has been writing to {folder} for too long. Wait until it has finished, "
        "then try again."
    )


def _code(error: sqlite3.Error) -> int:
    """Return the primary code of what SQLite says; 0 if it says none."""
    return _extended_code(error) & 0xFF


def _extended_code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code


def _in_plain_words(error: sqlite3.Error, folder: Path) -> str:
    path = folder / FILE_NAME
    match _code(error):
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return (
                f"The data folder {folder} cannot be written. Choose another one with --data, or "
                "change its permissions."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return (
                f"{path} is damaged or is not a catalogue ({error}). Restore a backup of it, or "
                "move it away and ingest the documents again."
            )
        case _:
            return f"The catalogue {path} cannot be used: {error}. Run `passerelle doctor`."


def full(folder: Path) -> DiskFull:
    """Return the error of a data folder on a disk that has no room left."""
    return DiskFull(f"The disk of {folder} is full. Free some space and run the command again.")


def _no_collection(folder: Path) -> CatalogueError:
    return CatalogueError(
        f"There is no collection in {folder} yet. "
        f"Run `passerelle ingest PATH --data {folder}` first."
    )


def _make_folder(folder: Path) -> None:
    # Documents may be confidential: a data folder and what is in it are their owner's alone. An
    # older release left some open.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_private(folder)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # SQLite's own files come and go
            if path.is_file() and not path.is_symlink():
                make_private(path)


def refuse_if_open(*paths: Path) -> None:
    """Refuse what every user of this machine may write to.

    Raises:
        CatalogueError: one of these is such a file or folder.
    """
    for path in filter(anybody_may_change, paths):
        raise CatalogueError(
            f"Every user of this machine can write to {path}, and so change the answers and the "
            f"keys. Remove that permission: chmod o-w {path}"
        )


def migrations() -> list[tuple[int, str]]:
    """Return the numbered scripts, in order."""
    folder = resources.files("corpus.store") / "migrations"
    scripts = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(script.name[:4]), script.read_text("utf-8")) for script in scripts)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _roll_back_what_was_cut_off(path: Path) -> None:
    """Roll back what ended amid the change to write-ahead logging: whoever only reads cannot."""
    if path.with_name(f"{path.name}-journal").exists():
        with closing(opened(path)) as connection:
            _version(connection)


def _make(path: Path) -> None:
    """Make a catalogue where there is none, as a whole or not at all.

    So a file that is empty, or has no tables, is one that was lost.
    """
    if path.exists():
        return
    with locked(path.parent):
        if path.exists():
            return
        unfinished = path.with_name(f".{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        with closing(opened(unfinished)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")  # it is started again after a crash
            checksums.add_functions(connection)
            migrate(connection)
        unfinished.rename(path)
        sync(path.parent)


def _check_version(connection: sqlite3.Connection, folder: Path) -> None:
    newest = migrations()[-1][0]
    version = _version(connection)
    if version == 0:
        raise CatalogueError(
            f"{folder / FILE_NAME} is empty or is not a catalogue. Restore a backup of it, or "
            "move it away and ingest the documents again."
        )
    if version > newest:
        raise CatalogueError(
            f"The catalogue in {folder} was made by a newer release (schema {version}; this one "
            f"knows {newest}). Install that release, or choose another folder with --data."
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Run the numbered scripts that the file has not seen, each in one transaction."""
    for number, script in migrations():
        if number <= _version(connection):
            continue
        with transaction(connection):
            # Another process may have been faster.
            if number > _version(connection):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number:d}")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
