"""Passages of documents that were read from the same bytes, found once."""

from __future__ import annotations

from collections import Counter

import numpy as np

from index.snapshot import Hits, Snapshot


def deduplicated(snapshot: Snapshot, hits: Hits) -> Hits:
    """Return the hits in their order; of those that are the same in copies, the nearest.

    Ties go to the lower passage id. Copies count as far as they are among the hits, so those
    outside a question's scope do not.
    """
    found = hits.found
    keys = np.unique(found.document_keys).tolist()
    facts = snapshot.facts(keys)
    contents = Counter(facts[key].content for key in keys)
    if len(contents) == len(keys):
        return hits
    copies = [key for key in keys if contents[facts[key].content] > 1]
    first = snapshot.view.first_passages(copies)
    seen: set[tuple[str, int]] = set()
    kept = []
    for place in np.lexsort((found.ids, -found.scores)).tolist():
        key = int(found.document_keys[place])
        if key in first:
            passage = (facts[key].content, int(found.ids[place]) - first[key])
            if passage in seen:
                continue
            seen.add(passage)
        kept.append(place)
    return hits.at(np.sort(np.array(kept, np.int64)))
