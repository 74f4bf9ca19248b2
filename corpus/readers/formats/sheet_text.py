"""Tables as text (.csv, .tsv) none of whose columns is a document's text: each row is a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

from corpus.errors import DamagedFile, FileTooLarge
from corpus.readers.encoding import decode
from corpus.readers.formats.office.sheet_rows import MAX_ROWS, blocks_of_sheets
from corpus.types import RawDocument

DELIMITERS: Final = ",;\t|"

MAX_COLUMNS: Final = 16_384
"""Of a row, as in other sheets."""


def read_sheet(content: bytes) -> RawDocument:
    """Return the rows of a table, each with the names of its columns, as of a workbook's sheet.

    Raises DamagedFile if it is broken, FileTooLarge if it has too many rows.
    """
    text = decode(content).removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=lambda each: len(names_by(each, text)))
    rows = [
        [" ".join(cell.split()) for cell in record[:MAX_COLUMNS]]
        for record in islice(_records(text, delimiter), MAX_ROWS + 1)
    ]
    if len(rows) > MAX_ROWS:
        raise FileTooLarge(f"The table has more than {MAX_ROWS:,} rows. Split it.")
    return RawDocument(tuple(blocks_of_sheets([("", rows)])))


def records_by(delimiter: str, text: str) -> Iterator[list[str]]:
    """Return the rows of a table, the one of the columns' names among them.

    Raises csv.Error from a row on that is broken.
    """
    # It is the process's own, which others rely on too.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def names_by(delimiter: str, text: str) -> list[str]:
    """Return the names of the columns, none if the first row is broken."""
    try:
        return [name.strip() for name in next(records_by(delimiter, text), [])]
    except csv.Error:
        return []


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    rows = 0  # without that of the columns' names
    try:
        for rows, record in enumerate(records_by(delimiter, text)):  # noqa: B007
            yield record
    except csv.Error as error:
        raise damaged_after(rows, error) from error


def damaged_after(row: int, error: csv.Error) -> DamagedFile:
    """Return the refusal of a table that is broken after a row."""
    return DamagedFile(f"The table is damaged after row {row} ({error}). Save it again as CSV.")
