"""SQL functions: checksums, which the catalogue keeps beside what it must not get wrong, and names
as they are stored."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib

from corpus.types import composed


def checksum(*values: str | bytes | int | None) -> int:
    """Return the CRC-32 of a row's values, for use in SQL."""
    crc = 0
    for value in values:
        crc = zlib.crc32(value if isinstance(value, bytes) else repr(value).encode(), crc)
    return crc


def add_functions(connection: sqlite3.Connection) -> None:
    """Make ``checksum(...)``, ``sha256(...)`` and ``nfc(...)`` known to a connection."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.create_function("sha256", 1, _sha256, deterministic=True)
    connection.create_function("nfc", 1, composed, deterministic=True)


def _sha256(value: str | bytes) -> bytes:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()
