"""Raw text to cleaned text: mends what files and pages do to text, never what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from typing import Final

from corpus.languages import words_of_all
from corpus.text.boilerplate import is_boilerplate, is_part_heading, publisher_in
from corpus.text.dates import is_date, stated_date
from corpus.types import (
    Block,
    BlockKind,
    CleanedDocument,
    Fact,
    LeftOut,
    LeftOutReason,
    Metadata,
    Origin,
    PageTurn,
    PlacedBlock,
    RawDocument,
    Span,
)

MAX_TITLE_LENGTH: Final = 200
"""Characters. A longer first line is a paragraph; the longest press titles seen have 160."""

TITLE_BLOCKS: Final = 3
"""Blocks from the beginning among which a title is looked for: one may be a date or a place."""

MIN_CAPTION_LENGTH: Final = 20
"""Characters from which a line without a full stop that comes again is a repeated caption; a
shorter one ("Yes", "Not applicable") may well be meant each time."""

MAX_PIECES: Final = 4
"""Words of a title that may all be short: "Ici et là"."""

MIN_WORD: Final = 2
"""Letters that the words of a longer title have on average at least; Chinese has no spaces."""

_ON_LINES = frozenset({BlockKind.LIST_ITEM, BlockKind.ROW})
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, zero-width space, word joiner, byte order mark, bidirectional embeddings, and what is
# no character. Zero-width joiners stay: Persian, the Indic scripts and emoji are spelt with them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_SOFT_HYPHEN = re.compile(r"\u00ad[^\S\n]*\n?[^\S\n]*")
_HYPHENATED = re.compile(
    # Only from a word's beginning on: otherwise the time grows with the square of its length.
    r"(?<![^\W\d_])(?<!['’-])([^\W\d_]++(?:['’-][^\W\d_]++)*+)[-\u2010][^\S\n]*+\n\s*+([^\W\d_]++)"
)
_OPENING = frozenset({"Ps", "Pi", "Pf"})  # brackets and quotation marks
_ADDRESS = re.compile(r"\w+://\S+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_OF_A_SENTENCE = re.compile(r"[.!?…。！？:;][\"'»”’)\]]*$")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a document as they are spelt inside its lines."""

    spelt: frozenset[str]

    def rejoined(self, before: str, after: str) -> str:
        """Put a word that was broken after a hyphen together again."""
        if after.lower() in _conjunctions():
            return f"{before}- {after}"  # "Ein- und Ausfuhr"
        hyphenated = f"{before}-{after}"
        last = before.rsplit("-", 1)[-1]
        keeps_hyphen = (
            hyphenated.lower() in self.spelt
            or "-" in before
            or after in _clitics()
            or not after[0].islower()
        )
        if keeps_hyphen and f"{last}{after}".lower() not in self.spelt:
            return hyphenated
        return before + after


@cache
def _conjunctions() -> frozenset[str]:
    return frozenset(words_of_all(lambda language: language.hyphens.conjunctions))


@cache
def _clitics() -> frozenset[str]:
    return frozenset(words_of_all(lambda language: language.hyphens.clitics))


def clean(raw: RawDocument) -> CleanedDocument:
    """Return the text that every offset refers to, and what is known of the document.

    Lines are joined, words broken at a line's end mended, characters that cannot be seen or
    encoded taken out, and page boilerplate and repeated captions dropped. A title or date that
    the metadata lack is taken from the text; a publisher that the text names comes before theirs.
    """
    blocks = [_changed(block, _legible) for block in raw.blocks]
    words = _words(block.text for block in blocks)
    boilerplate = chain.from_iterable(map(_boilerplate, blocks))
    left_out = [*raw.left_out, *boilerplate]
    blocks = [_changed(block, _without_boilerplate) for block in blocks]
    blocks = [_changed(block, partial(_joined, words=words)) for block in blocks]
    blocks = [block for block in blocks if _says_something(block.text)]
    repeats = _repeats(blocks)
    left_out += (LeftOut(LeftOutReason.REPEAT, blocks[at].text) for at in sorted(repeats))
    blocks = [block for at, block in enumerate(blocks) if at not in repeats]
    text, placed = _placed(blocks)
    metadata = _metadata(raw.metadata, blocks, text)
    return CleanedDocument(text, placed, metadata, raw.language, tuple(left_out), raw.recognised)


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    """Return a block with its text changed; a page begins where what stands before it ends."""
    turns = tuple(
        PageTurn(len(change(block.text[:position])), page) for position, page in block.turns
    )
    return replace(block, text=change(block.text), turns=turns)


def _legible(text: str) -> str:
    """Take out what cannot be seen or encoded; line breaks become line feeds."""
    # Through UTF-16, surrogates that make a pair become the character they stand for.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _LINE_BREAKS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text.translate(_LIGATURES))


def _words(texts: Iterable[str]) -> _Words:
    """Collect the words of ``texts``, if there is any word broken at a line's end."""
    texts = list(texts)
    if not any(_HYPHENATED.search(text) for text in texts):
        return _Words(frozenset())
    return _Words(
        frozenset(
            word.lower()
            for text in texts
            for word in _WORD.findall(_HYPHENATED.sub(" ", text).replace("\u00ad", ""))
        )
    )


def _without_boilerplate(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not is_boilerplate(_spaced(line)))


