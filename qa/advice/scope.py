"""What of a question's scope is not in the collection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from index.snapshot import Scope, Snapshot


@dataclass(frozen=True, slots=True)
class Missing:
    """What was asked for and is not there."""

    collections: tuple[str, ...] = ()
    """By name."""
    languages: tuple[str, ...] = ()
    """By code."""
    dates: tuple[date, date] | None = None
    """The first and the last date that there is, where all are outside of the range."""
    is_undated: bool = False
    """There is a range, and no document has a date."""

    @property
    def says_something(self) -> bool:
        """Whether anything was asked for that is not there."""
        return bool(self.collections or self.languages or self.dates or self.is_undated)


NOTHING_MISSING: Final = Missing()


def missing(snapshot: Snapshot, scope: Scope) -> Missing:
    """Return what of a scope is not there, in what the snapshot has."""
    documents = snapshot.documents.values()
    anytime = replace(scope, published_from=None, published_to=None)
    dates = [document.published for document in documents if anytime.holds(document)]
    known = sorted(day for day in dates if day)
    has_range = anytime != scope
    is_outside = has_range and bool(known) and not any(map(scope.holds, documents))
    return Missing(
        collections=tuple(
            sorted(scope.collections - {document.collection for document in documents})
        ),
        languages=tuple(sorted(scope.languages - snapshot.partitions.keys())),
        dates=(known[0], known[-1]) if is_outside else None,
        is_undated=has_range and bool(dates) and not known,
    )
