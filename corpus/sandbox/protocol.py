"""What the service and the process that reads say to each other.

Bytes with their length in front; what is said of a file is JSON, and checked like any input. The
bytes of files in it are in base64.
"""

from __future__ import annotations

import json
import math
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from itertools import chain
from typing import Any, Final, NamedTuple

from corpus import errors
from corpus.errors import Refused
from corpus.pages.types import Box, Letterhead, PageText, Picture, Shape, Slide, Word
from corpus.progress import Progress
from corpus.readers.tables import Row
from corpus.readers.web_links import Link, LinkKind
from corpus.sandbox.extract import Extract
from corpus.types import (
    Fact,
    LeftOut,
    LeftOutReason,
    Metadata,
    Origin,
    Passage,
    RecognisedPage,
    Span,
)

LENGTH: Final = struct.Struct("!Q")
HEAD: Final = struct.Struct("!IQdQQd")
"""In front of a file: the bytes of its name and of itself, and its limits; then come the two."""
ENDED: Final = struct.Struct("!i")
"""The server's answer when a child is ready: the signal that ended the one before, or 0."""
LINKS_IN_PAGE: Final = "page//"
LINKS_IN_LIST: Final = "list//"
"""In place of a file's name, where the addresses in it are asked for."""
MAX_NOTE: Final = 64
"""Bytes of a note of how far a file is, which may come before the answer."""
MAX_REASON: Final = 1_000
"""Characters of a refusal or failure that are passed on."""


class Failure(NamedTuple):
    """A reader raised what it should not have."""

    error: str
    trace: str


class Links(NamedTuple):
    """The addresses that a file names."""

    found: tuple[Link, ...]


class NoPage(NamedTuple):
    """The file has fewer pages than that which was asked for."""

    pages: int


Rows = tuple[Row, ...]
Found = Extract | Rows | Links | PageText | Picture | Slide | Letterhead | NoPage
Said = Found | Refused | Failure


class Garbled(Exception):
    """What the process said cannot be parsed; it can no longer be trusted."""


def frame(payload: bytes) -> bytes:
    """Return bytes with their length in front."""
    return LENGTH.pack(len(payload)) + payload


def received(read: Callable[[int], bytes], max_bytes: int) -> bytes:
    """Return one frame's bytes, where ``read`` returns just as many as it is asked for.

    Raises Garbled if it is over ``max_bytes``.
    """
    (length,) = LENGTH.unpack(read(LENGTH.size))
    if length > max_bytes:
        raise Garbled(f"{length} bytes")
    return read(length)


def noted(progress: Progress) -> bytes:
    """Return how far a file is, as JSON."""
    return json.dumps({"progress": progress}, separators=(",", ":")).encode()


def progress_in(payload: bytes) -> Progress | None:
    """Return how far a file is, if that is what was said, and makes sense."""
    if len(payload) > MAX_NOTE:
        return None
    try:
        match json.loads(payload):
            case {"progress": [done, total]} if type(done) is type(total) is int:
                return Progress(done, total) if 0 <= done <= total < 2**31 else None
    except (ValueError, RecursionError):
        pass
    return None


def written(said: Said) -> bytes:
    """Return what is said of a file as JSON."""
    match said:
        case Extract():
            content: dict[str, Any] = {"extract": _listed(said)}
        case Links(found):
            content = {"links": found}
        case Refused():
            content = {"refused": [type(said).__name__, str(said)]}
        case Failure():
            content = {"failed": said}
        case NoPage():
            content = {"pages": said.pages}
        case PageText():
            content = {"page": said}
        case Letterhead():
            sent = said.sent.isoformat() if said.sent else None
            content = {"letter": said._replace(sent=None), "sent": sent}
        case Slide():
            content = {"slide": said}
        case Picture():
            content = {"picture": [said.width, said.height, b64encode(said.png).decode()]}
        case _:
            content = {"rows": [(row.file, b64encode(row.content).decode()) for row in said]}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def understood(payload: bytes) -> Said:
    """Return what is said of a file.

    Raises Garbled if it is not what ``written`` writes.
    """
    try:
        match json.loads(payload.decode("utf-8", "surrogatepass")):
            case {"extract": said}:
                return _extract(said)
            case {"rows": list(said)}:
                return tuple(Row(_text(file), b64decode(_text(content))) for file, content in said)
            case {"pages": int(pages)}:
                return NoPage(pages)
            case {"page": list(said)}:
                return _page_text(*said)
            case {"letter": [sender, to, copied, None, subject], "sent": sent}:
                moment = datetime.fromisoformat(sent) if sent is not None else None
                return Letterhead(_text(sender), _text(to), _text(copied), moment, _text(subject))
            case {"slide": list(said)}:
                return _slide(*said)
            case {"picture": [int(width), int(height), str(png)]}:
                return Picture(width, height, b64decode(png))
            case {"links": list(said)}:
                return Links(tuple(Link(LinkKind(kind), _text(each)) for kind, each in said))
            case {"refused": [str(kind), str(reason)]}:
                return _refusal(kind, reason[:MAX_REASON])
            case {"failed": [str(error), str(trace)]}:
                return Failure(error[:MAX_REASON], trace)
    except (ValueError, TypeError, RecursionError) as error:
        raise Garbled(str(error)) from error
    raise Garbled("something else")


