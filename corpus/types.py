"""What passes between the steps of the ingest path.

``read`` makes a RawDocument, ``clean`` a CleanedDocument, ``segment`` a tuple of
Passages; the catalogue keeps them as a Document. All are immutable, and all offsets count
Unicode code points in the cleaned text.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

UNKNOWN_LANGUAGE = "und"
"""ISO 639-2 code for text whose language could not be told."""


class Span(NamedTuple):
    """Half-open range of code points in a document's cleaned text."""

    start: int
    end: int


class PageTurn(NamedTuple):
    """The place in a text where a page begins."""

    position: int
    """Code points."""
    page: int


class BlockKind(StrEnum):
    """What a block of a document is to its reader."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    ROW = "row"
    """Of a table, its cells separated by ``corpus.text.table_rows.CELL_SEPARATOR``."""


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or list item as a reader found it, line breaks included."""

    kind: BlockKind
    text: str
    page: int | None = None
    """Page it begins on, counted from 1; None where the format has no pages."""
    turns: tuple[PageTurn, ...] = ()
    """Where it goes on on another page."""


class LeftOutReason(StrEnum):
    """Why something that a file holds is not in its text."""

    RUNNING_LINE = "running_line"
    """It stands at the head or foot of most pages."""
    PAGE_NUMBER = "page_number"
    LINE_NUMBER = "line_number"
    """It counts the lines of a page."""
    BOILERPLATE = "boilerplate"
    """It belongs to the page around the text, as a button or a notice about cookies does."""
    REPEAT = "repeat"
    """The same stands in the text already."""
    PICTURE = "picture"
    CHART = "chart"
    DIAGRAM = "diagram"
    DRAWING = "drawing"
    OBJECT = "object"
    """Another file, embedded in it."""
    HIDDEN = "hidden"
    """A sheet, a slide or a piece of text that its author has hidden."""
    COMMENT = "comment"
    DELETED = "deleted"
    """Its deletion is recorded as a change."""
    FORMULA = "formula"
    """No program has stored its value."""
    QUOTED = "quoted"
    """A reply repeats the message that it answers."""
    CHAPTER = "chapter"
    """It has no text, or is not there."""
    UNRECOGNISED = "unrecognised"
    """A page of pictures in which no words were recognised."""


class LeftOut(NamedTuple):
    """What a file holds and its text leaves out."""

    reason: LeftOutReason
    text: str = ""
    """Of it, where that is kept."""
    page: int | None = None
    number: int = 1
    """How many there are, where they are not kept one by one."""


class RecognisedPage(NamedTuple):
    """How well the words of a page were recognised in its picture."""

    page: int
    confidence: float
    """Mean of its words', between 0 and 1, as the recognition judges itself."""
    words: int
    doubtful: int
    """Words among them that are as often wrong as right."""


class Fact(StrEnum):
    """Something that is known of a document, and that a person may correct."""

    TITLE = "title"
    PUBLISHER = "publisher"
    PUBLISHED = "published"
    LANGUAGE = "language"
    URL = "url"


class Origin(StrEnum):
    """Where a fact was found."""

    HEADING = "heading"
    METADATA = "metadata"
    """The file says it of itself, apart from its text."""
    TEXT = "text"
    FILE = "file"
    """The file's name."""
    PERSON = "person"
    """Whoever corrected it."""


Origins = Mapping[Fact, Origin]
"""Where each fact was found; none for a fact that was not."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself; None where it says nothing."""

    title: str | None = None
    publisher: str | None = None
    published: date | None = None
    url: str | None = None
    origins: Origins = field(default_factory=dict, compare=False)
    """Of a reader, only what it has from elsewhere than the file's metadata."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a reader takes out of a file: its blocks in reading order."""

    blocks: tuple[Block, ...]
    metadata: Metadata = field(default_factory=Metadata)
    language: str | None = None
    """Code of the one language that it says all of it is in; None where that is to be told."""
    left_out: tuple[LeftOut, ...] = ()
    """What the file has beside its blocks."""
    recognised: tuple[RecognisedPage, ...] = ()
    """Pages whose text was recognised in pictures."""


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block's place in the cleaned text."""

    kind: BlockKind
    span: Span
    page: int | None = None
    turns: tuple[PageTurn, ...] = ()
    """Where in the cleaned text it goes on on another page."""

    def page_at(self, position: int) -> int | None:
        """Return the page that a place in it stands on."""
        pages = [turn.page for turn in self.turns if turn.position <= position]
        return pages[-1] if pages else self.page


