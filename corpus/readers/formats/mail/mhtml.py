"""Pages that a browser saved with all that they show, as a message (.mhtml, .mht)."""

from __future__ import annotations

from dataclasses import replace
from email.message import Message

from corpus.errors import NoText
from corpus.readers.formats.mail.eml import decoded
from corpus.readers.formats.mail.parts import BROKEN, damaged, message_in
from corpus.types import LeftOut, LeftOutReason, RawDocument


def read_mhtml(content: bytes) -> RawDocument:
    """Return the main content of the page, under the address that it was saved from.

    Raises DamagedFile if it is broken, NoText if there is no page in it.
    """
    from corpus.readers.formats.html import read_html

    message = message_in(content)
    try:
        page = next((each for each in message.walk() if _is_page(each)), None)
        if page is None:
            raise NoText("There is no page in the file. Check that it was saved completely.")
        found = read_html(decoded(page).encode("utf-8", "replace"))
        address = str(message.get("snapshot-content-location") or page.get("content-location", ""))
        pictures = sum(each.get_content_maintype() == "image" for each in message.walk())
    except BROKEN as error:
        raise damaged() from error
    saved_from = address.strip() if address.strip().startswith(("http://", "https://")) else None
    return replace(
        found,
        metadata=replace(found.metadata, url=found.metadata.url or saved_from),
        left_out=(LeftOut(LeftOutReason.PICTURE, number=pictures),) if pictures else (),
    )


def _is_page(part: Message) -> bool:
    return part.get_content_type() in ("text/html", "application/xhtml+xml")
