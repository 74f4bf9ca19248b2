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
    outside, is_undated = _dates(snapshot, scope)
    return Missing(
        collections=tuple(sorted(scope.collections - _collections(snapshot, scope))),
        languages=tuple(sorted(scope.languages - snapshot.levels().keys())),
        dates=outside,
        is_undated=is_undated,
    )


def _dates(snapshot: Snapshot, scope: Scope) -> tuple[tuple[date, date] | None, bool]:
    """Return between which dates all is, if that is outside of a scope's range, and whether there
    is one and nothing bears a date."""
    anytime = replace(scope, published_from=None, published_to=None)
    if anytime == scope:
        return None, False
    documents, first, last = snapshot.extent(anytime)
    if first is None or last is None:
        return None, documents > 0
    is_outside = not snapshot.extent(scope).documents
    return (first, last) if is_outside else None, False


def _collections(snapshot: Snapshot, scope: Scope) -> frozenset[str]:
    """Return the collections that there are, if a scope names any: by one look, as it may name many
    and a look goes through every document."""
    if not scope.collections:
        return frozenset()
    return frozenset(each.collection for each in snapshot.view.collections())
