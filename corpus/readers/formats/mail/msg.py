"""Messages as Outlook saves them (.msg): properties in a compound file (MS-OXMSG)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING, Final

from corpus.errors import DamagedFile
from corpus.readers.encoding import decode
from corpus.readers.formats.mail.eml import read_message
from corpus.readers.formats.mail.parts import BROKEN
from corpus.types import RawDocument

if TYPE_CHECKING:
    from olefile import OleFileIO

MAX_NESTING: Final = 5
"""Messages inside one another that are read."""

MAX_PEOPLE: Final = 4_000
"""Characters of the names of those that a message was sent to: some 200 people."""

_SUBJECT, _SENDER, _ADDRESS, _SMTP = "0037", "0C1A", "0C1F", "5D01"
_TO, _COPIED = "0E04", "0E03"
_HEADERS, _BODY, _HTML, _RTF = "007D", "1000", "1013", "1009"
_FILE_NAME, _SHORT_NAME, _DATA = "3707", "3704", "3701"
_MIME_TYPE, _CONTENT_ID = "370E", "3712"
_TIMES = (0x00390040, 0x0E060040)  # when it was sent, or else delivered
_HEAD_SIZES = (32, 24)  # of the properties of the message itself, and of one inside it
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def read_msg(content: bytes) -> RawDocument:
    """Return a message's text under its subject, as ``read_mail`` does.

    Raises DamagedFile if it is broken, NoText if it has none.
    """
    return read_message(message_of(content))


def message_of(content: bytes) -> EmailMessage:
    """Return Outlook's message as one of e-mail, with what is attached.

    Raises DamagedFile if it is broken.
    """
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(content)) as file:
            return _message(file, [], 0)
    except (*BROKEN, OSError, IndexError, struct.error, OverflowError) as error:
        raise DamagedFile("The Outlook message is damaged. Save it again.") from error


def _message(file: OleFileIO, place: list[str], depth: int) -> EmailMessage:
    message = EmailMessage(policy=policy.default)
    message["Subject"] = _line(_text(file, place, _SUBJECT))
    address = _text(file, place, _SMTP) or _text(file, place, _ADDRESS)
    sender = _line(_text(file, place, _SENDER))
    is_address = "@" in address and address.isascii()  # or else a place in its own directory
    message["From"] = formataddr((sender, _line(address) if is_address else ""))
    for name, property_ in (("To", _TO), ("Cc", _COPIED)):
        if people := _people(_text(file, place, property_)):
            message[name] = people
    if sent := _sent(file, place, depth):
        message["Date"] = sent
    _put_text(message, file, place)
    for folder in _attachments(file, place):
        _attach(message, file, [*place, folder], depth)
    return message


def _people(shown: str) -> str:
    """Return as e-mail has them the people whom Outlook shows: names, or addresses of those who
    have none."""
    names = filter(None, map(_line, shown[:MAX_PEOPLE].split(";")))
    return ", ".join(
        name if "@" in name and name.isascii() and " " not in name else formataddr((name, ""))
        for name in names
    )


def _put_text(message: EmailMessage, file: OleFileIO, place: list[str]) -> None:
    """Give a message its text: the plain one, or else that of the page, or of the RTF."""
    plain = _text(file, place, _BODY)
    page = _stream(file, place, f"{_HTML}0102")
    packed = _stream(file, place, f"{_RTF}0102")
    if plain.strip():
        message.set_content(plain)
    elif page:
        message.set_content(decode(page), subtype="html")
    elif html := _text(file, place, _HTML):
        message.set_content(html, subtype="html")
    elif packed:
        message.set_content(_text_of_rtf(packed))


def _text_of_rtf(packed: bytes) -> str:
    import compressed_rtf

    from corpus.readers.formats.rtf import read_rtf

    return "\n\n".join(block.text for block in read_rtf(compressed_rtf.decompress(packed)).blocks)


def _attach(message: EmailMessage, file: OleFileIO, place: list[str], depth: int) -> None:
    name = _line(_text(file, place, _FILE_NAME) or _text(file, place, _SHORT_NAME))
    inside = f"__substg1.0_{_DATA}000D"
    if file.exists([*place, inside]):
        if depth >= MAX_NESTING:
            raise ValueError("nested too deeply")
        message.add_attachment(_message(file, [*place, inside], depth + 1), filename=name or None)
    elif file.exists([*place, f"__substg1.0_{_DATA}0102"]):
        content = _stream(file, place, f"{_DATA}0102")
        kind = _text(file, place, _MIME_TYPE)
        is_shown = kind.startswith("image/") and bool(_text(file, place, _CONTENT_ID))
        message.add_attachment(
            content,
            *(("image", "png") if is_shown else ("application", "octet-stream")),
            disposition="inline" if is_shown else "attachment",
            filename=name or None,
        )


def _attachments(file: OleFileIO, place: list[str]) -> Iterator[str]:
    found = {
        path[len(place)]
        for path in file.listdir(streams=True, storages=True)
        if path[: len(place)] == place and len(path) > len(place)
    }
    yield from sorted(name for name in found if name.startswith("__attach_version1.0_"))


def _sent(file: OleFileIO, place: list[str], depth: int) -> str:
    """Return when it was sent as e-mail has it: by its headers, or else by its properties."""
    headers = message_from_string(_text(file, place, _HEADERS), policy=policy.compat32)
    if stated := headers.get("date"):
        return _line(str(stated))
    content = _stream(file, place, "__properties_version1.0", is_property=False)
    entries = content[_HEAD_SIZES[min(depth, 1)] :]
    moments = {
        tag: value
        for tag, _, value in struct.iter_unpack("<IIQ", entries[: len(entries) // 16 * 16])
        if tag in _TIMES and 0 < value < 2**62
    }
    moment = next((moments[tag] for tag in _TIMES if tag in moments), None)
    return format_datetime(_EPOCH + timedelta(microseconds=moment // 10)) if moment else ""


def _text(file: OleFileIO, place: list[str], property_: str) -> str:
    if wide := _stream(file, place, f"{property_}001F"):
        return wide.decode("utf-16-le", "replace").replace("\0", "")
    narrow = _stream(file, place, f"{property_}001E")
    return decode(narrow).replace("\0", "") if narrow else ""


def _stream(file: OleFileIO, place: list[str], name: str, *, is_property: bool = True) -> bytes:
    path = [*place, f"__substg1.0_{name}" if is_property else name]
    if not file.exists(path) or file.get_type(path) != 2:  # STGTY_STREAM
        return b""
    content: bytes = file.openstream(path).read()
    return content


def _line(text: str) -> str:
    """Return a text as a header takes it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
