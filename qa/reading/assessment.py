"""What is made of ranked passages: read where there is a reader, and how likely they answer."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.store.view import View
from index.encoders.protocol import States
from qa.config import AbstentionConfig
from qa.reading.confidence import confidence, verdict
from qa.reading.reader import Reader
from qa.search.score_norm import ScoreNorm
from qa.types import RankedPassage, Reading


def assess(
    reader: Reader | None,
    view: View,
    question: States,
    ranked: Sequence[RankedPassage],
    scale: ScoreNorm,
    config: AbstentionConfig,
) -> Reading:
    """Return passages in the order of ``reader`` or, if it cannot read, as they were ranked.

    ``question`` has shape (tokens, hidden size). The confidence is told by the ranking's
    scores and, where it has read, by the reader's. Translations of one passage are to be one in
    ``ranked`` for it to mean anything.

    Raises:
        CatalogueError: the passages' tokens could not be read.
    """
    read = reader.read(view, question, ranked) if reader is not None else None
    sure = confidence(ranked, read, scale, config)
    return Reading(read or list(ranked), sure, verdict(sure, config), was_read=read is not None)
