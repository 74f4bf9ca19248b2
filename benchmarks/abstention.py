"""How well an unanswerable question is told from an answerable one, and what confidence means.

    python -m benchmarks.abstention --sets FOLDER... [--effort quick] [--cache FOLDER]

Every question of every set, the project's own sample among them, is asked in a pool that has each
document in one language (``--scatter``): with its documents there, and with them taken out, so
that only what is near to the subject is left. Questions of the other sets, about something else,
are asked as well. What comes out is the area under the curve (AUROC) for each kind, the share that
counts as answered, a reliability table, and the coefficients that fit best, every set weighing
the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.quality import SAMPLE, Remembering
from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from index.snapshot import Scope, Snapshot
from index.snapshot_builder import load_snapshot
from qa.answering import understand
from qa.config import AbstentionConfig, Coefficients, TranslationConfig
from qa.evaluation.metrics import auroc
from qa.evaluation.pools import WHOLE, Pool
from qa.evaluation.qrels import JudgedQuestion
from qa.evaluation.question_sets import QuestionSet, ensure_index, read_set
from qa.evaluation.run import Asked, Collection
from qa.reading.assessment import assess
from qa.reading.confidence import Evidence, evidence_of
from qa.reading.reader import Reader, load_reader
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Effort, Question

OTHERS = 100
"""Questions of each other set that are asked of a set."""

DEPTH = 30


class Kind(StrEnum):
    """What is known about a question's answer."""

    THERE = "answerable"
    OUT = "near the subject"
    OFF = "about something else"
    NONE = "written to have no answer"


SHARES = {Kind.THERE: 2.0, Kind.OUT: 0.2, Kind.OFF: 2.0, Kind.NONE: 1.0}
"""Weight of each kind in the fit: two in five questions are answerable. Those near the subject
count least, as what is left of a FAQ often answers in part: docs/decisions/0049."""


class Asking(NamedTuple):
    """One question asked in one pool."""

    set: str
    kind: Kind
    right: bool
    """Whether the first passage answers."""
    confidence: float
    evidence: Evidence


def ask(
    one: QuestionSet, others: Sequence[JudgedQuestion], pool: Pool, effort: Effort, cache: Path
) -> list[Asking]:
    """Ask a set's own questions, with and without their documents, and ``others``."""
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    data = ensure_index(one, encoder, cache)
    snapshot = load_snapshot(data, encoder.identity)
    remembering = Remembering(encoder)
    search = Search(remembering, load_background(encoder, ModelSettings().cache))
    reader = load_reader(encoder.identity) if effort == "thorough" else None
    asked = Asked(Collection(snapshot), pool)
    return list(_askings(one, others, asked, snapshot, search, reader))


def _askings(
    one: QuestionSet,
    others: Sequence[JudgedQuestion],
    pool: Asked,
    snapshot: Snapshot,
    search: Search,
    reader: Reader | None,
) -> Iterator[Asking]:
    def asked(question: JudgedQuestion, kind: Kind, scope: Scope) -> Asking:
        wanted = Question(question.text, DEPTH, scope, conversation=question.conversation)
        understood = understand(wanted, search.follow_ups)
        ((vector, states),) = search.encode([understood])
        scale = (signals := search.signals(snapshot, understood, vector)).scale
        ranked = search.best(snapshot, wanted, understood, signals)
        hits = group_translations(snapshot, ranked, understood.language, TranslationConfig())
        reading = assess(reader, snapshot.view, states, hits, scale, AbstentionConfig())
        relevant = pool.relevant_in(question) if kind is Kind.THERE else []
        right = any(pool.matches(reading.ranked[0], each) for each in relevant)
        read = reading.ranked if reading.was_read else None
        evidence = evidence_of(hits, read, scale, AbstentionConfig())
        return Asking(one.name, kind, right, reading.confidence, evidence)

    for question in one.questions:
        if pool.relevant_in(question):
            yield asked(question, Kind.THERE, pool.scope(question))
            yield asked(question, Kind.OUT, pool.scope_without(question))
        elif not question.relevant:
            yield asked(question, Kind.NONE, pool.scope(question))
    for question in others:
        yield asked(question, Kind.OFF, pool.scope(question))


