"""Files that hold others, each of which is to be a document of its own: tables and messages.

One of them becomes a file below the name of what holds it, ``news.csv/12.json`` or
``letter.eml/offer.pdf``. So it says where it is from, and is read, cited, replaced and removed
like any other file.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from corpus.readers import tables
from corpus.readers.tables import Row

_MESSAGES = frozenset({".eml", ".msg"})


def is_container(file: str) -> bool:
    """Tell by its name whether a file holds others."""
    return tables.is_table(file) or is_message(file)


def is_message(file: str) -> bool:
    """Tell by its name whether a file is a message, which is a document besides."""
    return PurePosixPath(file).suffix.lower() in _MESSAGES


def members(file: str, content: bytes) -> tuple[Row, ...]:
    """Return the files in a table or message; of a table that is one document, none.

    Raises:
        Refused: it is none, is broken, or holds too many.
    """
    if tables.is_table(file):
        return tables.rows(file, content)
    from corpus.readers.formats.mail.msg import message_of
    from corpus.readers.formats.mail.parts import attachments_of, message_in

    is_outlooks = PurePosixPath(file).suffix.lower() == ".msg"
    message = message_of(content) if is_outlooks else message_in(content)
    return tuple(Row(f"{file}/{name}", inside) for name, inside in attachments_of(message))
