"""Who wrote a message, to whom, when and about what: its head, as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.headerregistry import AddressHeader, DateHeader
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Final

from corpus.pages.types import Letterhead
from corpus.readers.formats.mail.msg import message_of
from corpus.readers.formats.mail.parts import BROKEN, damaged
from corpus.readers.media_types import MSG

MAX_HEAD: Final = 2 * 2**20
"""Bytes of a message that its head is looked for in; mail servers take some 64 kB of one."""

MAX_HEADER: Final = 8_000
"""Characters of one header that are parsed: some 200 addresses. Parsing takes time in the square
of its length."""

MAX_SHOWN: Final = 1_000
"""Characters of one that are shown."""


def letterhead_of(content: bytes, media_type: str) -> Letterhead:
    """Return the head of a message.

    Raises DamagedFile if it cannot be read.
    """
    message = message_of(content) if media_type == MSG else _head(content[:MAX_HEAD])
    return Letterhead(
        sender=_people(message, "from"),
        to=_people(message, "to"),
        copied=_people(message, "cc"),
        sent=_moment(message),
        subject=_seen(str(_header(message, "subject"))),
    )


def _head(content: bytes) -> EmailMessage:
    try:
        message = BytesHeaderParser(policy=policy.default).parsebytes(content)
    except BROKEN as error:
        raise damaged() from error
    assert isinstance(message, EmailMessage)
    return message


def _header(message: EmailMessage, name: str) -> object:
    """Return a header, of a long one the beginning; one that cannot be parsed as it is written."""
    stated = next((value for key, value in message.raw_items() if key.lower() == name), "")
    unfolded = "".join(str(stated)[:MAX_HEADER].splitlines())
    try:
        return policy.default.header_factory(name, unfolded)
    except BROKEN:
        return unfolded


def _people(message: EmailMessage, name: str) -> str:
    header = _header(message, name)
    people = header.addresses if isinstance(header, AddressHeader) else ()
    shown = ((each.display_name, each.addr_spec.removesuffix("<>")) for each in people)
    named = (f"{who} <{where}>" if who and where else who or where for who, where in shown)
    return _seen(", ".join(named) or str(header))


def _moment(message: EmailMessage) -> datetime | None:
    header = _header(message, "date")
    stated = header.datetime if isinstance(header, DateHeader) else None
    if stated is None:
        return None
    try:
        return stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None


def _seen(text: str) -> str:
    """Return a text of one line, without signs that turn it around or are not seen."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"
