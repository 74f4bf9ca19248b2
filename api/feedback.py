"""Readers' ratings of passages, in a file of their own beside the catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from corpus.store import erasure, sqlite
from corpus.types import Span, id_forms

FILE_NAME = "feedback.sqlite"

MAX_VERDICTS = 100_000
"""Verdicts that are kept, the newest ones; some 30 MB, whoever sends them."""

_TABLE = """
CREATE TABLE IF NOT EXISTS verdicts (
    key      INTEGER PRIMARY KEY AUTOINCREMENT,
    day      TEXT    NOT NULL,
    question TEXT    NOT NULL,
    document TEXT    NOT NULL,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    helpful  INTEGER NOT NULL CHECK (helpful IN (0, 1))
) STRICT
"""


class Verdict(NamedTuple):
    """Whether a passage helped with a question. Nothing tells whose verdict it is."""

    question: str
    document: str
    span: Span
    """Of the document's cleaned text."""
    helpful: bool


class Rated(NamedTuple):
    """What readers said of a passage."""

    document: str
    span: Span
    helpful: int
    unhelpful: int


def keep(folder: Path, verdict: Verdict) -> None:
    """Write a verdict down with the day, and no closer time than that.

    Raises:
        CatalogueError: the data folder cannot be written.
    """
    day = datetime.now(UTC).date()
    with (
        _open(folder) as connection,
        sqlite.plain_errors(folder),
        sqlite.transaction(connection),
    ):
        connection.execute(
            'INSERT INTO verdicts (day, question, document, start, "end", helpful)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            (day.isoformat(), verdict.question, verdict.document, *verdict.span, verdict.helpful),
        )
        connection.execute(
            "DELETE FROM verdicts WHERE key <= (SELECT max(key) FROM verdicts) - ?",
            (MAX_VERDICTS,),
        )


def erase(folder: Path, documents: Sequence[str]) -> None:
    """Delete every verdict on these documents, so that no byte of the file is of them.

    Raises:
        CatalogueError: the data folder cannot be written.
    """
    if not (folder / FILE_NAME).is_file():
        return
    with _open(folder) as connection, sqlite.plain_errors(folder):
        connection.executemany(
            "DELETE FROM verdicts WHERE document = ?",
            [(form,) for document in documents for form in id_forms(document)],
        )
        erasure.rewrite(connection, folder)


def kept(folder: Path) -> list[tuple[date, Verdict]]:
    """Return every verdict with its day, oldest first.

    Raises:
        CatalogueError: the data folder cannot be read.
    """
    with _open(folder) as connection, sqlite.plain_errors(folder):
        rows = connection.execute(
            'SELECT day, question, document, start, "end", helpful FROM verdicts ORDER BY key'
        ).fetchall()
    return [
        (date.fromisoformat(day), Verdict(question, document, Span(start, end), bool(helpful)))
        for day, question, document, start, end, helpful in rows
    ]


def rated(folder: Path, first: date) -> list[Rated]:
    """Return the passages that were rated since a day, the most often rated first.

    Raises:
        CatalogueError: the data folder cannot be read.
    """
    if not (folder / FILE_NAME).is_file():
        return []
    with _open(folder) as connection, sqlite.plain_errors(folder):
        rows = connection.execute(
            'SELECT document, start, "end", sum(helpful), sum(1 - helpful) FROM verdicts'
            ' WHERE day >= ? GROUP BY document, start, "end"'
            ' ORDER BY count(*) DESC, document, start, "end"',
            (first.isoformat(),),
        ).fetchall()
    return [
        Rated(document, Span(start, end), helpful, unhelpful)
        for document, start, end, helpful, unhelpful in rows
    ]


def _open(folder: Path) -> closing[sqlite3.Connection]:
    with sqlite.plain_errors(folder):
        connection = sqlite.opened(folder / FILE_NAME)
        connection.execute(_TABLE)
    return closing(connection)
