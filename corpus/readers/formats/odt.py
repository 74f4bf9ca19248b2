"""OpenDocument texts (.odt)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, EncryptedFile, FileTooLarge
from corpus.readers import archives
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.safe_xml import parsed
from corpus.text.dates import stated_date
from corpus.types import Block, BlockKind, Metadata, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_PART_BYTES: Final = 256 * 2**20
"""Largest part that is unpacked; the text of a thousand pages has some 10 MB."""

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LEFT_OUT = frozenset({f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation"})


def read_odt(content: bytes) -> RawDocument:
    """Return the blocks and metadata of an OpenDocument text; a table's row is one line.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password.
    """
    with archives.opened(io.BytesIO(content)) as archive:
        try:
            manifest = _part(archive, "META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise EncryptedFile(
                    "The file is protected by a password. Save it without one and try again."
                )
            body = parsed(
                archives.read(archive, archive.getinfo("content.xml"), MAX_PART_BYTES), _damaged()
            )
            meta = parsed(
                archives.read(archive, archive.getinfo("meta.xml"), MAX_PART_BYTES), _damaged()
            )
        except (KeyError, FileTooLarge) as error:
            raise _damaged() from error
    text = body.find(f"{_OFFICE}body/{_OFFICE}text")
    if text is None:
        raise _damaged()
    blocks = tuple(_blocks(text))
    return RawDocument(blocks, _metadata(meta, blocks))


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archives.read(archive, archive.getinfo(name), MAX_PART_BYTES)


def _blocks(parent: _Element) -> Iterator[Block]:
    """Yield blocks in order; the stack is ours, so that depth does no harm."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag == f"{_TEXT}h":
            yield Block(BlockKind.HEADING, _said(element))
        elif element.tag == f"{_TEXT}p":
            yield Block(BlockKind.PARAGRAPH, _said(element))
        elif element.tag == f"{_TEXT}list-item":
            yield Block(BlockKind.LIST_ITEM, f"- {_said(element)}")
        elif element.tag == f"{_TABLE}table-row":
            cells = (_said(cell) for cell in element.iter(f"{_TABLE}table-cell"))
            yield Block(BlockKind.LIST_ITEM, " | ".join(cell for cell in cells if cell))
        elif element.tag not in _LEFT_OUT:
            stack.append(iter(element))


def _said(element: _Element) -> str:
    parts: list[str] = []
    skipped = 0
    from lxml import etree

    for event, each in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            skipped += each.tag in _LEFT_OUT
            if not skipped:
                parts.append(" " * (each.tag in (f"{_TEXT}s", f"{_TEXT}tab")))
                parts.append("\n" * (each.tag == f"{_TEXT}line-break"))
                parts.append(each.text or "")
            continue
        skipped -= each.tag in _LEFT_OUT
        if each is not element and not skipped:
            parts.append(" " * (each.tag in (f"{_TEXT}p", f"{_TEXT}h")))
            parts.append(each.tail or "")
    return "".join(parts).strip()


def _metadata(meta: _Element, blocks: tuple[Block, ...]) -> Metadata:
    head = "\n".join(block.text for block in blocks[:20])
    return Metadata(
        title=meaningful_title(_property(meta, f"{_DC}title")),
        publisher=institution(_property(meta, f"{_META}initial-creator")),
        published=stated_date(head) or _day(_property(meta, f"{_META}creation-date")),
    )


def _property(meta: _Element, name: str) -> str:
    found = next(meta.iter(name), None)
    return (found.text or "") if found is not None else ""


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


def _damaged() -> DamagedFile:
    return DamagedFile("The OpenDocument text is damaged or incomplete. Download or save it again.")
