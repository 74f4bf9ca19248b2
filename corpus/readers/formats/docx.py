"""Word documents (.docx)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile
from corpus.languages import any_of, words_of_all
from corpus.readers import archives
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.text.dates import stated_date
from corpus.types import Block, BlockKind, Metadata, RawDocument

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

CELL_SEPARATOR: Final = " | "
MAX_BYTES: Final = 256 * 2**20
"""Of all parts together, unpacked; pictures count."""

_LIST_STYLE = re.compile(r"list\b", re.I)
_COMPANY = re.compile(rb"<Company>([^<]+)</Company>")
_TEMPLATE_CREATED = date(2013, 12, 23)  # of the template that python-docx starts from


def read_docx(content: bytes) -> RawDocument:
    """Return the blocks and metadata of a Word document; a table's row is one line.

    The date is the one that the text begins with, or else the one of the file's making.

    Raises DamagedFile if it is broken or cut short, TooCostly if it unpacks to too much.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    with archives.opened(io.BytesIO(content)) as archive:
        archives.check(archive, MAX_BYTES)  # python-docx unpacks all of it, whatever it is
    try:
        document = docx.Document(io.BytesIO(content))
        blocks = tuple(_blocks(document))
        return RawDocument(blocks, _metadata(document, blocks))
    except (
        PackageNotFoundError,
        XMLSyntaxError,
        zipfile.BadZipFile,
        # What python-docx lets through where a part is missing, of another kind or ill-formed.
        KeyError,
        ValueError,
        AttributeError,
        IndexError,
        EOFError,
        OSError,
        RuntimeError,
        TypeError,
        zlib.error,
    ) as error:
        raise DamagedFile(
            "The Word document is damaged or incomplete. Download or save it again."
        ) from error


def _blocks(document: Document) -> Iterator[Block]:
    from docx.table import Table

    for item in document.iter_inner_content():
        if isinstance(item, Table):
            yield from _rows(item)
        else:
            yield _paragraph(item)


def _paragraph(paragraph: Paragraph) -> Block:
    text = paragraph.text
    style = paragraph.style.name if paragraph.style and paragraph.style.name else ""
    if _heading_style().match(style):
        return Block(BlockKind.HEADING, text)
    if _LIST_STYLE.match(style) or _is_numbered(paragraph):
        return Block(BlockKind.LIST_ITEM, f"- {text}" if text.strip() else "")
    return Block(BlockKind.PARAGRAPH, text)


def _is_numbered(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr
    return properties is not None and properties.numPr is not None


def _rows(table: Table) -> Iterator[Block]:
    for row in table.rows:
        # A merged cell is handed out once for every column it spans.
        cells = dict.fromkeys(row.cells)
        texts = (" ".join(cell.text.split()) for cell in cells)
        yield Block(BlockKind.LIST_ITEM, CELL_SEPARATOR.join(text for text in texts if text))


def _metadata(document: Document, blocks: tuple[Block, ...]) -> Metadata:
    properties = document.core_properties
    head = "\n".join(block.text for block in blocks[:20])
    return Metadata(
        title=meaningful_title(properties.title),
        publisher=institution(_company(document)) or institution(properties.author),
        published=stated_date(head) or _created(properties.created),
    )


def _created(moment: datetime | None) -> date | None:
    if moment is None or moment.date() == _TEMPLATE_CREATED:
        return None
    return moment.date()


def _company(document: Document) -> str:
    for part in document.part.package.iter_parts():
        if part.partname == "/docProps/app.xml":
            match = _COMPANY.search(part.blob)
            return match[1].decode("utf-8", "replace") if match else ""
    return ""


@cache
def _heading_style() -> re.Pattern[str]:
    styles = any_of(words_of_all(lambda language: language.files.heading_styles))
    return re.compile(rf"{styles}\b", re.IGNORECASE)
