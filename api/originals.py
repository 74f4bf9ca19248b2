"""The file that a document was made from, as long as it is still there and the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from corpus.types import Document


def path_of(document: Document) -> Path:
    """Return where a document's file was when it was taken in."""
    return Path(document.root) / document.file


def is_there(document: Document) -> bool:
    """Tell whether there is a file; only ``read`` tells whether it is the same."""
    try:
        return path_of(document).is_file()
    except (OSError, ValueError):
        return False


def read(document: Document, max_bytes: int) -> bytes | None:
    """Return the bytes that the document was made from; None if they are no longer to be had.

    A file that has changed since is not the document's original, and whatever has another
    hash is nobody's to hand out.
    """
    try:
        path = path_of(document)
        if not path.is_file() or path.stat().st_size > max_bytes:
            return None
        data = path.read_bytes()
    except (OSError, ValueError):
        return None
    return data if hashlib.sha256(data).hexdigest() == document.sha256 else None
