"""The parts of a message: its own text, and what is attached to it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, Message
from typing import Final, NamedTuple

from corpus.errors import DamagedFile, TooCostly

MAX_ATTACHMENTS: Final = 1_000
"""Of one message; mail servers take some 25 MB, which are not that many files."""

MAX_NAME: Final = 150
"""Characters of an attachment's name; file systems take 255 bytes."""

BROKEN: Final = (
    LookupError, ValueError, AttributeError, TypeError, AssertionError, RecursionError,
)  # fmt: skip
"""What Python's email lets through where a message is ill-formed."""

_ENDINGS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
}


class Attachment(NamedTuple):
    """A file that came with a message."""

    name: str
    content: bytes


def message_in(content: bytes) -> EmailMessage:
    """Return a message; DamagedFile if it cannot be parsed."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
    except BROKEN as error:
        raise damaged() from error
    assert isinstance(message, EmailMessage)
    return message


def texts_of(part: Message) -> Iterator[Message]:
    """Yield the parts that are the message's text in their order; of alternatives the plainest."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        children = [each for each in part.get_payload() if isinstance(each, Message)]
        found = [list(texts_of(each)) for each in children]
        if kind == "multipart/alternative":
            yield from min(filter(None, found), key=_worth, default=[])
        elif kind == "multipart/related":
            yield from next(filter(None, found), [])
        else:
            yield from (each for texts in found for each in texts)
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        yield part


def attachments_of(message: EmailMessage) -> tuple[Attachment, ...]:
    """Return what is attached, each under a name of its own.

    Raises DamagedFile if the message is broken, TooCostly if there is too much.
    """
    try:
        parts = [part for part in _leaves(message) if is_attached(part)]
        if len(parts) > MAX_ATTACHMENTS:
            raise TooCostly(
                f"The message has {len(parts):,} attachments, and {MAX_ATTACHMENTS:,} are read at "
                "most. Save them as files of their own."
            )
        names = _distinct(_name(part, number) for number, part in enumerate(parts, 1))
        contents = map(_content, parts)
        return tuple(map(Attachment, names, contents))
    except BROKEN as error:
        raise damaged() from error


def pictures_in(message: EmailMessage) -> int:
    """Return how many pictures the message shows in its text."""
    return sum(_is_picture(part) for part in _leaves(message))


def is_attached(part: Message) -> bool:
    """Tell a file from what belongs to the text or to the form of the message."""
    kind = part.get_content_maintype()
    is_text = part.get_content_type() in ("text/plain", "text/html") and not _is_file(part)
    is_form = kind == "message" and part.get_content_type() != "message/rfc822"
    return not (is_text or is_form or _is_picture(part))


def damaged() -> DamagedFile:
    """Return the refusal of a message that is broken."""
    return DamagedFile("The message is damaged. Save it again.")


def _leaves(part: Message) -> Iterator[Message]:
    """Yield the parts that have no parts, in order; a message in it is one."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for each in part.get_payload():
            if isinstance(each, Message):
                yield from _leaves(each)
    else:
        yield part


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _is_picture(part: Message) -> bool:
    is_shown = part.get_content_disposition() != "attachment"
    return part.get_content_maintype() == "image" and is_shown


def _worth(texts: list[Message]) -> tuple[bool, bool]:
    """Return what the plainest alternative that says anything has least of."""
    is_blank = not any(bytes(part.get_payload(decode=True) or b"").strip() for part in texts)
    return is_blank, any(part.get_content_type() == "text/html" for part in texts)


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        message = _message_in(part)
        return b"" if message is None else message.as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _message_in(part: Message) -> Message | None:
    inside = part.get_payload()
    first = inside[0] if isinstance(inside, list) and inside else None
    return first if isinstance(first, Message) else None


def _name(part: Message, number: int) -> str:
    """Return a name without folders for what a stranger named, or did not."""
    kind = part.get_content_type()
    stated = part.get_filename() or ""
    if not stated and kind == "message/rfc822":
        message = _message_in(part)
        stated = "" if message is None else str(message.get("subject", ""))
    printable = "".join(letter if letter.isprintable() else " " for letter in stated)
    name = " ".join(printable.replace("/", " ").replace("\\", " ").split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    ending = f".{ending}" if dot and len(ending) < 10 else ""
    stem = stem if ending else name
    if kind == "message/rfc822" and ending.lower() != ".eml":
        stem, ending = f"{stem}{ending}", ".eml"
    stem = stem[:MAX_NAME] or f"attachment {number}"
    return f"{stem}{ending or _ENDINGS.get(kind, '')}"


def _distinct(names: Iterator[str]) -> Iterator[str]:
    """Yield each name, from its second time on with a number."""
    seen: dict[str, int] = {}
    taken: set[str] = set()
    for name in names:
        stem, dot, ending = name.rpartition(".")
        found = name
        while found in taken:
            seen[name] = seen.get(name, 1) + 1
            found = f"{stem} ({seen[name]}).{ending}" if dot else f"{name} ({seen[name]})"
        taken.add(found)
        yield found