def _listed(extract: Extract) -> list[Any]:
    stated = extract.metadata
    passages = [
        (
            *each.span,
            each.language,
            each.page,
            list(chain.from_iterable(each.sentences)),
            [each.said.get(sentence) for sentence in each.sentences] if each.said else [],
        )
        for each in extract.passages
    ]
    published = stated.published.isoformat() if stated.published else None
    metadata = (stated.title, stated.publisher, published, stated.url, dict(stated.origins))
    left_out = [list(each) for each in extract.left_out]
    recognised = [list(each) for each in extract.recognised]
    text = extract.text
    return [extract.media_type, extract.language, metadata, text, passages, left_out, recognised]


def _extract(said: Any) -> Extract:
    media_type, language, (*facts, origins), text, passages, left_out, recognised = said
    title, publisher, published, url = facts
    return Extract(
        media_type=_text(media_type),
        language=_text(language),
        metadata=Metadata(
            title=_maybe_text(title),
            publisher=_maybe_text(publisher),
            published=date.fromisoformat(published) if published is not None else None,
            url=_maybe_text(url),
            origins={Fact(fact): Origin(found) for fact, found in dict(origins).items()},
        ),
        text=_text(text),
        passages=tuple(_passage(text, *passage) for passage in passages),
        left_out=tuple(_left_out(*each) for each in left_out),
        recognised=tuple(_recognised(*each) for each in recognised),
    )


def _left_out(reason: str, text: str, page: int | None, number: int) -> LeftOut:
    if type(number) is not int or not 0 < number < 2**31:
        raise ValueError(number)
    return LeftOut(LeftOutReason(reason), _text(text), _page(page), number)


def _recognised(page: int, confidence: float, words: int, doubtful: int) -> RecognisedPage:
    if not (0 <= confidence <= 1 and type(words) is type(doubtful) is int):
        raise ValueError((confidence, words, doubtful))
    if not 0 <= doubtful <= words < 2**31 or _page(page) is None:
        raise ValueError((page, words, doubtful))
    return RecognisedPage(page, float(confidence), words, doubtful)


def _page(page: int | None) -> int | None:
    if page is not None and not 0 < page < 2**31:
        raise ValueError(page)
    return page


def _passage(
    text: str,
    start: int,
    end: int,
    language: str,
    page: int | None,
    ends: list[int],
    said: list[str | None],
) -> Passage:
    span = _span(start, end, Span(0, len(text)))
    sentences = tuple(_span(*pair, span) for pair in zip(ends[::2], ends[1::2], strict=True))
    by_sentence = dict(zip(sentences, map(_maybe_text, said), strict=True)) if said else {}
    return Passage(
        span=span,
        text=text[start:end],
        language=_text(language),
        page=_page(page),
        sentences=sentences,
        said={sentence: each for sentence, each in by_sentence.items() if each},
    )


def _page_text(
    number: int,
    pages: int,
    width: float,
    height: float,
    lines: list[Any],
    marks: list[Any],
    is_whole: bool,
) -> PageText:
    if not (_page(number) and _page(pages) and number <= pages):
        raise ValueError((number, pages))
    return PageText(
        number,
        pages,
        _length(width),
        _length(height),
        tuple(tuple(Word(_text(text), _box(*box)) for text, box in line) for line in lines),
        tuple(tuple(_box(*box) for box in boxes) for boxes in marks),
        bool(is_whole),
    )


def _slide(
    number: int,
    pages: int,
    width: float,
    height: float,
    shapes: list[Any],
    marks: list[Any],
    is_whole: bool,
    is_hidden: bool,
) -> Slide:
    if not (_page(number) and _page(pages) and number <= pages):
        raise ValueError((number, pages))
    laid = Slide(
        number,
        pages,
        _length(width),
        _length(height),
        tuple(_shape(*shape) for shape in shapes),
        (),
        bool(is_whole),
        bool(is_hidden),
    )
    whole = Span(0, len(laid.text))
    return laid._replace(
        marks=tuple(tuple(_span(start, end, whole) for start, end in mark) for mark in marks)
    )


def _shape(box: list[float], size: float, rows: list[Any], is_table: bool) -> Shape:
    cells = tuple(tuple(map(_text, row)) for row in rows)
    return Shape(_box(*box), _length(size), cells, bool(is_table))


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(_length(left), _length(top), _length(right), _length(bottom))


def _length(points: float) -> float:
    if type(points) not in (int, float) or not math.isfinite(points):
        raise ValueError(points)
    return float(points)


def _span(start: int, end: int, within: Span) -> Span:
    if not (type(start) is type(end) is int and within.start <= start < end <= within.end):
        raise ValueError((start, end))
    return Span(start, end)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _refusal(kind: str, reason: str) -> Refused:
    found = getattr(errors, kind, None)
    if not (isinstance(found, type) and issubclass(found, Refused)):
        raise Garbled(kind)
    return found(reason)
