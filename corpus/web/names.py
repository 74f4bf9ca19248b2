"""What a file from the web is called in a collection."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

import httpx2

from corpus import readers
from corpus.errors import BadFileName, UnknownFormat
from corpus.readers import tables
from corpus.unpacking import checked_name, is_archive

MARK_CHARACTERS: Final = 8
"""Hexadecimal digits that tell an address from another one of the same name."""

_ENDINGS: Final[Mapping[str, str]] = {
    **{media_type: ending for ending, media_type in reversed(list(readers.MEDIA_TYPES.items()))},
    "application/xhtml+xml": ".xhtml",
    "application/x-pdf": ".pdf",
    "text/rtf": ".rtf",
    "text/x-markdown": ".md",
    "text/tab-separated-values": ".tsv",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/zip": ".zip",
}
"""The ending of a file's name by what a server calls it."""

_SAYS_NOTHING: Final = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/force-download"}
)
_MAYBE_ANOTHER: Final = frozenset({"text/plain", "application/zip", "application/xml", "text/xml"})
"""What servers call files whose name says more: Markdown, office documents, XHTML."""


def file_name(address: str, media_type: str, content: bytes) -> str:
    """Return the name of what an address gave: its host and path, with the ending of its format.

    Raises:
        UnknownFormat: it cannot be read.
        EmptyFile: there is nothing in it.
    """
    url = httpx2.URL(address)
    path, _, query = url.raw_path.decode("ascii").partition("?")
    name = f"{url.netloc.decode('ascii')}{path}"
    if name.endswith("/"):
        name += "index"
    if query:
        name += f"?{query.replace('/', '%2F')}"
    return _checked(name, _ending(path, media_type, content))


def with_mark(name: str, address: str) -> str:
    """Return another name for what an address gave, where the usual one is taken."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{_mark(address)[:MARK_CHARACTERS]}{path.suffix}"))


def _checked(name: str, ending: str) -> str:
    if PurePosixPath(name).suffix.lower() != ending:
        name += ending
    try:
        return checked_name(unquote(name, errors="strict"))
    except (BadFileName, UnicodeDecodeError):
        pass
    try:
        return checked_name(name)
    except BadFileName:  # it is too long
        host = name.partition("/")[0]
        return checked_name(f"{host[:200]}/{_mark(name)[:32]}{ending}")


def _ending(path: str, media_type: str, content: bytes) -> str:
    """Return the ending that a file's name needs, by what the server calls it; where that says
    little, by the address or what the bytes begin with."""
    own = PurePosixPath(path).suffix.lower()
    is_readable = own in readers.MEDIA_TYPES or tables.is_table(path) or is_archive(path)
    if is_readable and (media_type in _SAYS_NOTHING or media_type in _MAYBE_ANOTHER):
        return own
    if media_type in _ENDINGS:
        same = readers.MEDIA_TYPES.get(own) == media_type
        return own if same else _ENDINGS[media_type]
    if media_type in _SAYS_NOTHING or media_type in _MAYBE_ANOTHER:
        return _ENDINGS[readers.media_type_of("", content)]
    if is_readable:
        return own
    raise UnknownFormat(
        f"The site calls it {media_type[:100]}, which cannot be read. Leave it out."
    )


def _mark(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
