"""Those who signed in with an account of a provider's, and the sessions of their browsers.

They are in the file of the keys. Of a person it has a random id, the hash of what the provider
calls them, and a name only if the operator wants one; of a session, the groups that the provider
said when it began.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from api.auth.keys_file import KeysFile
from corpus.store.quotas import UNLIMITED, Quota


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: str
    """Like ``p-3f9c5e0a71b2``; random, so it tells nothing."""
    name: str
    """Empty unless the operator has names kept."""
    groups: frozenset[str]
    session: bytes = field(repr=False, compare=False)
    """The hash of their session's token."""

    @property
    def quota(self) -> Quota:
        """How much what they send may be."""
        return UNLIMITED


class Known(NamedTuple):
    """Somebody who signed in at some time."""

    id: str
    name: str
    signed_in: datetime
    """The last time."""
    sessions: int
    """That have not ended."""


class People:
    """The people of a file of keys; it raises what the file does."""

    def __init__(self, file: KeysFile) -> None:
        self._file = file

    def identify(self, issuer: str, subject: str, name: str) -> str:
        """Return the id of whom an issuer calls ``subject``, the same every time; keep the name."""
        digest = subject_digest(issuer, subject)
        self._file.change(
            (
                "INSERT INTO people (id, subject, name, signed_in) VALUES (?1, ?2, ?3, ?4)"
                " ON CONFLICT (subject) DO UPDATE SET name = ?3",
                (f"p-{secrets.token_hex(6)}", digest, name, _now().isoformat()),
            )
        )
        return str(self._file.rows("SELECT id FROM people WHERE subject = ?", (digest,))[0][0])

    def begin_session(self, person: str, issuer: str, groups: Iterable[str], minutes: int) -> str:
        """Return a random token that stands for a person in groups for so many minutes."""
        token, now = secrets.token_urlsafe(32), _now()
        self._file.change(
            ("DELETE FROM people_sessions WHERE ends <= ?", (now.isoformat(),)),
            ("UPDATE people SET signed_in = ? WHERE id = ?", (now.isoformat(), person)),
            (
                "INSERT INTO people_sessions (sha256, person, issuer, groups, ends)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    _digest(token),
                    person,
                    issuer,
                    json.dumps(sorted(groups)),
                    (now + timedelta(minutes=minutes)).isoformat(),
                ),
            ),
        )
        return token

    def of_session(self, token: str, issuer: str) -> Person | None:
        """Return who is signed in by an issuer, by the token of a session that has not ended."""
        digest = _digest(token)
        rows = self._file.rows(
            "SELECT p.id, p.name, s.groups FROM people_sessions s JOIN people p ON p.id = s.person"
            " WHERE s.sha256 = ? AND s.issuer = ? AND s.ends > ?",
            (digest, issuer, _now().isoformat()),
        )
        if not rows:
            return None
        id_, name, groups = rows[0]
        return Person(id_, name, frozenset(map(str, json.loads(groups))), digest)

    def is_signed_in(self, person: Person) -> bool:
        """Tell whether a person's session has not ended."""
        return bool(
            self._file.rows(
                "SELECT 1 FROM people_sessions WHERE sha256 = ? AND ends > ?",
                (person.session, _now().isoformat()),
            )
        )

    def sign_out(self, person: str) -> int:
        """End all sessions of a person; return how many there were."""
        return self._file.change(("DELETE FROM people_sessions WHERE person = ?", (person,)))

    def find(self, issuer: str, subject: str) -> str | None:
        """Return the id of whom an issuer calls ``subject``; None if they never signed in."""
        digest = subject_digest(issuer, subject)
        rows = self._file.rows("SELECT id FROM people WHERE subject = ?", (digest,))
        return str(rows[0][0]) if rows else None

    def all(self) -> list[Known]:
        """Return everybody who ever signed in, in the order in which they first did."""
        rows = self._file.rows(
            "SELECT id, name, signed_in, (SELECT count(*) FROM people_sessions"
            " WHERE person = people.id AND ends > ?) FROM people ORDER BY rowid",
            (_now().isoformat(),),
        )
        return [
            Known(id_, name, datetime.fromisoformat(signed_in), sessions)
            for id_, name, signed_in, sessions in rows
        ]


def subject_digest(issuer: str, subject: str) -> bytes:
    """Return what a person is known by; a subject is one issuer's own."""
    return _digest(json.dumps([issuer, subject]))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
