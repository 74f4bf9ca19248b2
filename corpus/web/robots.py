"""What a site's robots.txt allows (RFC 9309), and the pause that it asks for."""

from __future__ import annotations

from typing import Final, NamedTuple

from protego import Protego

from corpus.errors import FileTooLarge
from corpus.web.addresses import normalized
from corpus.web.errors import NotFetched
from corpus.web.fetching import PRODUCT, Failed, Fetched, Fetcher, Gone, Moved, NotModified

MAX_BYTES: Final = 512 * 1024
"""Of a robots.txt; RFC 9309 asks for 500 KiB at least."""

MAX_REDIRECTS: Final = 5
"""As RFC 9309 has it; after more, a robots.txt counts as missing."""


class Rules(NamedTuple):
    """The rules of one site for us."""

    parsed: Protego

    def allow(self, address: str) -> bool:
        """Tell whether an address may be fetched."""
        return self.parsed.can_fetch(address, PRODUCT)

    @property
    def delay_seconds(self) -> float:
        """The pause between two requests that it asks for, 0 if it asks for none."""
        rate = self.parsed.request_rate(PRODUCT)
        between = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(self.parsed.crawl_delay(PRODUCT) or 0.0, between, 0.0)


NO_RULES: Final = Rules(Protego.parse(""))


def rules_of(fetcher: Fetcher, origin: str) -> Rules:
    """Return the rules of a site, by its robots.txt; where there is none, all is allowed.

    Raises:
        NotFetched: it cannot be had, so nothing is allowed until it can.
    """
    address = normalized("/robots.txt", origin)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            answer = fetcher.get(address, MAX_BYTES)
        except FileTooLarge as error:
            raise NotFetched(
                f"The robots.txt of {origin} is larger than {MAX_BYTES // 1024} KiB, so nobody can "
                "tell what may be fetched."
            ) from error
        match answer:
            case Fetched():
                return Rules(Protego.parse(answer.content.decode("utf-8-sig", "replace")))
            case Moved():
                address = answer.to
            case Failed(status=status) if status >= 500:
                raise NotFetched(
                    f"The robots.txt of {origin} cannot be read ({status}), so nobody can tell "
                    "what may be fetched. Try again later."
                )
            case Gone() | NotModified() | Failed():  # RFC 9309, 2.3.1.3
                return NO_RULES
    return NO_RULES
