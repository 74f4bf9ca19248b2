"""Passages of documents that were read from the same bytes, shown once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from index.snapshot import Snapshot
from qa.types import RankedPassage


def as_one_source(snapshot: Snapshot, ranked: Sequence[RankedPassage]) -> list[RankedPassage]:
    """Return the passages in their order; of those that are the same in copies, the first.

    Copies count as far as they were found: those in the question's scope.
    """
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for passage in ranked:
        holders[snapshot.documents[passage.document_key].content].add(passage.document_key)
    copies = [key for keys in holders.values() if len(keys) > 1 for key in keys]
    if not copies:
        return list(ranked)
    first = snapshot.view.first_passages(copies)
    seen: set[tuple[str, int]] = set()
    kept = []
    for passage in ranked:
        key = passage.document_key
        place = (snapshot.documents[key].content, passage.passage_id - first.get(key, 0))
        if place not in seen:
            kept.append(passage)
        seen.add(place)
    return kept