def fitted(askings: Sequence[Asking]) -> Coefficients:
    """Return the coefficients of least weighted logistic loss, of what was read or only ranked."""
    weights = _weights(askings)
    features = np.array(
        [
            [of.nearness, of.lead, 0.0 if of.reading is None else of.reading]
            for of in (asking.evidence for asking in askings)
        ]
    )
    # As they are, a hundredth in cosine is much: without scaling the penalty would rule.
    model = LogisticRegression(C=1e6).fit(features, [asking.right for asking in askings], weights)
    return Coefficients(float(model.intercept_[0]), *map(float, model.coef_[0]))


def _weights(askings: Sequence[Asking]) -> NDArray[np.float64]:
    groups = [(asking.set, asking.kind) for asking in askings]
    return np.array([SHARES[kind] / groups.count((name, kind)) for name, kind in groups])


def tables(askings: Sequence[Asking], thresholds: Sequence[float]) -> str:
    """Return what the confidences are worth as two Markdown tables.

    In the first are the shares whose confidence is at least each of the ``thresholds``, and of the
    questions whose first passage is right a line of their own.
    """
    sure = np.array([asking.confidence for asking in askings])
    heads = [f"{threshold:.2f}" for threshold in thresholds]
    lines = [
        f"| set | kind | questions | AUROC | {' | '.join(heads)} |",
        "|---" * (4 + len(heads)) + "|",
    ]
    for name in dict.fromkeys(asking.set for asking in askings):
        of = {
            kind: [
                float(value)
                for value, asking in zip(sure, askings, strict=True)
                if (asking.set, asking.kind) == (name, kind)
            ]
            for kind in Kind
        }
        first = [asking.confidence for asking in askings if asking.set == name and asking.right]
        rows = [("right first", first), *((str(kind), values) for kind, values in of.items())]
        for label, values in rows:
            if values:
                is_answerable = label in ("right first", Kind.THERE)
                area = "" if is_answerable else f"{auroc(of[Kind.THERE], values):.3f}"
                cells = [f"{np.mean(np.array(values) >= each):.2f}" for each in thresholds]
                cells = [label, str(len(values)), area, *cells]
                lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| confidence | questions | first passage right |", "|---|---|---|"]
    right = np.array([asking.right for asking in askings])
    weights = _weights(askings)
    for low in np.arange(0, 1, 0.1):
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            share = (weights * right)[inside].sum() / weights[inside].sum()
            lines.append(f"| {low:.1f}-{low + 0.1:.1f} | {inside.sum()} | {share:.2f} |")
    brier = (weights * (sure - right) ** 2).sum() / weights.sum()
    return "\n".join([*lines, "", f"Brier score {brier:.3f}"])


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--sets", "folders", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--scatter", "seed", type=int, default=1, show_default=True)
@click.option("--effort", type=click.Choice(["thorough", "quick"]), default="thorough")
@click.option(
    "--threshold", "thresholds", multiple=True, type=float, default=(0.08, 0.1, 0.25, 0.5)
)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache/quality"))
def main(
    folders: tuple[Path, ...],
    seed: int,
    effort: Effort,
    thresholds: tuple[float, ...],
    cache: Path,
) -> None:
    sets = [read_set(folder) for folder in (SAMPLE, *folders)]
    askings: list[Asking] = []
    for one in sets:
        others = [
            question
            for other in sets
            if other is not one
            for question in other.questions[:: max(1, len(other.questions) // OTHERS)]
            if question.relevant
        ]
        pool = WHOLE if one.documents.parent == SAMPLE else Pool(seed)
        askings += ask(one, others, pool, effort, cache)
    click.echo(tables(askings, thresholds))
    click.echo(f"\nBest fit: {fitted(askings)}")


if __name__ == "__main__":
    main()
