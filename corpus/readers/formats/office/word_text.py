"""The text of a Word document, in the order in which it is read, with all changes accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from re import IGNORECASE, Pattern
from re import compile as pattern
from typing import TYPE_CHECKING, NamedTuple

from corpus.languages import any_of, words_of_all
from corpus.readers.formats.office.diagrams import DIAGRAM, diagram_id
from corpus.readers.formats.office.word_lists import BULLET, ListPlace, Numbering, W, place_in
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, LeftOutReason

if TYPE_CHECKING:
    from lxml.etree import _Element


_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_TRANSPARENT = frozenset(
    f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body")
) | {f"{_MC}AlternateContent", f"{_MC}Choice"}
"""Elements around paragraphs that are nothing to a reader."""
_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})
_PASSED_OVER = frozenset({f"{W}pPr", f"{W}rPr", f"{W}rt", f"{_MC}Fallback"})
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_SPACES = {
    f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-",
    f"{W}softHyphen": "\u00ad",
}  # fmt: skip
_NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_PAGE_FIELD = pattern(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b")
_BUTTON = pattern(r"\s*(?:MACRO|GOTO)BUTTON\s+\S+\s+(.*\S)")
"""A field that shows what its instruction ends with: "Click here and type a name"."""
_LIST_STYLE = pattern(r"list\b", IGNORECASE)


class Style(NamedTuple):
    """What a paragraph's style says of it."""

    name: str = ""
    place: ListPlace | None = None


class Others(NamedTuple):
    """What stands outside the text and belongs to a place in it, by its id."""

    notes: dict[tuple[str, str], _Element]
    """By ``footnote`` or ``endnote`` and the id."""
    comments: dict[str, _Element]
    diagrams: Mapping[str, Sequence[str]]
    """Their texts."""


