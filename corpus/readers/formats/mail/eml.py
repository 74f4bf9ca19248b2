"""E-mail messages (.eml)."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime

from corpus.errors import EmptyFile, NoText
from corpus.readers.encoding import decode
from corpus.readers.formats.mail.parts import (
    BROKEN,
    damaged,
    is_attached,
    message_in,
    pictures_in,
    texts_of,
)
from corpus.readers.formats.mail.quoted import without_quoted_elements, without_quoted_lines
from corpus.types import Block, BlockKind, LeftOut, LeftOutReason, Metadata, RawDocument


def read_mail(content: bytes) -> RawDocument:
    """Return a message's text under its subject.

    What is attached are documents of their own. What a reply repeats at its end and pictures are
    left out. The publisher is the sender's name, the date the one it was sent at.

    Raises DamagedFile if it is no message, NoText if it has none.
    """
    return read_message(message_in(content))


def read_message(message: EmailMessage) -> RawDocument:
    """Return the same of a message that is parsed."""
    try:
        texts = list(texts_of(message)) if message.keys() else []
        read = [_text(part) for part in texts]
        subject, sender, sent = (str(message.get(name, "")) for name in ("subject", "from", "date"))
        pictures = pictures_in(message)
        has_files = any(map(is_attached, message.walk()))
    except BROKEN as error:
        raise damaged() from error
    blocks = [block for found, _ in read for block in found]
    title = subject.strip()
    if not blocks and not (has_files and title):
        raise NoText("The message contains no text. Check that it was saved completely.")
    heading = (Block(BlockKind.HEADING, title),) if title else ()
    quoted = sum(was_quoted for _, was_quoted in read)
    left_out = ((LeftOutReason.QUOTED, quoted), (LeftOutReason.PICTURE, pictures))
    return RawDocument(
        (*heading, *blocks),
        Metadata(
            title=title or None,
            publisher=parseaddr(sender)[0].strip() or None,
            published=_day(sent),
        ),
        left_out=tuple(LeftOut(what, number=number) for what, number in left_out if number),
    )


def decoded(part: Message) -> str:
    """Return a part's text; where no encoding is named, it is told by the bytes."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    return decode(content, part.get_content_charset())


def _text(part: Message) -> tuple[tuple[Block, ...], bool]:
    """Return the blocks of a part, and whether a quotation was left out of it."""
    text = decoded(part)
    if not text.strip():
        return (), False
    try:
        return _page(text) if part.get_content_subtype() == "html" else _lines(text)
    except (EmptyFile, NoText):
        return (), False  # a page of pictures


def _lines(text: str) -> tuple[tuple[Block, ...], bool]:
    from corpus.readers.formats.plain_text import read_text

    kept, was_quoted = without_quoted_lines(text.replace("\r\n", "\n"))
    return read_text(kept.encode("utf-8", "replace")).blocks, was_quoted


def _page(text: str) -> tuple[tuple[Block, ...], bool]:
    from corpus.readers.formats.html import blocks_of, parsed

    page = parsed(text)
    if page is None:
        return (), False
    was_quoted = without_quoted_elements(page)
    return blocks_of(page), was_quoted


def _day(sent: str) -> date | None:
    try:
        return parsedate_to_datetime(sent).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
