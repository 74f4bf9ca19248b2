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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from api.auth.keys_file import FILE_NAME, KeysFile
from api.auth.people import People
from corpus.errors import CatalogueError
from corpus.store.engine import Closing
from corpus.store.quotas import UNLIMITED, Quota
from corpus.types import composed

SESSION_HOURS = 12
"""Hours that a browser stays signed in at most: a working day."""

_WRITTEN = re.compile(r"passerelle_([0-9a-f]{12})_[\w-]{43}", re.ASCII)
_NO_DIGEST = bytes(hashlib.sha256().digest_size)

_COLUMNS = (
    "k.id, k.name, k.scopes, k.collections, k.created, k.revoked,"
    " (SELECT json_array(documents, bytes, jobs) FROM quotas WHERE key = k.id)"
)


class Scope(StrEnum):
    """What a key allows; none includes another."""

    READ = "read"
    """Ask, list and read documents and jobs."""
    WRITE = "write"
    """Upload, replace and delete documents."""
    ADMIN = "admin"
    """See the metrics and the model; on the page, manage keys that allow no more than one's own."""


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
    quota: Quota = UNLIMITED
    """How much what was sent with it may be."""


class Keys(Closing):
    """The keys of a data folder; the file is made with the first of them.

    Safe to use from several threads. Every method raises CatalogueError where the folder
    cannot be used, InUse where another program keeps the file locked, and KeysGone while the file
    that was opened first is not in its place. What changes something may wait for a lock, so it is
    not for the event loop.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeysFile(folder)
        self.people = People(self._file)
        """Those who sign in without a key."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def prepare(self) -> None:
        """Bring the file up to date, if there is one, so that no look-up has to."""
        self._file.prepare()

    def check_place(self) -> None:
        """Raise KeysGone unless the file is the one that was opened first, if one was."""
        self._file.check_place()

    def add(
        self,
        name: str,
        scopes: Iterable[Scope],
        collections: Iterable[str] | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> tuple[Key, str]:
        """Make a key; return it with its text, which is kept nowhere.

        Just before, ``note`` is called with its id, and raises what forbids it.
        The text holds 256 random bits, so a plain SHA-256 of it gives nothing away.
        """
        id_ = secrets.token_hex(6)
        text = f"passerelle_{id_}_{secrets.token_urlsafe(32)}"
        kept = None if collections is None else frozenset(map(composed, collections))
        key = Key(id_, name, frozenset(scopes), kept, _now())
        row = (
            key.id,
            name,
            _digest(text),
            json.dumps(sorted(key.scopes)),
            None if kept is None else json.dumps(sorted(kept)),
            key.created.isoformat(),
        )
        note(id_)
        self._file.change(
            (
                "INSERT INTO keys (id, name, sha256, scopes, collections, created)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        )
        return key, text

    def naming(self, collection: str) -> list[Key]:
        """Return the valid keys that open a collection by its name."""
        valid = (key for key in self.all() if not key.revoked)
        return [key for key in valid if key.collections and collection in key.collections]

    def let_open(self, keys: Iterable[Key], collections: Mapping[str, bool]) -> None:
        """Have keys open each of some collections by name, or no longer."""
        opened = {name for name, opens in collections.items() if opens}
        self._file.change(
            *(
                (
                    "UPDATE keys SET collections = ? WHERE id = ?",
                    (
                        json.dumps(sorted((key.collections or set()) - {*collections} | opened)),
                        key.id,
                    ),
                )
                for key in keys
            )
        )

    def limit(self, key: str, quota: Quota) -> bool:
        """Set the quota of a key; tell whether there is such a key that is valid."""
        if not self.is_valid(key):
            return False
        self._file.change(
            (
                "INSERT INTO quotas (key, documents, bytes, jobs) VALUES (?1, ?2, ?3, ?4)"
                " ON CONFLICT (key) DO UPDATE SET documents = ?2, bytes = ?3, jobs = ?4",
                (key, *quota),
            )
        )
        return True

    def revoke(self, key: str) -> bool:
        """Revoke a key and end its sessions; tell whether it was valid until now."""
        now = _now().isoformat()
        revoked = self._file.change(
            ("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (now, key))
        )
        self._file.change(("DELETE FROM sessions WHERE key = ?", (key,)))
        return revoked > 0

    def all(self) -> list[Key]:
        """Return every key there ever was, oldest first."""
        rows = self._file.rows(f"SELECT {_COLUMNS} FROM keys k ORDER BY k.rowid")  # noqa: S608
        return [_key(row) for row in rows]

    def any(self) -> bool:
        """Tell whether there ever was a key."""
        return bool(self._file.rows("SELECT 1 FROM keys LIMIT 1"))

    def is_valid(self, key: str) -> bool:
        """Tell whether a key, by its id, opens anything now."""
        return bool(self._file.rows("SELECT 1 FROM keys WHERE id = ? AND revoked IS NULL", (key,)))

    def version(self) -> int:
        """Return a number that is another one once a key or a session was changed."""
        rows = self._file.rows("PRAGMA data_version")
        return int(rows[0][0]) if rows else 0

    def holder(self, text: str) -> Key | None:
        """Return the key of this text; None if there is none, or it was revoked."""
        written = _WRITTEN.fullmatch(text)
        rows = self._file.rows(
            f"SELECT {_COLUMNS}, k.sha256 FROM keys k WHERE k.id = ?",  # noqa: S608
            (written[1] if written else "",),
        )
        *row, digest = rows[0] if rows else (_NO_DIGEST,)
        is_right = hmac.compare_digest(_digest(text), digest)
        return _valid(row) if is_right and row else None

    def begin_session(self, key: Key) -> str:
        """Return a random token that stands for a key for SESSION_HOURS."""
        token, now = secrets.token_urlsafe(32), _now()
        ends = (now + timedelta(hours=SESSION_HOURS)).isoformat()
        self._file.change(
            ("DELETE FROM sessions WHERE ends <= ?", (now.isoformat(),)),
            (
                "INSERT INTO sessions (sha256, key, ends) VALUES (?, ?, ?)",
                (_digest(token), key.id, ends),
            ),
        )
        return token

    def of_session(self, token: str) -> Key | None:
        """Return the key of a session that has not ended.

        The token is looked up by its hash, whose digits nobody can choose one by one.
        """
        rows = self._file.rows(
            f"SELECT {_COLUMNS} FROM sessions s JOIN keys k ON k.id = s.key"  # noqa: S608
            " WHERE s.sha256 = ? AND s.ends > ?",
            (_digest(token), _now().isoformat()),
        )
        return _valid(rows[0]) if rows else None

    def end_session(self, token: str) -> None:
        """End a session, of a key or of a person, if there is one."""
        self._file.change(
            ("DELETE FROM sessions WHERE sha256 = ?", (_digest(token),)),
            ("DELETE FROM people_sessions WHERE sha256 = ?", (_digest(token),)),
        )

    def end_all_sessions(self) -> None:
        """End every session there is."""
        self._file.change(("DELETE FROM sessions", ()), ("DELETE FROM people_sessions", ()))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _valid(row: Iterable[Any]) -> Key | None:
    key = _key(row)
    return None if key.revoked else key


def _key(row: Iterable[Any]) -> Key:
    id_, name, scopes, collections, created, revoked, quota = row
    try:
        return Key(
            id=id_,
            name=name,
            scopes=frozenset(map(Scope, json.loads(scopes))),
            collections=None if collections is None else _names(json.loads(collections)),
            created=datetime.fromisoformat(created),
            revoked=datetime.fromisoformat(revoked) if revoked else None,
            quota=Quota(*json.loads(quota)) if quota else UNLIMITED,
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
    return frozenset(map(composed, collections))  # an older release kept them as they were typed


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