class Story:
    """Makes blocks of a document's elements; what it leaves out is counted."""

    def __init__(self, styles: Mapping[str, Style], numbering: Numbering, others: Others) -> None:
        self.left_out: Counter[LeftOutReason] = Counter()
        self._styles = styles
        self._numbering = numbering
        self._others = others
        self._numbers: Counter[str] = Counter()
        self._waiting: list[Callable[[], Iterator[Block]]] = []
        self._unfinished = ""

    def blocks(self, parent: _Element) -> Iterator[Block]:
        """Yield what ``parent`` holds. A text box, note or comment follows the paragraph, or the
        row of a table, that it belongs to. A comment stands in brackets after its author's name.
        """
        for block in self._blocks(parent):
            yield block
            while self._waiting:
                yield from self._waiting.pop(0)()

    def _blocks(self, parent: _Element) -> Iterator[Block]:
        for element in parent:
            if element.tag == f"{W}p":
                block = self._paragraph(element)
                if block is not None:
                    yield block
            elif element.tag == f"{W}tbl":
                yield from self._rows(element)
            elif element.tag in _TRANSPARENT:
                yield from self._blocks(element)
            elif element.tag in _DELETED:
                self.left_out[LeftOutReason.DELETED] += 1
            elif element.tag == f"{W}altChunk":
                self.left_out[LeftOutReason.OBJECT] += 1

    def _paragraph(self, element: _Element) -> Block | None:
        text = self._unfinished + self._said(element)
        self._unfinished = ""
        properties = element.find(f"{W}pPr")
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._unfinished = text  # its end is deleted, so the next one goes on with it
            return None
        style = self._style(properties)
        place = place_in(properties) or style.place
        label = ""
        if place is not None and place.list_id != "0" and text.strip():
            label = self._numbering.next_label(place)
        if _heading_style().match(style.name):
            return Block(BlockKind.HEADING, text if label == BULLET else _after(label, text))
        if place is None and _LIST_STYLE.match(style.name):
            label = BULLET
        kind = BlockKind.LIST_ITEM if label else BlockKind.PARAGRAPH
        return Block(kind, _after(label, text) if text.strip() else "")

    def _style(self, properties: _Element | None) -> Style:
        named = properties.find(f"{W}pStyle") if properties is not None else None
        name = named.get(f"{W}val", "") if named is not None else ""
        return self._styles.get(name, Style())

    def _rows(self, table: _Element) -> Iterator[Block]:
        for row in _inside(table, f"{W}tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                self.left_out[LeftOutReason.DELETED] += 1
                continue
            cells = (
                " ".join(" ".join(block.text for block in self._blocks(cell)).split())
                for cell in _inside(row, f"{W}tc")
            )
            yield Block(BlockKind.ROW, CELL_SEPARATOR.join(filter(None, cells)))

    def _said(self, paragraph: _Element) -> str:
        """Return a paragraph's text; what belongs to it and stands elsewhere is to follow."""
        from lxml import etree

        parts: list[str] = []
        field = _Field()
        walk = etree.iterwalk(paragraph, events=("start",))
        for _, element in walk:
            tag = element.tag
            if tag == f"{W}t" or tag == f"{_M}t":
                parts.append("" if field.is_page else element.text or "")
            elif tag in _SPACES:
                parts.append(_SPACES[tag])
            elif tag == f"{W}fldChar" or tag == f"{W}instrText":
                parts.append(field.meet(element))
            elif tag in _NOTES:
                self._follow_with_note(_NOTES[tag], element.get(f"{W}id", ""))
            elif tag == f"{W}commentReference":
                self._follow_with_comment(element.get(f"{W}id", ""))
            elif tag == DIAGRAM:
                self._waiting.append(partial(self._diagram, diagram_id(element)))
            elif tag == _WORD_ART:
                self._waiting.append(partial(_word_art, element.get("string", "")))
            elif tag == f"{W}txbxContent":
                self._waiting.append(partial(self._blocks, element))
                walk.skip_subtree()
            elif self._is_passed_over(element):
                walk.skip_subtree()
        return "".join(parts)

    def _is_passed_over(self, element: _Element) -> bool:
        if element.tag in _DELETED:
            self.left_out[LeftOutReason.DELETED] += 1
            return True
        if element.tag == f"{W}r" and _is_hidden(element):
            self.left_out[LeftOutReason.HIDDEN] += 1
            return True
        is_page = element.tag == f"{W}fldSimple" and _is_page(element.get(f"{W}instr", ""))
        return is_page or element.tag in _PASSED_OVER

    def _follow_with_note(self, kind: str, name: str) -> None:
        note = self._others.notes.pop((kind, name), None)
        if note is not None:  # else it is a second reference to the same one
            self._numbers[kind] += 1
            number = self._numbers[kind]
            self._waiting.append(partial(self._aside, f"{number} ", note, ""))

    def _follow_with_comment(self, name: str) -> None:
        comment = self._others.comments.pop(name, None)
        if comment is not None:
            author = comment.get(f"{W}author", "").strip()
            before = f"[{author}: " if author else "["
            self._waiting.append(partial(self._aside, before, comment, "]"))

    def _diagram(self, name: str) -> Iterator[Block]:
        for text in self._others.diagrams.get(name, ()):
            yield Block(BlockKind.PARAGRAPH, text)

    def _aside(self, before: str, element: _Element, after: str) -> Iterator[Block]:
        text = " ".join(" ".join(block.text for block in self._blocks(element)).split())
        if text:
            yield Block(BlockKind.PARAGRAPH, f"{before}{text}{after}")


class _Field:
    """Whether a walk through a paragraph is in the result of a field that tells a page's number."""

    def __init__(self) -> None:
        self._instructions: list[str] = []
        self._results: list[bool] = []

    @property
    def is_page(self) -> bool:
        return any(self._results)

    def meet(self, element: _Element) -> str:
        """Take note of a field's mark or instruction; return what its end shows by itself."""
        match element.get(f"{W}fldCharType"):
            case "begin":
                self._instructions.append("")
                self._results.append(False)
            case "separate" if self._results:
                self._results[-1] = _is_page(self._instructions[-1])
            case "end" if self._results:
                self._results.pop()
                button = _BUTTON.match(self._instructions.pop())
                return button[1] if button else ""
            case None if self._instructions:
                self._instructions[-1] += element.text or ""
        return ""


def _word_art(text: str) -> Iterator[Block]:
    yield Block(BlockKind.PARAGRAPH, text)


def _is_page(instruction: str) -> bool:
    return _PAGE_FIELD.match(instruction) is not None


def _is_hidden(run: _Element) -> bool:
    found = run.find(f"{W}rPr/{W}vanish")
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "off")


def _inside(parent: _Element, name: str) -> Iterator[_Element]:
    """Yield the rows of a table or the cells of a row, those in content controls among them."""
    for element in parent:
        if element.tag == name:
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _inside(element, name)


def _after(label: str, text: str) -> str:
    return f"{label} {text}" if label else text


@cache
def _heading_style() -> Pattern[str]:
    styles = any_of(words_of_all(lambda language: language.files.heading_styles))
    return pattern(rf"{styles}\b", IGNORECASE)
