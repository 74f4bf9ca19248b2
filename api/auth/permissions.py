"""What a request may do, and what a route asks for."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from api.auth.keys import Key, Scope

Collections = frozenset[str] | None
"""Some collections; None stands for all there are and will be."""

NONE: Collections = frozenset()


class Rights(NamedTuple):
    """What a request may do, collection by collection."""

    reads: Collections
    writes: Collections
    is_admin: bool = False

    @property
    def may_read(self) -> bool:
        """Whether there is a collection to be read."""
        return self.reads != NONE

    @property
    def may_change_model(self) -> bool:
        """Whether what every collection is answered with may be changed."""
        return self.is_admin and self.writes is None

    @property
    def may_write(self) -> bool:
        """Whether there is a collection to be changed."""
        return self.writes != NONE

    def may_write_in(self, collection: str) -> bool:
        """Tell whether a collection may be changed."""
        return self.writes is None or collection in self.writes

    def cover(self, scopes: frozenset[Scope], collections: Collections) -> bool:
        """Tell whether a key of these scopes and collections would allow nothing more."""
        own = {Scope.READ: self.reads, Scope.WRITE: self.writes}
        return all(
            _includes(own[scope], collections) if scope in own else self.is_admin
            for scope in scopes
        )


def _includes(own: Collections, asked: Collections) -> bool:
    return own is None or (own != NONE and asked is not None and asked <= own)


NOTHING = Rights(NONE, NONE)
READING = Rights(None, NONE)
EVERYTHING = Rights(None, None, is_admin=True)


def rights_of(key: Key, *, is_public: bool) -> Rights:
    """Return what a key opens; where reading ``is_public``, it may read what everybody may."""
    reads = key.collections if Scope.READ in key.scopes else NONE
    return Rights(
        None if is_public else reads,
        key.collections if Scope.WRITE in key.scopes else NONE,
        Scope.ADMIN in key.scopes,
    )


class Need(Enum):
    """What has to be allowed for a request to be answered."""

    NOTHING = "nothing"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    ADMIN_OF_ALL = "admin of all"
    """And to read every collection, which figures over all of them tell of."""
    CHANGE_MODEL = "change model"

    def is_met_by(self, rights: Rights) -> bool:
        """Tell whether these rights are enough."""
        return {
            Need.NOTHING: True,
            Need.READ: rights.may_read,
            Need.WRITE: rights.may_write,
            Need.ADMIN: rights.is_admin,
            Need.ADMIN_OF_ALL: rights.is_admin and rights.reads is None,
            Need.CHANGE_MODEL: rights.may_change_model,
        }[self]


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_OPEN = frozenset({"/health", "/ready", "/sign-in", "/sign-out", "/embed", "/embed.css"})
ASKING = frozenset({"/v1/ask", "/v1/chat/completions"})
"""Addresses that take a question as JSON, and change nothing."""

ADMINS = ("/keys", "/questions", "/sources", "/v1/questions")
"""What the addresses begin with that are for admins."""

_READING = ASKING | {"/mcp", "/feedback", "/write", "/translate"}
"""Addresses that take what they are asked in a body."""


def need_of(method: str, path: str) -> Need:
    """Return what a request needs. What nobody thought of needs no less than its method says."""
    if path in _OPEN or path.startswith(("/static/", "/sign-in/")):
        return Need.NOTHING
    if path == "/questions/evaluate":
        return Need.ADMIN_OF_ALL
    if path == "/model":
        return Need.ADMIN if method in SAFE else Need.CHANGE_MODEL
    if path == "/metrics" or path.startswith(ADMINS):
        return Need.ADMIN
    if method in SAFE or path in _READING:
        return Need.READ
    return Need.WRITE
