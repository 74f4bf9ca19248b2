"""Rich Text Format (.rtf)."""

from __future__ import annotations

import re
from typing import Final

from corpus.errors import DamagedFile
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.line_blocks import Line, blocks_of
from corpus.types import Metadata, RawDocument

_INFO: Final = r"\{{\\{}\b ?((?:[^{{}}\\]|\\[^{{}}])*)\}}"
_TITLE, _COMPANY, _AUTHOR = (
    re.compile(_INFO.format(name)) for name in ("title", "company", "author")
)
_CODE_PAGE = re.compile(r"\\ansicpg\d{1,5}")
_CELL = re.compile(r" *\|[ |]*")

HEAD_CHARACTERS: Final = 20_000
"""Of the file, in which its properties stand: after the tables of fonts and colours."""


def read_rtf(content: bytes) -> RawDocument:
    """Return the blocks and metadata of an RTF document; a table's row is one line.

    Raises DamagedFile if it is broken.
    """
    source = content.decode("latin-1")
    lines = _plain(source).split("\n")
    blocks = tuple(blocks_of(Line(_CELL.sub(" | ", line).strip(" |"), True) for line in lines))
    return RawDocument(blocks, _metadata(source[:HEAD_CHARACTERS]))


def _plain(source: str) -> str:
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise DamagedFile("The RTF document is damaged. Save it again.") from error
    return text.replace("\xad", "")


def _metadata(source: str) -> Metadata:
    def property_(pattern: re.Pattern[str]) -> str:
        found = pattern.search(source)
        page = _CODE_PAGE.search(source)
        return _plain(f"{{\\rtf1{page[0] if page else ''} {found[1]}}}") if found else ""

    return Metadata(
        title=meaningful_title(property_(_TITLE)),
        publisher=institution(property_(_COMPANY)) or institution(property_(_AUTHOR)),
    )
