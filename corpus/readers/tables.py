"""Tables (CSV, JSON lines), whose rows are documents of their own.

A row becomes a file below the table's name, ``news.csv/12.json``: one JSON object, with the row's
fields by their names. So a row is read, cited, replaced and removed like any other file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from corpus.errors import DamagedFile, FileTooLarge
from corpus.readers.encoding import decode
from corpus.readers.formats.sheet_text import DELIMITERS, damaged_after, names_by, records_by
from corpus.readers.formats.table_row import TEXT_NAMES, found_in

MAX_ROWS: Final = 50_000
"""Rows of one table. All of them are accepted in one transaction."""

_CSV = frozenset({".csv", ".tsv"})
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


class Row(NamedTuple):
    """A row as a file of its own."""

    file: str
    content: bytes


def is_table(file: str) -> bool:
    """Tell by its name whether a file is a table."""
    return PurePosixPath(file).suffix.lower() in _CSV | _JSON_LINES


def rows(file: str, content: bytes) -> tuple[Row, ...]:
    """Return the rows of a table that are not empty; none of one in CSV whose first row names no
    column of texts, which is one document.

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
    if not found and not is_csv:
        raise _no_rows()
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def _records(text: str) -> Iterator[tuple[int, str]]:
    delimiter = next((each for each in DELIMITERS if _has_text(names_by(each, text))), None)
    if delimiter is None:
        return
    records = records_by(delimiter, text)
    names = [name.strip() for name in next(records)]
    number = 0
    try:
        for number, record in enumerate(records, 1):
            if any(cell.strip() for cell in record):
                # A row may be shorter than the first, as spreadsheets leave empty cells out.
                yield number, json.dumps(dict(zip(names, record, strict=False)), ensure_ascii=False)
    except csv.Error as error:
        raise damaged_after(number, error) from error
    if not number:
        raise _no_rows()


def _has_text(names: Sequence[str]) -> bool:
    return bool(found_in(dict.fromkeys(names, "-"), TEXT_NAMES))


def _no_rows() -> DamagedFile:
    return DamagedFile("The table has no rows. Check that it was saved completely.")
