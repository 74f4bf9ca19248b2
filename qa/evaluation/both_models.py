"""What two models find for the same questions in one state of the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from corpus.store.model_change import ModelFigures
from corpus.store.view import View
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.snapshot_builder import snapshot_of
from qa.evaluation.metrics import success
from qa.evaluation.qrels import JudgedQuestion
from qa.evaluation.run import Judged, evaluate
from qa.reading.reader import load_reader
from qa.search.searcher import Search
from qa.types import Effort


def judged_with(
    encoder: Encoder,
    view: View,
    questions: Sequence[JudgedQuestion],
    cache: Path,
    effort: Effort,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Judged]:
    """Judge questions with a model in a state of the catalogue that is read with that model."""
    search = Search(encoder, load_background(encoder, cache))
    reader = load_reader(encoder.identity) if effort == "thorough" else None
    return evaluate(snapshot_of(view), search, questions, reader=reader, progress=progress)


def figures_of(judged: Sequence[Judged], file: Path) -> ModelFigures:
    """Return how many questions of a file were answered and refused rightly, as of today."""
    cases = [one.whole for one in judged if one.whole]
    return ModelFigures(
        file=file.name,
        measured=datetime.now(UTC).date(),
        answerable=len(cases),
        first=sum(success(case, 1) == 1 for case in cases),
        first_five=sum(success(case, 5) == 1 for case in cases),
        wrongly_refused=sum(one.answerable and not one.answered for one in judged),
        unanswerable=sum(not one.answerable for one in judged),
        refused=sum(not (one.answerable or one.answered) for one in judged),
    )
