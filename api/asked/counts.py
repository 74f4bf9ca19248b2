"""The counts of questions by day, in a file of their own beside the catalogue.

Backups and exports do not take the file, so what has to go after some days is nowhere else: they
copy what ends in ``.sqlite``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from api.asked.types import Alike, Figures, Kind, Outcome, Places
from api.contract.question_responses import MAX_DAYS
from corpus.errors import CatalogueError
from corpus.store import erasure, sqlite

FILE_NAME: Final = "questions.db"

MIN_ALIKE: Final = 5
"""Questions whose words are told only from so many alike on."""

MAX_TOLD: Final = 50
"""Questions that are told at once."""

MAX_WORDED: Final = 20_000
"""Rows with words that are kept, the most frequent and newest ones: some 2 MB, and 16 MB at worst,
whoever asks."""

LOCK_SECONDS: Final = 2.0
"""How long another program that has the file is waited for. Whoever looks at the page waits too."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""What SQLite says of a file that is none of its own, or of other tables than ours."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS asked (
    day     TEXT    NOT NULL,
    places  TEXT    NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('answered', 'perhaps', 'nothing')),
    words   TEXT    NOT NULL,
    number  INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (day, places, outcome, words)
) STRICT, WITHOUT ROWID
"""

_ADDED: Final = "ON CONFLICT DO UPDATE SET number = number + excluded.number"

_RAREST: Final = (
    "(day, places, outcome, words) IN (SELECT day, places, outcome, words FROM asked"
    " WHERE words <> '' ORDER BY number DESC, day DESC, places, outcome, words LIMIT -1 OFFSET ?)"
)

_SEEN: Final = (
    "(:within = 'null' OR places <> 'null' AND NOT EXISTS (SELECT 1 FROM json_each(places) place"
    " WHERE place.value NOT IN (SELECT value FROM json_each(:within))))"
)
"""Asked in nothing but these collections."""


def add(folder: Path, numbers: Mapping[Kind, int]) -> None:
    """Count so many questions of each kind more.

    Raises:
        CatalogueError: the file cannot be written.
    """
    with _opened(folder) as connection, sqlite.transaction(connection):
        connection.executemany(
            f"INSERT INTO asked VALUES (?, ?, ?, ?, ?) {_ADDED}",  # noqa: S608
            [
                (kind.day.isoformat(), _written(kind.places), kind.outcome, kind.words, number)
                for kind, number in numbers.items()
            ],
        )
        worded = connection.execute("SELECT count(*) FROM asked WHERE words <> ''").fetchone()[0]
        if worded > MAX_WORDED:
            _forget_words(connection, _RAREST, MAX_WORDED)


def forget(folder: Path, today: date, words_days: int) -> None:
    """Delete words that are older than so many days, today's among them, and counts after MAX_DAYS.

    No byte of them stays in the file. The questions stay counted.

    Raises:
        CatalogueError: the file cannot be written.
    """
    if not (folder / FILE_NAME).is_file():
        return
    with _opened(folder) as connection:
        with sqlite.transaction(connection):
            _forget_words(connection, "day < ?", since(today, words_days).isoformat())
            oldest = since(today, MAX_DAYS).isoformat()
            connection.execute("DELETE FROM asked WHERE day < ?", (oldest,))
        erasure.rewrite(connection, folder)


def rename(folder: Path, old: str, new: str) -> None:
    """Have what was asked in a collection be asked in it under its new name.

    Raises:
        CatalogueError: the file cannot be written.
    """
    if not (folder / FILE_NAME).is_file():
        return
    with _opened(folder) as connection, sqlite.transaction(connection):
        for (written,) in connection.execute("SELECT DISTINCT places FROM asked").fetchall():
            names = json.loads(written)
            if names and old in names:
                renamed = _written(frozenset(names) - {old} | {new})
                connection.execute(
                    "INSERT INTO asked SELECT day, ?, outcome, words, number FROM asked"  # noqa: S608
                    f" WHERE places = ? {_ADDED}",
                    (renamed, written),
                )
                connection.execute("DELETE FROM asked WHERE places = ?", (written,))


def figures(folder: Path, first: date, first_worded: date, within: Places) -> Figures:
    """Return what may be told of questions that were asked ``within`` some collections alone.

    Counts begin with one day, words with another.

    Raises:
        CatalogueError: the file cannot be read.
    """
    if not (folder / FILE_NAME).exists():
        return Figures(dict.fromkeys(Outcome, 0), ())
    wanted = {
        "first": first.isoformat(),
        "worded": max(first, first_worded).isoformat(),
        "within": _written(within),
        "least": MIN_ALIKE,
        "most": MAX_TOLD,
    }
    with _opened(folder) as connection:
        connection.execute("BEGIN")
        outcomes = connection.execute(
            "SELECT outcome, sum(number) FROM asked"  # noqa: S608
            f" WHERE day >= :first AND {_SEEN} GROUP BY outcome",
            wanted,
        ).fetchall()
        often = connection.execute(
            "SELECT words, sum(number) AS alike, sum(number) FILTER (WHERE outcome = 'nothing')"  # noqa: S608
            f" FROM asked WHERE day >= :worded AND words <> '' AND {_SEEN} GROUP BY words"
            " HAVING alike >= :least ORDER BY alike DESC, words LIMIT :most",
            wanted,
        ).fetchall()
        return Figures(
            dict.fromkeys(Outcome, 0) | {Outcome(name): number for name, number in outcomes},
            tuple(Alike(words, number, unanswered or 0) for words, number, unanswered in often),
        )


def since(today: date, days: int) -> date:
    """Return the first of so many days of which today is the last."""
    return today - timedelta(days=days - 1)


def _forget_words(connection: sqlite3.Connection, which: str, *parameters: object) -> None:
    """Count questions without their words from now on."""
    where = f"words <> '' AND {which}"
    connection.execute(
        "INSERT INTO asked SELECT day, places, outcome, '', sum(number) FROM asked"  # noqa: S608
        f" WHERE {where} GROUP BY day, places, outcome {_ADDED}",
        parameters,
    )
    connection.execute(f"DELETE FROM asked WHERE {where}", parameters)  # noqa: S608


def _written(places: Places) -> str:
    """Return collections as a row has them."""
    return json.dumps(None if places is None else sorted(places), ensure_ascii=False)


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / FILE_NAME
    with sqlite.plain_errors(folder), _plainly_damaged(path):
        path.touch(mode=0o600)
        with closing(sqlite.opened(path, timeout_seconds=LOCK_SECONDS)) as connection:
            connection.execute(_TABLE)
            yield connection


@contextmanager
def _plainly_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, ValueError) as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF not in _DAMAGED:
            raise
        raise CatalogueError(
            f"{path} is damaged ({error}). Delete it: the counts of questions begin anew, and "
            "nothing else is lost."
        ) from error