def _boilerplate(block: Block) -> Iterator[LeftOut]:
    for line in map(_spaced, block.text.split("\n")):
        if is_boilerplate(line):
            yield LeftOut(LeftOutReason.BOILERPLATE, line, block.page)


def _joined(text: str, words: _Words) -> str:
    """Make one line of a block's lines."""
    text = _SOFT_HYPHEN.sub("", text)
    text = _HYPHENATED.sub(lambda broken: words.rejoined(broken[1], broken[2]), text)
    parts: list[str] = []
    for line in filter(None, map(_spaced, text.split("\n"))):
        if parts and not (_is_wide(parts[-1][-1]) and _is_wide(line[0])):
            parts.append(" ")
        parts.append(line)
    return "".join(parts)


def _spaced(line: str) -> str:
    return " ".join(line.split())


def _is_wide(character: str) -> bool:
    """Chinese and Japanese are written without spaces; Korean is not."""
    return unicodedata.east_asian_width(character) in "WF" and not (
        "\uac00" <= character <= "\ud7a3"
    )


def _says_something(text: str) -> bool:
    """Tell a block from a rule drawn with asterisks, or from a lone bullet."""
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def _repeats(blocks: Sequence[Block]) -> frozenset[int]:
    """Return which blocks come again: a caption anywhere, any other text in a row.

    On the pages of print, what stands there twice was meant twice.
    """
    repeats: set[int] = set()
    captions: set[str] = set()
    previous: str | None = None
    for at, block in enumerate(blocks):
        is_repeat = block.text in captions or block.text == previous
        previous = block.text
        if block.kind is not BlockKind.PARAGRAPH or block.page is not None:
            continue
        if is_repeat:
            repeats.add(at)
        elif not _OF_A_SENTENCE.search(block.text) and len(block.text) >= MIN_CAPTION_LENGTH:
            captions.add(block.text)
    return frozenset(repeats)


def _placed(blocks: Iterable[Block]) -> tuple[str, tuple[PlacedBlock, ...]]:
    """Put the blocks one after another: list items and rows on lines of their own, a blank line
    between all others.
    """
    parts: list[str] = []
    placed: list[PlacedBlock] = []
    position = 0
    previous: BlockKind | None = None
    for block in blocks:
        in_list = previous is block.kind and block.kind in _ON_LINES
        separator = "" if previous is None else "\n" if in_list else "\n\n"
        start = position + len(separator)
        position = start + len(block.text)
        parts += (separator, block.text)
        turns = tuple(PageTurn(start + at, page) for at, page in block.turns)
        placed.append(PlacedBlock(block.kind, Span(start, position), block.page, turns))
        previous = block.kind
    return "".join(parts), tuple(placed)


def _metadata(stated: Metadata, blocks: list[Block], text: str) -> Metadata:
    publisher = next(filter(None, (publisher_in(block.text) for block in blocks)), None)
    title = _one_line(stated.title)
    if title and is_part_heading(title):
        title = None
    heading, origin = (None, Origin.HEADING) if title else _title(blocks)
    origins = {
        Fact.TITLE: stated.origins.get(Fact.TITLE, Origin.METADATA) if title else origin,
        Fact.PUBLISHER: Origin.TEXT if publisher else Origin.METADATA,
        Fact.PUBLISHED: Origin.METADATA if stated.published else Origin.TEXT,
        Fact.URL: Origin.METADATA,
    }
    found = Metadata(
        title=title or heading,
        # A line that names it is nearer to the document than the site or program it came through.
        publisher=publisher or _one_line(stated.publisher),
        published=stated.published or stated_date(text),
        url=_one_line(stated.url),
    )
    return replace(
        found, origins={fact: each for fact, each in origins.items() if getattr(found, fact)}
    )


def _one_line(text: str | None) -> str | None:
    return (_spaced(_legible(text)) or None) if text else None


def _title(blocks: list[Block]) -> tuple[str | None, Origin]:
    """Return the first heading, or the first short line, that stands above all paragraphs.

    A heading further down names its section, not the document.
    """
    line: str | None = None
    for block in blocks[:TITLE_BLOCKS]:
        if is_part_heading(block.text):
            continue
        is_short = len(block.text) <= MAX_TITLE_LENGTH and _is_worded(block.text)
        if is_short and block.kind is BlockKind.HEADING:
            return block.text, Origin.HEADING
        if is_date(block.text):
            continue
        is_line = is_short and not _OF_A_SENTENCE.search(block.text)
        if not is_line or block.kind is not BlockKind.PARAGRAPH:
            break
        line = line or block.text
    return line, Origin.TEXT


def _is_worded(line: str) -> bool:
    """Tell words from an address, a line of a program, a drawing, and words in pieces.

    Print that sets letters wide is read letter by letter: "t e st ch a p t e r".
    """
    words = line.split()
    is_in_pieces = len(words) > MAX_PIECES and len(line) < (MIN_WORD + 1) * len(words)
    signs = [character for character in line if not character.isspace()]
    begins = signs[:1] and (signs[0].isalnum() or unicodedata.category(signs[0]) in _OPENING)
    return (
        bool(begins)
        and not is_in_pieces
        and sum(map(str.isalnum, signs)) * 2 > len(signs)
        and not _ADDRESS.fullmatch(line)
    )
