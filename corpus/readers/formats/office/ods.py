"""OpenDocument spreadsheets (.ods)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Final

from corpus.progress import counted
from corpus.readers.formats.office.opendocument import (
    DRAW,
    OFFICE,
    STYLE,
    TABLE,
    TEXT,
    count_of,
    opened,
    said,
)
from corpus.readers.formats.office.sheet_rows import MAX_ROWS, Row, blocks_of_sheets
from corpus.types import LeftOutReason, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

LAST_COLUMN: Final = 16_384
"""Of a sheet, as LibreOffice has it."""

_CELLS = frozenset({f"{TABLE}table-cell", f"{TABLE}covered-table-cell"})


def read_ods(content: bytes) -> RawDocument:
    """Return the rows of a spreadsheet's sheets, each cell as it was shown.

    Hidden sheets, comments and drawings are left out.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password, and
    TooCostly if it has too many rows.
    """
    document = opened(content, "spreadsheet")
    hidden = _hidden_styles(document.root)
    sheets = document.body.findall(f"{TABLE}table")
    shown = [sheet for sheet in sheets if sheet.get(f"{TABLE}style-name") not in hidden]
    blocks = tuple(
        blocks_of_sheets((sheet.get(f"{TABLE}name", ""), _rows(sheet)) for sheet in counted(shown))
    )
    left_out = document.left_out(
        {
            LeftOutReason.HIDDEN: len(sheets) - len(shown),
            LeftOutReason.COMMENT: count_of(document.body, f"{OFFICE}annotation"),
            LeftOutReason.DRAWING: count_of(document.body, f"{DRAW}text-box"),
        }
    )
    return RawDocument(blocks, document.metadata(), left_out=left_out)


def _hidden_styles(root: _Element) -> frozenset[str | None]:
    return frozenset(
        style.get(f"{STYLE}name")
        for style in root.iter(f"{STYLE}style")
        if any(each.get(f"{TABLE}display") == "false" for each in style)
    )


def _rows(sheet: _Element) -> Iterator[Row]:
    for row in sheet.iter(f"{TABLE}table-row"):
        cells = list(islice(chain.from_iterable(map(_cells, row)), LAST_COLUMN))
        if any(cells):
            yield from repeat(cells, _times(row, "number-rows-repeated", MAX_ROWS + 1))


def _cells(element: _Element) -> Iterator[str]:
    if element.tag in _CELLS:
        text = said(element) or _value(element)
        yield from repeat(text, _times(element, "number-columns-repeated", LAST_COLUMN))


def _value(cell: _Element) -> str:
    """Return the value of a cell with which no program has put how it is shown."""
    if cell.find(f"{TEXT}p") is not None:
        return ""
    names = ("string-value", "date-value", "time-value", "boolean-value", "value")
    return next(filter(None, (cell.get(f"{OFFICE}{name}") for name in names)), "")


def _times(element: _Element, name: str, most: int) -> int:
    stated = element.get(f"{TABLE}{name}", "1")
    return min(int(stated), most) if stated.isdecimal() and len(stated) < 10 else 1
