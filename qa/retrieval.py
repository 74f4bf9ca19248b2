"""From a question's vector to the passages near it."""

from __future__ import annotations

from index.encoder import Vectors
from index.snapshot import Hit, Snapshot
from qa.config import RankingConfig
from qa.types import Question


def retrieve(
    snapshot: Snapshot, vector: Vectors, question: Question, config: RankingConfig
) -> list[Hit]:
    """Return the passages in the question's scope that are nearest to its vector.

    ``vector`` has shape (dimension,). Every partition gives ``config.candidates`` of them,
    or as many as the question wants if that is more.
    """
    return snapshot.search(vector, max(config.candidates, question.limit), question.scope)
