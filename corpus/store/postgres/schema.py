"""The tables in PostgreSQL: made, brought up to date, and refused where they cannot be."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from psycopg import errors

from corpus.errors import CatalogueError
from corpus.store.postgres.connection import SCHEMA, WRITERS, Raw

LEAST_SERVER: Final = 150_000
"""PostgreSQL 15, as it numbers itself."""

LEAST_VECTOR: Final = (0, 8)
"""pgvector from which a search goes on behind a filter (``hnsw.iterative_scan``)."""

_SUPPORTED = "Use PostgreSQL 15 or newer, with pgvector 0.8 or newer."


def exists(raw: Raw) -> bool:
    """Tell whether the database has a catalogue."""
    found = raw.execute("SELECT to_regclass($1) IS NOT NULL", [f"{SCHEMA}.schema_version"])
    return bool(found.fetchone()[0])  # type: ignore[index] # there is one


def check(raw: Raw) -> None:
    """Refuse a database that this release cannot use.

    Raises:
        CatalogueError: the server or pgvector is too old, the catalogue is a newer release's, or
            there is none.
    """
    if not exists(raw):
        raise CatalogueError(
            "There is no collection in the database of PASSERELLE_DATABASE yet. Run `passerelle "
            "ingest PATH` first."
        )
    _check_version(_version(raw))


def migrate(raw: Raw) -> None:
    """Make the tables if there are none, and run the numbered scripts that they have not seen.

    Raises:
        CatalogueError: the server or pgvector is too old or missing, or the catalogue is a newer
            release's.
    """
    _check_server(raw)
    raw.execute("BEGIN")
    try:
        raw.execute(f"SELECT pg_advisory_xact_lock({WRITERS:d})".encode())
        if not exists(raw):
            _make_extension(raw)
            raw.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
            raw.execute(f"CREATE TABLE {SCHEMA}.schema_version (number INTEGER NOT NULL)".encode())
            raw.execute("INSERT INTO schema_version VALUES (0)")
        _check_version(_version(raw))
        for number, script in migrations():
            if number > _version(raw):
                raw.execute(script.encode())
                raw.execute("UPDATE schema_version SET number = $1", [number])
        raw.execute("COMMIT")
    except BaseException:
        if not raw.closed:
            raw.execute("ROLLBACK")
        raise


def migrations() -> list[tuple[int, str]]:
    """Return the numbered scripts, in order."""
    folder = resources.files("corpus.store.postgres") / "migrations"
    scripts = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(script.name[:4]), script.read_text("utf-8")) for script in scripts)


def _version(raw: Raw) -> int:
    row = raw.execute("SELECT number FROM schema_version").fetchone()
    return int(row[0]) if row else 0


def _check_version(version: int) -> None:
    newest = migrations()[-1][0]
    if version > newest:
        raise CatalogueError(
            f"The catalogue in PostgreSQL was made by a newer release (schema {version}; this one "
            f"knows {newest}). Install that release, or name another database in "
            "PASSERELLE_DATABASE."
        )


def _check_server(raw: Raw) -> None:
    if raw.info.server_version < LEAST_SERVER:
        raise CatalogueError(
            f"The PostgreSQL server is of version {raw.info.server_version // 10_000}, which is "
            f"too old. {_SUPPORTED}"
        )


def _make_extension(raw: Raw) -> None:
    row = raw.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    if row is None:
        row = _created(raw)
    if tuple(int(part) for part in re.findall(r"\d+", row[0])[:2]) < LEAST_VECTOR:
        raise CatalogueError(
            f"The database has pgvector {row[0]}, which is too old. {_SUPPORTED} After it is "
            "installed, run: ALTER EXTENSION vector UPDATE"
        )


def _created(raw: Raw) -> tuple[str]:
    try:
        raw.execute("CREATE EXTENSION vector SCHEMA public")
    except errors.InsufficientPrivilege as error:
        raise CatalogueError(
            "The database has no extension pgvector, and the user in PASSERELLE_DATABASE may not "
            "make it. Have its owner run: CREATE EXTENSION vector"
        ) from error
    except (errors.FeatureNotSupported, errors.UndefinedFile) as error:
        raise CatalogueError(
            "The PostgreSQL server has no pgvector. Install it there, on Debian as "
            "postgresql-15-pgvector or the like, and try again."
        ) from error
    row = raw.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    assert row is not None
    return (str(row[0]),)
