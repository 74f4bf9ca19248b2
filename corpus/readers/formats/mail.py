"""E-mail messages (.eml)."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from corpus.errors import DamagedFile, NoText
from corpus.types import Block, BlockKind, Metadata, RawDocument


def read_mail(content: bytes) -> RawDocument:
    """Return a message's text under its subject; what is attached is left out.

    The plain text goes before the page. The publisher is the sender's name, the date the one
    it was sent at.

    Raises DamagedFile if it is no message, NoText if it has none.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    try:
        body = message.get_body(("plain", "html"))
        if not message.keys() or body is None:
            raise NoText(
                "The message contains no text. Save its attachments as files of their own."
            )
        blocks = _blocks(body)
        subject, sender, sent = (str(message.get(name, "")) for name in ("subject", "from", "date"))
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        raise DamagedFile("The message is damaged. Save it again.") from error
    title = subject.strip()
    heading = (Block(BlockKind.HEADING, title),) if title else ()
    try:
        published = parsedate_to_datetime(sent).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        published = None
    name = parseaddr(sender)[0].strip()
    return RawDocument(
        (*heading, *blocks),
        Metadata(title=title or None, publisher=name or None, published=published),
    )


def _blocks(body: MIMEPart) -> tuple[Block, ...]:
    from corpus.readers.formats.html import read_html
    from corpus.readers.formats.plain_text import read_text

    payload = body.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    text = content.decode(body.get_content_charset("utf-8"), "replace").encode()
    if not text.strip():
        raise NoText("The message contains no text. Save its attachments as files of their own.")
    read = read_html if body.get_content_subtype() == "html" else read_text
    return read(text).blocks
