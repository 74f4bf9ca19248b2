"""What the packages of Microsoft's formats have in common: parts that name one another."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile, FileTooLarge
from corpus.readers import archives
from corpus.readers.file_metadata import institution, meaningful_title
from corpus.readers.safe_xml import parsed
from corpus.types import LeftOut, LeftOutReason, Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES: Final = 256 * 2**20
"""Of all parts together, unpacked; pictures count."""

_RELATIONS = "_rels/.rels"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_COMPANY = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}Company"

_NOT_TEXT: Final[Mapping[LeftOutReason, re.Pattern[str]]] = {
    LeftOutReason.PICTURE: re.compile(r"(?:word|xl|ppt)/media/[^/]+"),
    LeftOutReason.CHART: re.compile(r"(?:word|xl|ppt)/charts/chart(?:Ex)?\d*\.xml"),
    LeftOutReason.DIAGRAM: re.compile(r"xl/diagrams/data\d*\.xml"),
    LeftOutReason.OBJECT: re.compile(r"(?:word|xl|ppt)/embeddings/[^/]+"),
}
"""Names of parts that are not read."""


class Package:
    """A package, checked before anything of it is unpacked."""

    def __init__(self, content: bytes, damaged: Callable[[], DamagedFile]) -> None:
        """Open it. What is broken in it is ``damaged``; TooCostly: it would unpack to too much."""
        self._damaged = damaged
        self.content = content
        self._archive: zipfile.ZipFile = archives.opened(io.BytesIO(content))
        archives.check(self._archive, MAX_BYTES)
        self.names = frozenset(self._archive.namelist())
        if _RELATIONS in self.names and _STRICT.search(self.part(_RELATIONS)):
            self.content = self._transitional()
            self._archive = archives.opened(io.BytesIO(self.content))

    def _transitional(self) -> bytes:
        """Return the package with the names that Office uses if it is not asked for the strict
        ones, which libraries do not know."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in sorted(self.names):
                part = self.part(name)
                is_xml = name.endswith((".xml", ".rels"))
                archive.writestr(name, _STRICT.sub(_USUAL, part) if is_xml else part)
        return packed.getvalue()

    def part(self, name: str) -> bytes:
        """Return a part's bytes; what ``damaged`` makes is raised if there is none."""
        try:
            return archives.read(self._archive, self._archive.getinfo(name), MAX_BYTES)
        except (KeyError, FileTooLarge) as error:
            raise self._damaged() from error

    def xml(self, name: str) -> _Element:
        """Return a part's root element; what ``damaged`` makes is raised if there is none."""
        return parsed(self.part(name), self._damaged())

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to in its package, by id: the kind and the part's name."""
        folder, _, file = name.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels".lstrip("/")
        if relations not in self.names:
            return {}
        found = {}
        for each in self.xml(relations).iter(_RELATIONSHIP):
            if each.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join(f"/{folder}", each.get("Target", "")))
                kind = each.get("Type", "").rpartition("/")[2]
                found[each.get("Id", "")] = (kind, target.lstrip("/"))
        return found

    def metadata(self) -> Metadata:
        """Return what the package's properties say; when it was made is not when it came out."""
        return Metadata(
            title=meaningful_title(self._property("docProps/core.xml", _TITLE)),
            publisher=institution(self._property("docProps/app.xml", _COMPANY))
            or institution(self._property("docProps/core.xml", _CREATOR)),
        )

    def left_out(self, more: Mapping[LeftOutReason, int]) -> tuple[LeftOut, ...]:
        """Return how many parts are no text, and ``more`` that its reader left out."""
        counts = Counter(more)
        for what, pattern in _NOT_TEXT.items():
            counts[what] += sum(pattern.fullmatch(name) is not None for name in self.names)
        return counted(counts)

    def _property(self, part: str, name: str) -> str:
        with suppress(DamagedFile):  # a property's part is no part of the document
            return (self.xml(part).findtext(f".//{name}") or "") if part in self.names else ""
        return ""


def counted(counts: Mapping[LeftOutReason, int]) -> tuple[LeftOut, ...]:
    """Return what was left out, where it is anything."""
    return tuple(LeftOut(what, number=count) for what, count in counts.items() if count)
