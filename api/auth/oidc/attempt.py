"""A sign-in that a browser has begun: what it keeps until the provider sends it back.

One random secret is in a cookie of this browser's. What goes to the provider, and what only it may
learn later, are hashes of it, so nothing has to be kept on the server, and nobody can fill it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from time import time
from typing import Final

MAX_SECONDS: Final = 600
"""That a reader may take at the provider."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was begun."""

    secret: str
    begun: int
    """Seconds since 1970."""
    back: str
    """Where the reader wanted to be, on this server."""

    @classmethod
    def new(cls, back: str) -> Attempt:
        """Begin one."""
        return cls(secrets.token_urlsafe(32), int(time()), back)

    @property
    def state(self) -> str:
        """What the provider has to send back: it ties its answer to this browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What has to be in the ID token: it ties the token to this attempt."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What the code is exchanged with (PKCE, RFC 7636); the provider first has its hash."""
        return self._derived("verifier")

    def has_state(self, state: str) -> bool:
        """Tell whether a state is this attempt's."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))

    def written(self) -> str:
        """Return it as a cookie's value."""
        values = [self.secret, self.begun, self.back]
        return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, written: str) -> Attempt | None:
        """Return what a cookie says; None if it says nothing, or was begun too long ago."""
        try:
            secret, begun, back = json.loads(urlsafe_b64decode(f"{written}==="))
            attempt = cls(str(secret), int(begun), str(back))
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None
        return attempt if 0 <= time() - attempt.begun <= MAX_SECONDS else None

    def _derived(self, purpose: str) -> str:
        text = f"{purpose} {self.secret}"
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")
