"""Why nobody is signed in by a provider.

PasserelleError        corpus.errors
├── SignInFailed       a reader is told why on the page, and the log has the message
└── ProviderFileError  the operator's file of the provider cannot be used
"""

from __future__ import annotations

from enum import StrEnum

from corpus.errors import PasserelleError


class Trouble(StrEnum):
    """What a reader is told; ``api.web`` has the words."""

    DOWN = "down"
    """The provider does not answer, or does not answer as it should."""
    CLOCK = "clock"
    """Its clock and ours differ."""
    NO_GROUP = "no_group"
    """None of the person's groups opens anything."""
    DECLINED = "declined"
    """The provider says no, or the reader did there."""
    AGAIN = "again"
    """What came back does not belong to a sign-in that this browser began a moment ago."""


class SignInFailed(PasserelleError):
    """Somebody could not be signed in. The message is for the operator: it has no token."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


class ProviderFileError(PasserelleError):
    """The operator's file of the provider cannot be read, or says what cannot be."""
