"""Markdown (CommonMark with tables), with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from corpus.errors import EmptyFile
from corpus.readers.encoding import decode
from corpus.text.dates import written_date
from corpus.text.table_rows import CELL_SEPARATOR
from corpus.types import Block, BlockKind, Metadata, RawDocument

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token


MAX_NESTING: Final = 12
"""Quotations and lists inside one another. What lies deeper is read line by line, without its
marks of quotation: every level looks at every line again."""

MAX_INLINE_NESTING: Final = 8
"""Links, pictures and brackets inside one another. What lies deeper is read as it stands: at each
opening bracket as many are passed over again as may be open."""

_EMPTY_CELLS: Final = "empty cells"

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.S)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(\S.*)$", re.M)
_QUOTATION = re.compile(r"^[ \t]*(?:>[ \t]*)+", re.M)
_TAG = re.compile(r"<!--(?:(?!<!--).)*?-->|</?[a-zA-Z][^<>]*>", re.S)


def read_markdown(content: bytes) -> RawDocument:
    """Return the blocks of a Markdown text; title, date, publisher and url from front matter.

    Raises EmptyFile if there is nothing but white space in it.
    """
    text = decode(content)
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise EmptyFile("The file contains only white space. Add the text, or leave the file out.")
    front = _FRONT_MATTER.match(text)
    metadata = _metadata(front[1]) if front else Metadata()
    body = text[front.end() :] if front else text
    return RawDocument(tuple(_blocks(_parser().parse(body))), metadata)


def _parser() -> MarkdownIt:
    """Return a parser that leaves nothing out however deep it lies, and is soon done with it."""
    from markdown_it import MarkdownIt

    # The library drops what lies deeper than this. An item of a list lies two levels deeper.
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING + 2})
    parser.enable(["table", "strikethrough"])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("table", "deep", _deep)
    parser.core.ruler.before("inline", "shallow", _shallow)
    return parser


def _deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take what lies too deep as lines of text."""
    if silent or state.level < MAX_NESTING:
        return False
    token = state.push("code_block", "", 0)
    token.content = _QUOTATION.sub("", state.getLines(start, end, state.blkIndent, False))
    state.line = end
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take a table, unless those before were filled up with more cells than there are letters.

    Rows of one letter below a head of two hundred columns do that. The rest is read as lines.
    """
    from markdown_it.rules_block import table

    if state.env.get(_EMPTY_CELLS, 0) > len(state.src):
        return False
    before = len(state.tokens)
    is_table = table(state, start, end, silent)
    empty = sum(each.type == "inline" and not each.content for each in state.tokens[before:])
    state.env[_EMPTY_CELLS] = state.env.get(_EMPTY_CELLS, 0) + empty
    return is_table


def _shallow(state: StateCore) -> None:
    """Have what stands in a line nest less than blocks may, which are done by now."""
    state.md.options["maxNesting"] = MAX_INLINE_NESTING


def _metadata(front: str) -> Metadata:
    fields = {key.lower(): value.strip().strip("\"'") for key, value in _FIELD.findall(front)}
    return Metadata(
        title=fields.get("title"),
        publisher=fields.get("publisher") or fields.get("author"),
        published=written_date(fields.get("date", "")),
        url=fields.get("url") or fields.get("canonical"),
    )


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    kind = BlockKind.PARAGRAPH
    numbers: list[int | None] = []  # of the open lists; None for a bulleted one
    marker = ""
    cells: list[str] | None = None
    for token in tokens:
        match token.type:
            case "heading_open":
                kind = BlockKind.HEADING
            case "heading_close":
                kind = BlockKind.PARAGRAPH
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open":
                number = numbers[-1]
                marker = "- " if number is None else f"{number}. "
                numbers[-1] = None if number is None else number + 1
            case "list_item_close":
                marker = ""
            case "tr_open":
                cells = []
            case "tr_close" if cells is not None:
                yield Block(BlockKind.ROW, CELL_SEPARATOR.join(filter(None, cells)))
                cells = None
            case "inline" if cells is not None:
                cells.append(" ".join(_text(token).split()))
            case "inline":
                yield Block(BlockKind.LIST_ITEM if marker else kind, marker + _text(token))
                marker = ""
            case "fence" | "code_block":
                yield from (Block(BlockKind.PARAGRAPH, line) for line in _code_lines(token))
            case "html_block":
                yield Block(BlockKind.PARAGRAPH, _TAG.sub(" ", token.content))


def _code_lines(token: Token) -> Iterator[str]:
    return (line for line in token.content.splitlines() if line.strip())


def _text(inline: Token) -> str:
    """Return what a reader sees of a line: link texts without their addresses."""
    parts: list[str] = []
    for token in inline.children or ():
        match token.type:
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "text" | "code_inline":
                parts.append(token.content)
            case "image":
                parts.append(token.content)  # its description
            case "html_inline" if token.content.lower().startswith("<br"):
                parts.append("\n")
    return "".join(parts)
