"""What tests look into that the program does not."""

from __future__ import annotations

from pathlib import Path

from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.originals import Original
from corpus.store.sqlite_reading import SqliteBytes


def sqlite_of(catalogue: Catalogue) -> sqlite.Connection:
    """Return the connection of a catalogue that is in SQLite."""
    connection = catalogue._connection
    assert isinstance(connection, sqlite.Connection)
    return connection


def kept(folder: Path, sha256: str) -> Original:
    """Return the bytes of the collection ``press`` with a SHA-256, in SQLite."""
    return Original(SqliteBytes(folder, "press", sha256), sha256)
