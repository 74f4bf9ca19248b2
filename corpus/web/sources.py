"""What is followed on the web: as the command line names it, or the operator's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from corpus.ingest import DEFAULT_COLLECTION
from corpus.operator_files import read_operator_file
from corpus.store.web import AT_ONCE, SourceKey, SourceState
from corpus.types import composed
from corpus.web.addresses import host_of, normalized, places_of
from corpus.web.errors import BadAddress, OutsideSource, SourcesFileError

MAX_PAGES: Final = 1_000
"""Pages that are taken from a source unless it says otherwise: with a pause of a second between
two of them, a visit takes 17 minutes."""

DELAY_SECONDS: Final = 1.0
"""Pause between two requests to one host, unless the source or the site says otherwise."""

HOURS_BETWEEN_VISITS: Final = 24.0


class Kind(StrEnum):
    """What an address is that names pages."""

    PAGE = "page"
    """The one page itself."""
    SITEMAP = "sitemap"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class WebSource:
    """Something on the web that is followed."""

    kind: Kind
    address: str
    """Normalized."""
    collection: str = DEFAULT_COLLECTION
    hosts: frozenset[str] = frozenset()
    """That pages may be on too, beside the host of the address."""
    allow_private: frozenset[str] = frozenset()
    """Hosts that may be in a private network."""
    exclude: tuple[str, ...] = ()
    """Patterns of addresses that are left out, where * stands for anything."""
    max_pages: int = MAX_PAGES
    delay_seconds: float = DELAY_SECONDS
    seconds_between_visits: float = field(default=HOURS_BETWEEN_VISITS * 3600)

    @property
    def key(self) -> SourceKey:
        """What tells it from others."""
        return SourceKey(str(self.kind), self.address, self.collection)

    def check(self, address: str) -> None:
        """Refuse an address that the operator leaves out, or on a host that is not the source's.

        ``www.`` makes no difference.

        Raises:
            OutsideSource: it is one.
        """
        if self.leaves_out(address):
            raise OutsideSource(f"The operator leaves it out: {address}")
        own = {_bare(place) for place in (*places_of(self.address), *self.hosts)}
        if own.isdisjoint(_bare(place) for place in places_of(address)):
            host = host_of(address)
            raise OutsideSource(
                f"It is on {host}, and the source takes pages of {host_of(self.address)} only. If "
                f"that is meant, allow it with --host {host}, or with hosts in the file of sources."
            )

    def leaves_out(self, address: str) -> bool:
        """Tell whether the operator does not want an address."""
        return any(fnmatchcase(address, pattern) for pattern in self.exclude)


def _bare(place: str) -> str:
    return place.removeprefix("www.")


class SourceIn(BaseModel):
    """A source as it is named: a table of the operator's file, or options of the command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: str | None = None
    sitemap: str | None = None
    feed: str | None = None
    collection: str = Field(default=DEFAULT_COLLECTION, min_length=1, max_length=100)
    hosts: frozenset[str] = frozenset()
    allow_private: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    max_pages: int = Field(default=MAX_PAGES, ge=1, le=50_000)
    delay_seconds: float = Field(default=DELAY_SECONDS, ge=0, le=300)
    every_hours: float = Field(default=HOURS_BETWEEN_VISITS, gt=0, le=24 * 366)

    def source(self) -> WebSource:
        """Return it as it is followed.

        Raises ValueError if it names no address or several, and BadAddress if it names none of
        the web.
        """
        named = {
            Kind.PAGE: self.page,
            Kind.SITEMAP: self.sitemap,
            Kind.FEED: self.feed,
        }
        given = [(kind, address) for kind, address in named.items() if address is not None]
        if len(given) != 1:
            raise ValueError("Give it one of page, sitemap and feed.")
        ((kind, address),) = given
        return WebSource(
            kind=kind,
            address=normalized(address),
            collection=composed(self.collection),
            hosts=frozenset(map(str.lower, self.hosts)),
            allow_private=frozenset(map(str.lower, self.allow_private)),
            exclude=self.exclude,
            max_pages=self.max_pages,
            delay_seconds=self.delay_seconds,
            seconds_between_visits=self.every_hours * 3600,
        )


class _FileIn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: tuple[SourceIn, ...] = ()


def read_sources(file: Path) -> list[WebSource]:
    """Return the sources of an operator's file.

    Raises:
        SourcesFileError: it cannot be read, or one of its sources cannot be followed.
    """
    said = read_operator_file(file, _FileIn, "The file of sources", SourcesFileError)
    sources: dict[SourceKey, WebSource] = {}
    for number, table in enumerate(said.source, 1):
        try:
            source = table.source()
        except (ValueError, BadAddress) as error:
            raise SourcesFileError(
                f"The file of sources {file} cannot be used: source {number}: {error}"
            ) from error
        if source.key in sources:
            raise SourcesFileError(
                f"The file of sources {file} cannot be used: source {number} is there twice."
            )
        sources[source.key] = source
    return list(sources.values())


def next_visit(source: WebSource, state: SourceState | None) -> float:
    """Return when a source is to be visited, in seconds since 1970: at once if it never was, if
    its last visit was cut off or if somebody wants that; but not before the site does."""
    if state is None or state.not_before == AT_ONCE:
        return 0.0
    due = state.begun + source.seconds_between_visits if state.ended is not None else 0.0
    return max(due, float(state.not_before))
