"""What OpenDocument's formats have in common."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.errors import DamagedFile, EncryptedFile, FileTooLarge
from corpus.readers import archives
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.safe_xml import parsed
from corpus.types import LeftOut, LeftOutReason, Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_PART_BYTES: Final = 256 * 2**20
"""Largest part that is unpacked; the text of a thousand pages has some 10 MB."""

MIN_MARGIN_LETTERS: Final = 12
"""Letters from which a header or footer with the page's number says more than "Page 3 of 7"."""

TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
PRESENTATION: Final = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"

ASIDE: Final = frozenset(
    {f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{TEXT}note", f"{DRAW}text-box"}
)
"""What stands inside a paragraph and is no part of its sentence."""

_PAGES = ("", "-left", "-first")
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STYLES = "styles.xml"
_PICTURE = re.compile(r"Pictures/[^/]+")
_OBJECT = re.compile(r"(?:[^/]+/)?Object [^/]+/content\.xml")


class OpenDocument(NamedTuple):
    """The parts of a file that are read."""

    root: _Element
    """Of the content."""
    body: _Element
    """Of the kind that was asked for."""
    meta: _Element
    styles: _Element | None
    """The page styles among them, with what stands at the head and foot of pages."""
    names: tuple[str, ...]
    """Of all parts."""

    def metadata(self) -> Metadata:
        """Return what the properties say."""
        return Metadata(
            title=meaningful_title(self._property(f"{_DC}title")),
            publisher=institution(self._property(f"{_META}initial-creator")),
        )

    def left_out(self, more: Mapping[LeftOutReason, int]) -> tuple[LeftOut, ...]:
        """Return how many parts are no text, and ``more`` that its reader left out."""
        counts = Counter(more)
        for what, pattern in ((LeftOutReason.PICTURE, _PICTURE), (LeftOutReason.OBJECT, _OBJECT)):
            counts[what] += sum(pattern.fullmatch(name) is not None for name in self.names)
        return tuple(LeftOut(what, number=count) for what, count in counts.items() if count)

    def _property(self, name: str) -> str:
        found = next(self.meta.iter(name), None)
        return (found.text or "") if found is not None else ""


def opened(content: bytes, kind: str) -> OpenDocument:
    """Return the parts of a file whose body is of a kind, such as ``text``.

    Raises DamagedFile if it is broken or cut short, EncryptedFile if behind a password.
    """
    with archives.opened(io.BytesIO(content)) as archive:
        try:
            if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
                raise EncryptedFile(
                    "The file is protected by a password. Save it without one and try again."
                )
            root = parsed(_part(archive, "content.xml"), damaged())
            meta = parsed(_part(archive, "meta.xml"), damaged())
            has_styles = _STYLES in archive.namelist()
            styles = parsed(_part(archive, _STYLES), damaged()) if has_styles else None
        except (KeyError, FileTooLarge) as error:
            raise damaged() from error
        names = tuple(archive.namelist())
    body = root.find(f"{OFFICE}body/{OFFICE}{kind}")
    if body is None:
        raise damaged()
    return OpenDocument(root, body, meta, styles, names)


def styles_of(content: bytes) -> _Element:
    """Return what ``opened`` does not read of a file: its styles.

    Raises DamagedFile if they are broken or missing.
    """
    with archives.opened(io.BytesIO(content)) as archive:
        try:
            return parsed(_part(archive, "styles.xml"), damaged())
        except (KeyError, FileTooLarge) as error:
            raise damaged() from error


def said(element: _Element) -> str:
    """Return what an element says in one go, without notes, comments and text boxes in it."""
    from lxml import etree

    parts: list[str] = []
    skipped = 0
    for event, each in etree.iterwalk(element, events=("start", "end")):
        aside = each is not element and each.tag in ASIDE
        if event == "start":
            skipped += aside
            if not skipped:
                parts.append(" " * (each.tag in (f"{TEXT}s", f"{TEXT}tab")))
                parts.append("\n" * (each.tag == f"{TEXT}line-break"))
                parts.append(each.text or "")
            continue
        skipped -= aside
        if each is not element and not skipped:
            parts.append(" " * (each.tag in (f"{TEXT}p", f"{TEXT}h")))
            parts.append(each.tail or "")
    return "".join(parts).strip()


def margins_of(document: OpenDocument) -> Iterator[str]:
    """Yield the lines at the head and foot of pages, each once, that say more than their number."""
    kinds = (f"{STYLE}{part}{pages}" for part in ("header", "footer") for pages in _PAGES)
    found = document.styles.iter(*kinds) if document.styles is not None else ()
    shown = (each for each in found if each.get(f"{STYLE}display") != "false")
    lines: dict[str, None] = {}
    for line in chain.from_iterable(each.iter(f"{TEXT}p", f"{TEXT}h") for each in shown):
        text = said(line)
        has_number = next(line.iter(f"{TEXT}page-number"), None) is not None
        if sum(map(str.isalpha, text)) >= (MIN_MARGIN_LETTERS if has_number else 1):
            lines[text] = None
    yield from lines


def notes_in(element: _Element) -> Iterator[str]:
    """Yield the foot- and endnotes of an element, each after its number."""
    for note in element.iter(f"{TEXT}note"):
        number = note.findtext(f"{TEXT}note-citation") or ""
        body = note.find(f"{TEXT}note-body")
        if body is not None:
            yield f"{number} {said(body)}".strip()


def count_of(element: _Element, name: str) -> int:
    """Return how many elements of a name are inside another."""
    return sum(1 for _ in element.iter(name))


def damaged() -> DamagedFile:
    """Return the refusal of a broken file."""
    return DamagedFile("The OpenDocument file is damaged or incomplete. Download or save it again.")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archives.read(archive, archive.getinfo(name), MAX_PART_BYTES)
