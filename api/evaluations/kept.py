"""The figures of evaluations, in a file of their own beside the catalogue."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from corpus.store import sqlite

FILE_NAME: Final = "evaluations.sqlite"

MAX_KEPT: Final = 50
"""Evaluations, the newest ones."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS evaluations (
    key             INTEGER PRIMARY KEY AUTOINCREMENT,
    made            TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    generation      INTEGER NOT NULL,
    questions       INTEGER NOT NULL,
    skipped         INTEGER NOT NULL,
    first           REAL,
    first_low       REAL,
    first_high      REAL,
    among_five      REAL,
    among_five_low  REAL,
    among_five_high REAL,
    refused         REAL,
    wrongly_refused REAL
) STRICT
"""


class Share(NamedTuple):
    """A share of questions, and where it would lie with others of the same kind (95 %)."""

    value: float
    low: float
    high: float


class Evaluation(NamedTuple):
    """What came of asking a question file."""

    made: datetime
    """When it was finished, in UTC."""
    model: str
    generation: int
    """Of the collection's state that was asked."""
    questions: int
    skipped: int
    """Questions of the file whose documents are not there; they are not among the others."""
    first: Share | None
    """How often the right passage came first; None without questions that have one."""
    among_five: Share | None
    """How often it was among the first five."""
    refused: float | None
    """Share of the questions without an answer that nothing was said to answer."""
    wrongly_refused: float | None
    """The same of the questions with one."""


def keep(folder: Path, evaluation: Evaluation) -> None:
    """Write an evaluation down.

    Raises:
        CatalogueError: the data folder cannot be written.
    """
    made, *others = evaluation
    with _opened(folder) as connection, sqlite.plain_errors(folder):
        connection.execute(
            "INSERT INTO evaluations VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                made.isoformat(),
                *others[:4],
                *_columns(evaluation.first),
                *_columns(evaluation.among_five),
                *others[6:],
            ],
        )
        connection.execute(
            "DELETE FROM evaluations WHERE key <= (SELECT max(key) FROM evaluations) - ?",
            (MAX_KEPT,),
        )


def kept(folder: Path) -> list[Evaluation]:
    """Return the evaluations, newest first.

    Raises:
        CatalogueError: the data folder cannot be read.
    """
    if not (folder / FILE_NAME).exists():
        return []
    with _opened(folder) as connection, sqlite.plain_errors(folder):
        rows = connection.execute("SELECT * FROM evaluations ORDER BY key DESC").fetchall()
    return [_evaluation(*row[1:]) for row in rows]


def _evaluation(made: str, *values: Any) -> Evaluation:
    model, generation, questions, skipped, *shares, refused, wrongly_refused = values
    return Evaluation(
        datetime.fromisoformat(made),
        model,
        generation,
        questions,
        skipped,
        _share(*shares[:3]),
        _share(*shares[3:]),
        refused,
        wrongly_refused,
    )


def _columns(share: Share | None) -> tuple[float | None, ...]:
    return tuple(share) if share else (None, None, None)


def _share(value: float | None, low: float, high: float) -> Share | None:
    return None if value is None else Share(value, low, high)


def _opened(folder: Path) -> closing[sqlite3.Connection]:
    path = folder / FILE_NAME
    with sqlite.plain_errors(folder):
        path.touch(mode=0o600)
        connection = sqlite.opened(path)
        connection.execute(_TABLE)
    return closing(connection)