@dataclass(frozen=True, slots=True)
class CleanedDocument:
    """The cleaned text, and where its blocks lie in it, in order and without overlap."""

    text: str
    blocks: tuple[PlacedBlock, ...]
    metadata: Metadata
    language: str | None = None
    """That it says all of it is in."""
    left_out: tuple[LeftOut, ...] = ()
    recognised: tuple[RecognisedPage, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of the cleaned text: whole sentences of one section.

    ``document.text[span.start:span.end] == text``, always. ``sentences`` are slices of the
    cleaned text too, in order, inside ``span``; headings are left out of them unless the
    passage has nothing else.
    """

    span: Span
    text: str
    language: str
    """ISO 639-1 code where there is one, else ISO 639-3; ``und`` if it could not be told."""
    page: int | None
    sentences: tuple[Span, ...]
    said: Mapping[Span, str] = field(default_factory=dict, hash=False)
    """What sentences say by themselves where that is not their text: a table's row with the names
    of its columns. It is what is encoded."""

    def text_under(self, title: str) -> str | None:
        """Return what follows ``title`` in it; None if that is not its first line, or it is all."""
        first, _, rest = self.text.partition("\n")
        return rest.strip() or None if first.split() == title.split() else None


@dataclass(frozen=True, slots=True)
class Document:
    """One source as the catalogue keeps it, without its passages."""

    id: str
    """From collection and file, as they were at first: the same for every version, wherever it is
    moved to."""
    collection: str
    file: str
    """Path relative to what was ingested, with forward slashes."""
    root: str
    """Absolute folder that ``file`` is relative to, as it was when last ingested."""
    media_type: str
    sha256: str
    """Of the file's bytes."""
    language: str
    title: str
    publisher: str | None
    published: date | None
    url: str | None
    text: str
    """The cleaned text."""
    origins: Origins = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as the catalogue knows it."""

    id: int
    name: str
    revision: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} ({self.revision}, {self.sha256[:12]})"


class DocumentFacts(NamedTuple):
    """What a search can be narrowed by."""

    id: str
    collection: str
    published: date | None
    has_common_title: bool
    """Another document of its collection and language has its title, which then says nothing."""
    content: str
    """The same for documents that were read from the same bytes in the same way."""


class Outcome(StrEnum):
    """What was done with a file."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REMOVED = "removed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReport:
    """The outcome of one file, and the reason if it was refused."""

    file: str
    outcome: Outcome
    document: str | None = None
    reason: str | None = None
    refusal: str | None = None
    """Name of the error's class in ``corpus.errors``, if it was refused."""
    left_out: Mapping[LeftOutReason, int] = field(default_factory=dict)
    """How much of the file is not in the document's text."""


def composed(name: str) -> str:
    """Return a name with its accents composed (NFC), as names are stored and compared.

    Keyboards and file systems differ in how they write the same letters.
    """
    return unicodedata.normalize("NFC", name)


def document_id(collection: str, file: str, again: int = 0) -> str:
    """Return the id that ``file`` gets in ``collection``: ``d-`` and 32 hexadecimal digits.

    Those are 128 bits of a hash: nobody finds two names with the same ones. It is another one for
    a file that takes a place ``again``, after so many documents that have moved away from there.
    """
    place = f"{collection}\0{file}" + (f"\0{again:d}" if again else "")
    return "d-" + hashlib.sha256(place.encode()).hexdigest()[:32]


SHORT_ID_CHARACTERS: Final = 18
"""Of the id that an older release gave a file: the beginning of the one that it gets now."""


def id_forms(document: str) -> tuple[str, ...]:
    """Return an id and, if it is a long one, what an older release gave the same file."""
    return tuple(dict.fromkeys((document, document[:SHORT_ID_CHARACTERS])))


class PassageVector(NamedTuple):
    """A passage's place in the index."""

    passage_id: int
    document_key: int
    language: str
    data: bytes


class SentenceVector(NamedTuple):
    """A sentence's vector; those of one passage come in the order of the text."""

    passage_id: int
    data: bytes


class Fingerprint(NamedTuple):
    """What tells a document version's passages from those of any other catalogue's version."""

    mark: int
    """From which bytes they were made, by which release's reading, and which ids they have."""
    passages: int
    """How many they are."""
