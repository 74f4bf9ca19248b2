"""Tables (CSV, JSON lines), whose rows are documents of their own.

A row becomes a file below the table's name, ``news.csv/12.json``: one JSON object, with the row's
fields by their names. So a row is read, cited, replaced and removed like any other file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from corpus.errors import DamagedFile, FileTooLarge, Refused
from corpus.readers.encoding import decode
from corpus.readers.formats.table_row import TEXT_NAMES, found_in

MAX_ROWS: Final = 50_000
"""Rows of one table. All of them are accepted in one transaction."""

_CSV = frozenset({".csv", ".tsv"})
_JSON_LINES = frozenset({".jsonl", ".ndjson"})
_DELIMITERS = ",;\t|"


class Row(NamedTuple):
    """A row as a file of its own."""

    file: str
    content: bytes


def is_table(file: str) -> bool:
    """Tell by its name whether a file is a table."""
    return PurePosixPath(file).suffix.lower() in _CSV | _JSON_LINES


def rows(file: str, content: bytes) -> tuple[Row, ...]:
    """Return the rows of a table that are not empty.

    They are numbered from 1: those of CSV as records without the first, which names the
    columns, JSON lines as lines.

    Raises:
        Refused: it is no such table, is broken, or has too many rows. Whether a row can be
            read, its reader says.
    """
    is_csv = PurePosixPath(file).suffix.lower() in _CSV
    read = _records if is_csv else _lines
    found: list[Row] = []
    for number, text in read(decode(content).removeprefix("\ufeff")):
        if len(found) == MAX_ROWS:
            raise FileTooLarge(f"The table has more than {MAX_ROWS:,} rows. Split it.")
        found.append(Row(f"{file}/{number}.json", text.encode("utf-8", "replace")))
    if not found:
        raise DamagedFile("The table has no rows. Check that it was saved completely.")
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def _records(text: str) -> Iterator[tuple[int, str]]:
    names, records = _opened(text)
    number = 0
    try:
        for number, record in enumerate(records, 1):
            if any(cell.strip() for cell in record):
                # A row may be shorter than the first, as spreadsheets leave empty cells out.
                yield number, json.dumps(dict(zip(names, record, strict=False)), ensure_ascii=False)
    except csv.Error as error:
        raise DamagedFile(
            f"The table is damaged after row {number} ({error}). Save it again as CSV."
        ) from error


def _opened(text: str) -> tuple[list[str], Iterator[list[str]]]:
    """Return the names of the columns and the rows, by the delimiter that makes sense of them."""
    # It is the process's own, which others rely on too.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    for delimiter in _DELIMITERS:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            names = [name.strip() for name in next(records, [])]
        except csv.Error:
            continue
        if found_in(dict.fromkeys(names, "-"), TEXT_NAMES):
            return names, records
    raise _no_text_column()


def _no_text_column() -> Refused:
    return DamagedFile(
        "The first row names no column text. Put the column names there: text and, where you have "
        "them, title, date, language, url and publisher."
    )
