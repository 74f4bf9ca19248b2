"""Checksums as SQL functions: what the catalogue keeps beside what it must not get wrong."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib


def checksum(*values: str | bytes | int | None) -> int:
    """Return the CRC-32 of a row's values, for use in SQL."""
    crc = 0
    for value in values:
        crc = zlib.crc32(value if isinstance(value, bytes) else repr(value).encode(), crc)
    return crc


def add_functions(connection: sqlite3.Connection) -> None:
    """Make ``checksum(...)`` and ``sha256(...)`` known to a connection."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.create_function("sha256", 1, _sha256, deterministic=True)


def _sha256(value: str | bytes) -> bytes:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()
