"""Excel workbooks (.xlsx)."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from corpus.errors import DamagedFile
from corpus.progress import counted
from corpus.readers import archives
from corpus.readers.formats.office.number_formats import is_share, shown
from corpus.readers.formats.office.packages import Package
from corpus.readers.formats.office.sheet_rows import Row, blocks_of_sheets
from corpus.types import LeftOutReason, RawDocument

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
"""Of a sheet, as Excel has it."""

_COMMENTS = re.compile(r"xl/comments/?[^/]*\.xml")  # threaded ones are written here as well
_DRAWING = re.compile(r"xl/drawings/[^/]+\.xml")
_COMMENT = re.compile(rb"<(?:\w+:)?comment\s")
_TEXT_BOX = re.compile(rb"<(?:\w+:)?txBody\b")
_NO_VALUE = re.compile(
    rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)  # a formula whose value no program has put beside it


def read_xlsx(content: bytes) -> RawDocument:
    """Return the rows of a workbook's sheets; of a formula, the value that was stored with it.

    Hidden sheets, comments, drawings and charts are left out.

    Raises DamagedFile if it is broken or cut short, TooCostly if it unpacks to too much or has
    too many rows.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    package = Package(content, _damaged)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = load_workbook(
                io.BytesIO(package.content), read_only=True, data_only=True, keep_links=False
            )
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            blocks = tuple(
                blocks_of_sheets((sheet.title, _rows(sheet)) for sheet in counted(visible))
            )
    except (
        InvalidFileException,
        *archives.BAD,
        # What openpyxl lets through where a part is missing, of another kind or ill-formed.
        TypeError,
        AttributeError,
        SyntaxError,
        AssertionError,
    ) as error:
        if isinstance(error, MemoryError):
            raise
        raise _damaged() from error
    left_out = package.left_out(_others(package, len(book.worksheets) - len(visible)))
    return RawDocument(blocks, package.metadata(), left_out=left_out)


def _others(package: Package, hidden: int) -> dict[LeftOutReason, int]:
    from openpyxl.xml.constants import PACKAGE_WORKSHEETS

    sheet = re.compile(rf"{PACKAGE_WORKSHEETS}/[^/]+\.xml")
    counts = {
        LeftOutReason.HIDDEN: hidden,
        LeftOutReason.COMMENT: 0,
        LeftOutReason.DRAWING: 0,
        LeftOutReason.FORMULA: 0,
    }
    for name in package.names:
        for what, names, pattern in (
            (LeftOutReason.COMMENT, _COMMENTS, _COMMENT),
            (LeftOutReason.DRAWING, _DRAWING, _TEXT_BOX),
            (LeftOutReason.FORMULA, sheet, _NO_VALUE),
        ):
            if names.fullmatch(name):
                counts[what] += sum(1 for _ in pattern.finditer(package.part(name)))
    return counts


def _rows(sheet: Any) -> Iterator[Row]:  # one that is read only, which the stubs do not know
    sheet.reset_dimensions()  # what a sheet says of its size need not be so
    for row in sheet.iter_rows(max_row=LAST_ROW, max_col=None):
        yield [_text(cell) for cell in row[:LAST_COLUMN]]


def _text(cell: ReadOnlyCell | EmptyCell) -> str:
    """Return a cell's value as text: days as such, a number as its format shows it if that is no
    more than digits and what they count."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case int() | float() if as_shown := shown(value, cell.number_format or ""):
            return as_shown
        case int() | float() if is_share(value, cell.number_format or ""):
            return f"{value * 100:.12g} %"
        case float():
            return f"{value:.15g}"
        case _:
            return " ".join(str(value).split())


def _damaged() -> DamagedFile:
    return DamagedFile("The Excel workbook is damaged or incomplete. Download or save it again.")
