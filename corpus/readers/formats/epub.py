"""E-books (.epub)."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from corpus.errors import DamagedFile, EncryptedFile, FileTooLarge, Refused, TooCostly
from corpus.progress import counted
from corpus.readers import archives
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.safe_xml import parsed
from corpus.types import Block, LeftOut, LeftOutReason, Metadata, RawDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_CHAPTERS: Final = 2000
MAX_PART_BYTES: Final = 16 * 2**20
MAX_BYTES: Final = 256 * 2**20
"""Of all chapters together, unpacked."""

_ROOT_FILE = ".//{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_epub(content: bytes) -> RawDocument:
    """Return an e-book's chapters in their order, and what it says of itself.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if its chapters are locked, and
    TooCostly if it has more than MAX_CHAPTERS.
    """
    with archives.opened(io.BytesIO(content)) as archive:
        try:
            container = parsed(_part(archive, "META-INF/container.xml"), _damaged())
            root_file = container.find(_ROOT_FILE)
            path = root_file.get("full-path", "") if root_file is not None else ""
            package = parsed(_part(archive, path), _damaged())
            chapters = list(_chapters(archive, package, posixpath.dirname(path)))
        except (KeyError, FileTooLarge) as error:
            raise _damaged() from error
    blocks = tuple(block for chapter in chapters for block in chapter)
    left_out = (
        (LeftOutReason.CHAPTER, sum(not chapter for chapter in chapters)),
        (LeftOutReason.PICTURE, _pictures(package)),
    )
    return RawDocument(
        blocks,
        _metadata(package),
        left_out=tuple(LeftOut(what, number=number) for what, number in left_out if number),
    )


def _chapters(
    archive: zipfile.ZipFile, package: _Element, folder: str
) -> Iterator[tuple[Block, ...]]:
    """Yield the blocks of each chapter, none if it has no text or is only spoken of."""
    from corpus.readers.formats.html import read_all

    names = {item.get("id"): item.get("href", "") for item in package.iter(f"{_OPF}item")}
    locked = "META-INF/encryption.xml" in archive.namelist()
    left, is_read = MAX_BYTES, False
    references = [*package.iter(f"{_OPF}itemref")]
    if len(references) > MAX_CHAPTERS:
        raise TooCostly(
            f"The e-book has {len(references):,} chapters, and {MAX_CHAPTERS:,} are read at most. "
            "Split it into several files."
        )
    for reference in counted(references):
        href = unquote(names.get(reference.get("idref"), "")).partition("#")[0]
        try:
            chapter = _part(archive, posixpath.normpath(posixpath.join(folder, href)))
        except KeyError:
            yield ()
            continue
        left -= len(chapter)
        if left < 0:
            raise _damaged()
        try:
            blocks = read_all(chapter)
        except Refused:
            blocks = ()
        is_read = is_read or any(block.text.strip() for block in blocks)
        yield blocks
    if locked and not is_read:
        raise EncryptedFile("The e-book is copy-protected. Use one without protection.")


def _pictures(package: _Element) -> int:
    items = package.iter(f"{_OPF}item")
    return sum(item.get("media-type", "").startswith("image/") for item in items)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archives.read(archive, archive.getinfo(name), MAX_PART_BYTES)


def _metadata(package: _Element) -> Metadata:
    return Metadata(
        title=meaningful_title(_property(package, "title")),
        publisher=institution(_property(package, "publisher")),
        published=_day(_property(package, "date")),
    )


def _property(package: _Element, name: str) -> str:
    found = next(package.iter(f"{_DC}{name}"), None)
    return (found.text or "").strip() if found is not None else ""


def _day(stated: str) -> date | None:
    try:
        return date.fromisoformat(stated[:10])
    except ValueError:
        return None


def _damaged() -> DamagedFile:
    return DamagedFile("The e-book is damaged or incomplete. Download or save it again.")
