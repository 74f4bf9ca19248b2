"""From a question's vector to the passages near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from index.encoders.protocol import Vectors
from index.snapshot import Hits, Scope, Snapshot
from qa.config import RankingConfig
from qa.search.dedup import deduplicated
from qa.types import Question

DEEPER: Final = 4
"""Times as many passages that are looked for in a language where copies took places."""

DEEPEST: Final = DEEPER**3
"""The same at most: some 60 copies of whatever is near leave as many passages as are wanted."""


def retrieve(
    snapshot: Snapshot,
    vector: Vectors,
    question: Question,
    config: RankingConfig,
    evidence: Mapping[int, float] = MappingProxyType({}),
) -> Hits:
    """Return the passages in the question's scope that are nearest to its vector, copies once.

    ``vector`` has shape (dimension,). Every partition gives ``config.candidates`` of them,
    or as many as the question wants if that is more. Behind them come the passages in the scope
    for which there is strong ``evidence`` (by passage id) and that are not near.
    """
    limit = max(config.candidates, question.limit)
    near = _nearest(snapshot, vector, question.scope, limit, limit)
    strong = {passage for passage, share in evidence.items() if share >= config.strong_evidence}
    strong.difference_update(near.found.ids.tolist())
    if not strong:
        return near
    held = deduplicated(snapshot, near.followed_by(snapshot.scored(vector, strong, question.scope)))
    weights = np.array([evidence.get(passage, 0.0) for passage in held.found.ids.tolist()])
    weights[np.isin(held.found.ids, near.found.ids)] = np.inf
    return held.at(np.lexsort((held.found.ids, -weights))[: len(near) + limit])


def _nearest(snapshot: Snapshot, vector: Vectors, scope: Scope, limit: int, depth: int) -> Hits:
    """Return each partition's ``limit`` nearest passages, out of its ``depth`` nearest.

    Where copies took places, that is of those further away as well.
    """
    found = snapshot.search(vector, depth, scope)
    hits = deduplicated(snapshot, found)
    if len(hits) == len(found) and depth == limit:
        return hits
    numbers, every = hits.language_numbers, len(hits.languages)
    counts = np.bincount(numbers, minlength=every)
    # Those of a language come together, the nearest first.
    wanted = np.arange(len(hits)) - (np.cumsum(counts) - counts)[numbers] < limit
    lacking = (np.bincount(found.language_numbers, minlength=every) == depth) & (counts < limit)
    if not lacking.any() or depth >= limit * DEEPEST:
        return hits.at(np.flatnonzero(wanted))
    languages = frozenset(hits.languages[number] for number in np.flatnonzero(lacking))
    narrowed = replace(scope, languages=languages)
    further = _nearest(snapshot, vector, narrowed, limit, depth * DEEPER)
    return hits.at(np.flatnonzero(wanted & ~lacking[numbers])).followed_by(further)
