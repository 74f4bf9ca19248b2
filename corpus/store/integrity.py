"""Whether a catalogue is what was written: damage is found before anything is answered from it.

SQLite finds what breaks its own structure, and whatever an index holds a second time. The
checksums of rows and texts find the rest. The full-text index is rebuilt where it is wrong,
since it holds nothing of its own.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from corpus.store import checksums, sqlite

MAX_PROBLEMS = 20

ROWS = (
    (
        "documents",
        "checksum(id, collection, file, media_type, sha256, text_version, language, title,"
        " publisher, published, url, passage_count, text)",
    ),
    ("passages", 'checksum(document_key, start, "end", page, language, text_id, bare_text_id)'),
    ("sentences", 'checksum(passage_id, start, "end", text_id)'),
    ("vectors", "checksum(data, tokens)"),
    ("left_out", "checksum(document_key, position, reason, text, page, number)"),
    ("origins", "checksum(document_key, fact, origin)"),
    ("corrections", "checksum(document, fact, value)"),
    ("recognised_pages", "checksum(document_key, page, confidence, words, doubtful)"),
)

log = logging.getLogger(__name__)


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with a catalogue, in SQLite's words or ours; empty if it is sound.

    Reads all of it: some 5 s for each GB.
    """
    try:
        found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})")]
        return [] if found == ["ok"] and not (found := list(_ours(connection))) else found
    except sqlite3.DatabaseError as error:
        return [str(error)]


def make_words_sound(folder: Path) -> None:
    """Rebuild the full-text index if it does not match the passages.

    Raises:
        CatalogueError: the catalogue cannot be written.
    """
    with sqlite.plain_errors(folder), closing(sqlite.connect(folder)) as connection:
        try:
            connection.execute(
                "INSERT INTO passage_words (passage_words, rank) VALUES ('integrity-check', 1)"
            )
        except sqlite3.DatabaseError:
            log.warning("The full-text index in %s is damaged and will be rebuilt.", folder)
            with sqlite.transaction(connection):
                connection.execute("INSERT INTO passage_words (passage_words) VALUES ('rebuild')")


def _ours(connection: sqlite3.Connection) -> Iterator[str]:
    if strange := _acting(connection) ^ _acting_of_this_release():
        names = ", ".join(sorted({name for name, _ in strange}))
        yield f"its triggers or views are not those of this release ({names})"
    for table, expression in ROWS:
        if count := _count(connection, f"FROM {table} WHERE crc IS NOT {expression}"):
            yield f"{count} rows of {table} have changed since they were written"
    for table, data in (("texts", "sha256(text)"), ("originals", "lower(hex(sha256(data)))")):
        if count := _count(connection, f"FROM {table} WHERE sha256 IS NOT {data}"):
            yield f"{count} rows of {table} have changed since they were written"
    for table, row, parent, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} has no {parent}"
    if _count(
        connection,
        "FROM settings WHERE name NOT IN ('generation', 'active_model')"
        " OR value <> CAST(value AS INTEGER)"
        " OR (name = 'active_model' AND value NOT IN (SELECT CAST(id AS TEXT) FROM models))",
    ):
        yield "the settings have changed since they were written"


def _acting(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the triggers and views, by name; a stranger's would act whenever it is used."""
    return set(
        connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')")
    )


@cache
def _acting_of_this_release() -> set[tuple[str, str]]:
    with closing(sqlite.opened(":memory:")) as connection:
        checksums.add_functions(connection)
        sqlite.migrate(connection)
        return _acting(connection)


def _count(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(f"SELECT count(*) {query}").fetchone()[0])
