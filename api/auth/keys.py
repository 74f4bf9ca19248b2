"""API keys: who holds one, what it opens, and the sessions that browsers begin with one.

They are in a file of their own beside the catalogue, which every look-up asks: a key that was
revoked, by this process or another, is refused from then on. docs/decisions/0021-keys.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from corpus.errors import CatalogueError
from corpus.store import sqlite

FILE_NAME = "keys.sqlite"

SESSION_HOURS = 12
"""Hours that a browser stays signed in at most: a working day."""

_WRITTEN = re.compile(r"passerelle_([0-9a-f]{12})_[\w-]{43}", re.ASCII)
_NO_DIGEST = bytes(hashlib.sha256().digest_size)

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS keys (
        id          TEXT PRIMARY KEY,
        name        TEXT NOT NULL,
        sha256      BLOB NOT NULL,
        scopes      TEXT NOT NULL,
        collections TEXT,
        created     TEXT NOT NULL,
        revoked     TEXT
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS sessions (
        sha256 BLOB PRIMARY KEY,
        key    TEXT NOT NULL REFERENCES keys (id),
        ends   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)
_COLUMNS = "k.id, k.name, k.scopes, k.collections, k.created, k.revoked"


class Scope(StrEnum):
    """What a key allows; none includes another."""

    READ = "read"
    """Ask, list and read documents and jobs."""
    WRITE = "write"
    """Upload, replace and delete documents."""
    ADMIN = "admin"
    """See the metrics."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key; its text is known to its holder only."""

    id: str
    """12 hexadecimal digits; no secret."""
    name: str
    scopes: frozenset[Scope]
    collections: frozenset[str] | None
    """Those it reads and writes; None: all there are and will be."""
    created: datetime
    revoked: datetime | None = None


class Keys(sqlite.Closing):
    """The keys of a data folder; the file is made with the first of them.

    Safe to use from several threads. Every method raises CatalogueError where the folder
    cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._opened:
            self._opened.close()

    def add(
        self, name: str, scopes: Iterable[Scope], collections: Iterable[str] | None = None
    ) -> tuple[Key, str]:
        """Make a key; return it with its text, which is kept nowhere.

        The text holds 256 random bits, so a plain SHA-256 of it gives nothing away.
        """
        id_ = secrets.token_hex(6)
        text = f"passerelle_{id_}_{secrets.token_urlsafe(32)}"
        kept = None if collections is None else frozenset(collections)
        key = Key(id_, name, frozenset(scopes), kept, _now())
        self._change(
            "INSERT INTO keys (id, name, sha256, scopes, collections, created)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                key.id,
                name,
                _digest(text),
                json.dumps(sorted(key.scopes)),
                None if kept is None else json.dumps(sorted(kept)),
                key.created.isoformat(),
            ),
        )
        return key, text

    def revoke(self, key: str) -> bool:
        """Revoke a key and end its sessions; tell whether it was valid until now."""
        revoked = self._change(
            "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL",
            (_now().isoformat(), key),
        )
        self._change("DELETE FROM sessions WHERE key = ?", (key,))
        return revoked > 0

    def all(self) -> list[Key]:
        """Return every key there ever was, oldest first."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM keys k ORDER BY k.rowid")  # noqa: S608
        return [_key(row) for row in rows]

    def any(self) -> bool:
        """Tell whether there ever was a key."""
        return bool(self._rows("SELECT 1 FROM keys LIMIT 1"))

    def holder(self, text: str) -> Key | None:
        """Return the key of this text; None if there is none, or it was revoked."""
        written = _WRITTEN.fullmatch(text)
        rows = self._rows(
            f"SELECT {_COLUMNS}, k.sha256 FROM keys k WHERE k.id = ?",  # noqa: S608
            (written[1] if written else "",),
        )
        *row, digest = rows[0] if rows else (_NO_DIGEST,)
        is_right = hmac.compare_digest(_digest(text), digest)
        return _valid(row) if is_right and row else None

    def begin_session(self, key: Key) -> str:
        """Return a random token that stands for a key for SESSION_HOURS."""
        token, now = secrets.token_urlsafe(32), _now()
        self._change("DELETE FROM sessions WHERE ends <= ?", (now.isoformat(),))
        self._change(
            "INSERT INTO sessions (sha256, key, ends) VALUES (?, ?, ?)",
            (_digest(token), key.id, (now + timedelta(hours=SESSION_HOURS)).isoformat()),
        )
        return token

    def of_session(self, token: str) -> Key | None:
        """Return the key of a session that has not ended.

        The token is looked up by its hash, whose digits nobody can choose one by one.
        """
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM sessions s JOIN keys k ON k.id = s.key"  # noqa: S608
            " WHERE s.sha256 = ? AND s.ends > ?",
            (_digest(token), _now().isoformat()),
        )
        return _valid(rows[0]) if rows else None

    def end_session(self, token: str) -> None:
        """End a session, if there is one."""
        self._change("DELETE FROM sessions WHERE sha256 = ?", (_digest(token),))

    def _rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock, sqlite.plain_errors(self._folder):
            if self._opened is None and not (self._folder / FILE_NAME).exists():
                return []
            return self._connection().execute(sql, parameters).fetchall()

    def _change(self, sql: str, parameters: tuple[object, ...]) -> int:
        with self._lock, sqlite.plain_errors(self._folder):
            return self._connection().execute(sql, parameters).rowcount

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / FILE_NAME
            sqlite.refuse_if_open(self._folder, path)
            path.touch(mode=0o600)
            opened = sqlite3.connect(
                path,
                timeout=sqlite.BUSY_TIMEOUT_MS / 1000,
                isolation_level=None,
                check_same_thread=False,
            )
            # Whoever looks a key up does not wait for whoever writes one.
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = FULL")
            for table in _TABLES:
                opened.execute(table)
            _refuse_acting(opened)
            self._opened = opened
        return self._opened


def _refuse_acting(connection: sqlite3.Connection) -> None:
    """Refuse a file with triggers or views: one of them could undo a revocation."""
    acting = "SELECT 1 FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    if connection.execute(acting).fetchone():
        raise CatalogueError(
            f"{FILE_NAME} contains triggers or views, which Passerelle never creates. Move the "
            "file away and make the keys again."
        )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _valid(row: Iterable[Any]) -> Key | None:
    key = _key(row)
    return None if key.revoked else key


def _key(row: Iterable[Any]) -> Key:
    id_, name, scopes, collections, created, revoked = row
    try:
        return Key(
            id=id_,
            name=name,
            scopes=frozenset(map(Scope, json.loads(scopes))),
            collections=None if collections is None else _names(json.loads(collections)),
            created=datetime.fromisoformat(created),
            revoked=datetime.fromisoformat(revoked) if revoked else None,
        )
    except (ValueError, TypeError) as error:
        raise CatalogueError(
            f"{FILE_NAME} contains an entry that is not a key ({id_}). Restore a backup of the "
            "file, or move it away and make the keys again."
        ) from error


def _names(collections: object) -> frozenset[str]:
    """Return the names in a list; a text would be taken for one of its letters."""
    if not isinstance(collections, list):
        raise TypeError(collections)
    return frozenset(collections)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
