"""From a question's vector to the passages near it."""

from __future__ import annotations

from collections.abc import Mapping

from index.encoder import Vectors
from index.snapshot import Hits, Snapshot
from qa.config import RankingConfig
from qa.evidence import NO_EVIDENCE
from qa.types import Question


def retrieve(
    snapshot: Snapshot,
    vector: Vectors,
    question: Question,
    config: RankingConfig,
    evidence: Mapping[int, float] = NO_EVIDENCE,
) -> Hits:
    """Return the passages in the question's scope that are nearest to its vector.

    ``vector`` has shape (dimension,). Every partition gives ``config.candidates`` of them,
    or as many as the question wants if that is more. Behind them come the passages in the scope
    for which there is strong ``evidence`` (by passage id, 0 to 1) and that are not near.
    """
    limit = max(config.candidates, question.limit)
    near = snapshot.search(vector, limit, question.scope)
    strong = {passage for passage, share in evidence.items() if share >= config.strong_evidence}
    strong.difference_update(near.found.ids.tolist())
    if not strong:
        return near
    strongest = sorted(strong, key=lambda passage: (-evidence[passage], passage))[:limit]
    return near.followed_by(snapshot.scored(vector, strongest, question.scope))
