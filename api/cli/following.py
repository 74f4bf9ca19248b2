"""The sites that are followed, as the command line names and shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
from pydantic import ValidationError

from api.cli.output import printable
from api.settings import Settings
from corpus.store.web import SourceKey, SourceState
from corpus.web.errors import NotFetched
from corpus.web.sources import SourceIn, WebSource, next_visit, read_sources

SHOWN_REFUSALS = 20
"""Of one source; ``--json`` has them all."""


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
    refused: list[Refusal]


def named_on_the_command_line(
    pages: Sequence[str],
    sitemaps: Sequence[str],
    feeds: Sequence[str],
    collection: str | None,
    limits: Mapping[str, Any],
) -> list[WebSource]:
    """Return the sources that a command names, within the same ``limits``.

    Raises:
        click.UsageError: one of them is no address of the web.
    """
    named = [
        *({"page": address} for address in pages),
        *({"sitemap": address} for address in sitemaps),
        *({"feed": address} for address in feeds),
    ]
    shared = {**limits, **({} if collection is None else {"collection": collection})}
    try:
        return [SourceIn.model_validate({**each, **shared}).source() for each in named]
    except NotFetched as error:
        raise click.UsageError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise click.UsageError(f"{first['loc'][0]}: {first['msg']}.") from error


def sources(settings: Settings) -> list[FollowedSource]:
    """Return the sources of the operator's file, in its order, then all others ever visited.

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
            _shown(key, states.get(key), followed.get(key), catalogue.web.refused(key))
            for key in dict.fromkeys([*followed, *states])
        ]


def table(found: Sequence[FollowedSource]) -> str:
    """Return sources as lines, with what was refused below each."""
    if not found:
        return "No site is followed. Name some in a file, and that file in PASSERELLE_SOURCES."
    return "\n".join(printable(line) for source in found for line in _lines(source))


def _lines(source: FollowedSource) -> Iterator[str]:
    yield f"{source.kind} {source.address} → {source.collection}"
    last = f"last visit {_minute(source.last_visit)}" if source.last_visit else "never visited"
    unfinished = " (not finished)" if source.is_open else ""
    following = "when it is ingested again"
    if source.next_visit:
        is_due = source.next_visit <= datetime.now(UTC)
        following = "now" if is_due else _minute(source.next_visit)
    yield (
        f"  {last}{unfinished}, next {following}; {source.pages:,} pages, "
        f"{len(source.refused):,} of them refused"
    )
    if source.note:
        yield f"  {source.note}"
    for each in source.refused[:SHOWN_REFUSALS]:
        yield f"  refused  {each.address}: {each.reason}"
    if len(source.refused) > SHOWN_REFUSALS:
        yield f"  and {len(source.refused) - SHOWN_REFUSALS:,} more; --json lists them"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


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
        refused=[Refusal(address, reason) for address, reason in refused],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
