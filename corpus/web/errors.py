"""Why something of the web is not fetched.

Refused                corpus.errors
└── NotFetched         the address gave no file
    ├── BadAddress     it is none that can be fetched
    ├── OutsideSource  it is on a host that the source does not take
    ├── PrivateAddress its host is in a private network
    ├── Disallowed     the site does not want it
    └── SiteBusy       the site asks to come back later
PasserelleError        corpus.errors
└── SourcesFileError   the operator's file of sources cannot be used
"""

from __future__ import annotations

from corpus.errors import PasserelleError, Refused


class NotFetched(Refused):
    """The address gave no file: the site is not there, too slow, or answers with an error."""


class BadAddress(NotFetched):
    """It is no address of http or https."""


class OutsideSource(NotFetched):
    """It is on a host that the source does not take."""


class PrivateAddress(NotFetched):
    """Its host is this machine, or in a network that the world cannot reach."""


class Disallowed(NotFetched):
    """The site does not want it fetched."""


class SiteBusy(NotFetched):
    """The site asks to come back later."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
        """Until it may be asked again."""


class SourcesFileError(PasserelleError):
    """The operator's file of sources cannot be read, or says what cannot be."""
