"""What is to be a document of its own: a file, or what a table, a message or an archive holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from corpus import sandbox
from corpus.errors import BadFileName, FileTooLarge, Refused, TooCostly
from corpus.readers import archives, containers

MAX_NAME: Final = 500
"""Characters of a file's name with its folders; file systems take 255 for each part."""

MAX_ENTRIES: Final = 100_000
"""Files of one upload or archive, those in archives and the rows of tables among them: two of the
largest tables, and a second or two of writing, however little each holds."""

MAX_NESTING: Final = 5
"""Messages attached to one another; who forwards as attachments has two or three."""

Read = Callable[[], bytes]
"""Returns a file's bytes, or raises Refused."""


def is_archive(file: str) -> bool:
    """Tell by its name whether a file is an archive, whose files are taken one by one."""
    return PurePosixPath(file).suffix.lower() == ".zip"


def documents_in(file: str, read: Read, nesting: int = 0) -> Iterator[tuple[str, Read]]:
    """Yield what is to be a document of its own, by its name.

    That is the file itself, but each row of a table with a column of texts; and with a message,
    what is attached to it.
    """
    if not containers.is_container(file):
        yield file, read
        return
    try:
        if nesting > MAX_NESTING:
            raise TooCostly(
                f"More than {MAX_NESTING} messages are attached to one another here. Save this "
                "one as a file of its own."
            )
        content = read()
        members = sandbox.members(content, file)
    except Refused as refusal:
        yield file, partial(refuse, refusal)
        return
    if containers.is_message(file) or not members:
        yield file, partial(bytes, content)
    for member in members:
        yield from documents_in(member.file, partial(bytes, member.content), nesting + 1)


def documents_in_archive(
    file: str, stream: BinaryIO, max_file_bytes: int
) -> Iterator[tuple[str, Read]]:
    """Yield what is to be a document of its own in an archive, below the archive's name."""
    number = 0
    try:
        with archives.opened(stream) as archive:
            for entry in archives.files_in(archive):
                read = partial(archives.read, archive, entry, max_file_bytes)
                for name, read_it in _named(file, entry.filename, read):
                    number += 1
                    if number > MAX_ENTRIES:
                        raise too_many_files(MAX_ENTRIES)
                    yield name, read_it
    except Refused as refusal:
        yield file, partial(refuse, refusal)


def refuse(refusal: Refused) -> bytes:
    """Raise a refusal where a file's bytes are wanted."""
    raise refusal


def too_many_files(most: int) -> FileTooLarge:
    """Return the refusal of more files than there may be."""
    return FileTooLarge(
        f"There are more than {most:,} files, with those in archives and the rows of tables "
        "counted. Send fewer at once."
    )


def checked_name(name: str) -> str:
    """Return a file's name with its folders as the catalogue keeps it: composed characters,
    forward slashes, none in front.

    Raises:
        BadFileName: it is empty, too long, leads out of its folder, or cannot be printed.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    composed = unicodedata.normalize("NFC", "/".join(parts))
    if not composed or ".." in parts:
        raise BadFileName("The file has no name. Give it one.")
    if len(composed) > MAX_NAME:
        raise BadFileName(f"The file's name is longer than {MAX_NAME} characters. Shorten it.")
    if not composed.isprintable():
        raise BadFileName("The file's name contains control characters. Rename the file.")
    return composed


def _named(file: str, entry: str, read: Read) -> Iterator[tuple[str, Read]]:
    try:
        name = checked_name(entry)
    except BadFileName as refusal:
        yield f"{file}/{entry}", partial(refuse, refusal)
    else:
        yield from documents_in(f"{file}/{name}", read)
