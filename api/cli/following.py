"""The sites that are followed, as the command line names and shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from pydantic import ValidationError

from api.cli.output import printable
from api.field_errors import message
from api.jobs.followed import FollowedSource
from corpus.web.errors import NotFetched
from corpus.web.sources import SourceIn, WebSource


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
        raise click.UsageError(f"{first['loc'][0]}: {message(first).removesuffix('.')}.") from error


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
        following = "now" if source.is_due else _minute(source.next_visit)
    yield (
        f"  {last}{unfinished}, next {following}; {source.pages:,} pages, "
        f"{source.refusals:,} of them refused"
    )
    if source.note:
        yield f"  {source.note}"
    for each in source.refused:
        yield f"  refused  {each.address}: {each.reason}"
    if more := source.refusals - len(source.refused):
        yield f"  and {more:,} more; --json lists them"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
