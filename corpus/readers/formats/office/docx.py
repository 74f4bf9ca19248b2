"""Word documents (.docx)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.formats.office.diagrams import diagrams_of
from corpus.readers.formats.office.packages import Package
from corpus.readers.formats.office.word_lists import Numbering, W, place_in
from corpus.readers.formats.office.word_text import Others, Story, Style
from corpus.types import Block, Metadata, RawDocument

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

MAIN_PART: Final = "word/document.xml"

MIN_MARGIN_LETTERS: Final = 12
"""Letters from which a header or footer with the page's number says more than "Page 3 of 7"."""

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PAGE_FIELD = re.compile(rb"\bPAGE\b")
_COMPANY = re.compile(rb"<Company>([^<]+)</Company>")


def read_docx(content: bytes) -> RawDocument:
    """Return the blocks and metadata of a Word document; a table's row is one line.

    Lists have their numbers, changes are accepted. Notes, comments (in brackets) and text boxes
    follow the paragraph that they belong to, headers and footers of the pages the whole text.

    Raises DamagedFile if it is broken or cut short, TooCostly if it unpacks to too much.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    package = Package(content, _damaged)  # python-docx unpacks all of it, whatever it is
    try:
        document = docx.Document(io.BytesIO(package.content))
        story = _story(package, document)
        blocks = (*story.blocks(document.element), *_margins(package, document, story))
        left_out = package.left_out(story.left_out)
        return RawDocument(blocks, _metadata(document), left_out=left_out)
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
        raise _damaged() from error


def _story(package: Package, document: Document) -> Story:
    parts = dict(package.related(_main(document)).values())

    def root(kind: str) -> _Element | None:
        name = parts.get(kind)
        return package.xml(name) if name in package.names else None

    styles = _styles(root("styles"))
    lists = {name: style.place.list_id for name, style in styles.items() if style.place}
    notes = {
        (kind, each.get(f"{W}id", "")): each
        for kind in ("footnote", "endnote")
        for each in _children(root(f"{kind}s"), kind)
        if each.get(f"{W}type", "normal") == "normal"  # the others draw the line above them
    }
    comments = {each.get(f"{W}id", ""): each for each in _children(root("comments"), "comment")}
    others = Others(notes, comments, diagrams_of(package, _main(document)))
    return Story(styles, Numbering(root("numbering"), lists), others)


def _main(document: Document) -> str:
    return str(document.part.partname).lstrip("/")


def _children(root: _Element | None, name: str) -> list[_Element]:
    return [] if root is None else root.findall(f"{W}{name}")


def _styles(root: _Element | None) -> dict[str, Style]:
    """Return the paragraph styles by their ids; one has its base's list unless it names its own."""
    found = {each.get(f"{W}styleId", ""): each for each in _children(root, "style")}
    return {name: _style(element, found) for name, element in found.items()}


def _style(element: _Element, by_id: dict[str, _Element]) -> Style:
    named = element.find(f"{W}name")
    name = named.get(f"{W}val", "") if named is not None else ""
    seen: list[_Element] = []
    while element is not None and element not in seen:
        if place := place_in(element.find(f"{W}pPr")):
            return Style(name, place)
        seen.append(element)
        base = element.find(f"{W}basedOn")
        element = by_id.get(base.get(f"{W}val", "")) if base is not None else None
    return Style(name)


def _margins(package: Package, document: Document, story: Story) -> Iterator[Block]:
    """Yield what stands at the top and bottom of the pages, each once."""
    related = package.related(_main(document))
    said: set[str] = set()
    for kind in ("headerReference", "footerReference"):
        for reference in document.element.iter(f"{W}{kind}"):
            _, name = related.get(reference.get(f"{_R}id", ""), ("", ""))
            if name not in package.names:
                continue
            content = package.part(name)
            least = MIN_MARGIN_LETTERS if _PAGE_FIELD.search(content) else 1
            for block in story.blocks(package.xml(name)):
                if sum(map(str.isalpha, block.text)) >= least and block.text not in said:
                    said.add(block.text)
                    yield block


def _metadata(document: Document) -> Metadata:
    properties = document.core_properties
    return Metadata(
        title=meaningful_title(properties.title),
        publisher=institution(_company(document)) or institution(properties.author),
    )


def _company(document: Document) -> str:
    for part in document.part.package.iter_parts():
        if part.partname == "/docProps/app.xml":
            match = _COMPANY.search(part.blob)
            return match[1].decode("utf-8", "replace") if match else ""
    return ""


def _damaged() -> DamagedFile:
    return DamagedFile("The Word document is damaged or incomplete. Download or save it again.")
