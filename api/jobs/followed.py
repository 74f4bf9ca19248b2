"""The sites that are followed, and how it went with each so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from api.settings import Settings
from corpus.store.web import SourceKey, SourceState
from corpus.web.sources import WebSource, next_visit, read_sources

SHOWN_REFUSALS: Final = 20
"""Of one source; ``passerelle sources --json`` has them all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address that gave no document."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """A source, and how it went with it."""

    kind: str
    address: str
    collection: str
    last_visit: datetime | None
    """When it began; None: never."""
    is_open: bool
    """The last visit was cut off or is under way."""
    next_visit: datetime | None
    """None: only when it is ingested again."""
    pages: int
    note: str
    refusals: int
    """Of the pages, how many gave no document."""
    refused: list[Refusal]
    """Those, or the first of them."""

    @property
    def is_due(self) -> bool:
        """Whether it is to be visited as soon as there is a place for it."""
        return self.next_visit is not None and self.next_visit <= datetime.now(UTC)

    @property
    def may_be_hurried(self) -> bool:
        """Whether its next visit may be made due at once."""
        return self.next_visit is not None and not self.is_due and not self.is_open


def followed_sources(settings: Settings, most: int = SHOWN_REFUSALS) -> list[FollowedSource]:
    """Return the sources of the operator's file, in its order, then all others ever visited.

    Each has ``most`` of its refusals.

    Raises:
        SourcesFileError: the file cannot be used.
        CatalogueError: the data folder cannot be used.
    """
    named = read_sources(settings.sources) if settings.sources else []
    followed = {each.key: each for each in named}
    if not settings.store.exists():
        return [_shown(key, None, source, []) for key, source in followed.items()]
    with settings.store.existing() as catalogue:
        states = {state.key: state for state in catalogue.web.states()}
        return [
            _shown(key, states.get(key), followed.get(key), catalogue.web.refused(key, most))
            for key in dict.fromkeys([*followed, *states])
        ]


def _shown(
    key: SourceKey,
    state: SourceState | None,
    followed: WebSource | None,
    refused: Sequence[tuple[str, str]],
) -> FollowedSource:
    return FollowedSource(
        kind=key.kind,
        address=key.address,
        collection=key.collection,
        last_visit=_moment(state.begun) if state and state.begun else None,
        is_open=state is not None and state.ended is None,
        next_visit=_moment(next_visit(followed, state)) if followed else None,
        pages=state.pages if state else 0,
        note=state.note if state else "",
        refusals=state.refused if state else 0,
        refused=[Refusal(address, reason) for address, reason in refused],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
