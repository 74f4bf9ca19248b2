"""What becomes of a small partition beside a large one.

    python -m benchmarks.imbalance --texts libreoffice-help.jsonl

The text is a source that ``training.parallel`` makes. 2,000 paragraphs in one language, 200, 50 and
8 in others, no two the same, make one pool. Each question is the first sentence of a
paragraph, and the rest of it the passage to be found. Printed for each partition: how often
that comes first, with plain search and with the default ranking, in the whole pool and with the
partition searched alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

from benchmarks.quality import SETTINGS, EvaluationSet, Remembering, ensure_index
from corpus.text.sentences import sentences
from index.encoders.background_texts import load_neutral
from index.encoders.loading import load_encoder
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot
from qa.evaluation.metrics import figures
from qa.evaluation.pools import ALONE, WHOLE
from qa.evaluation.qrels import JudgedQuestion, Relevant
from qa.evaluation.run import evaluate
from qa.search.searcher import Search

SIZES = {"de": 2000, "fr": 200, "nl": 50, "hu": 8}
MAX_QUESTIONS = 200
"""Of each language."""
MIN_CHARACTERS = 40
"""Of a question and of what is left for its passage."""


class Divided(NamedTuple):
    """A paragraph as a question and the passage that goes on from it."""

    question: str
    passage: str


def divided(text: str, language: str) -> Divided | None:
    """Return a paragraph's first sentence and its rest; None if either is too short."""
    spans = sentences(text, language)
    if len(spans) < 2:
        return None
    parts = Divided(text[slice(*spans[0])], text[spans[1][0] :])
    return parts if min(map(len, parts)) >= MIN_CHARACTERS else None


def make(texts: Path, folder: Path) -> EvaluationSet:
    """Write the pool below ``folder`` and return it with its questions."""
    paragraphs = [json.loads(line)["texts"] for line in texts.read_text("utf-8").splitlines()]
    random.Random(1).shuffle(paragraphs)
    questions = []
    left = iter(paragraphs)
    for language, size in reversed(SIZES.items()):
        for number, parts in enumerate(_first(left, language, size)):
            path = folder / "docs" / language / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(parts.passage, "utf-8")
            relevant = (Relevant(f"{language}/{path.name}", None),)
            if number < MAX_QUESTIONS:
                id_ = f"{language}-{number}"
                questions.append(JudgedQuestion(id_, language, parts.question, (), relevant))
    return EvaluationSet("imbalance", folder / "docs", questions)


def _first(paragraphs: Iterator[dict[str, str]], language: str, size: int) -> Iterator[Divided]:
    found = 0
    while found < size:
        parts = divided(next(paragraphs).get(language, ""), language)
        if parts:
            found += 1
            yield parts


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--texts", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache/quality"))
def main(texts: Path, cache: Path) -> None:
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    neutral = load_neutral(encoder, ModelSettings().cache)
    with TemporaryDirectory() as folder:
        pool = make(texts, Path(folder))
        data = ensure_index(pool, encoder, cache)
    click.echo("| language | passages | questions | searched | plain | default |")
    click.echo("|---|---|---|---|---|---|")
    remembering = Remembering(encoder, data / "questions.npz")
    for language, size in SIZES.items():
        asked = [question for question in pool.questions if question.language == language]
        for way in (ALONE, WHOLE):
            cells = []
            for name in ("plain", "default"):
                setting = SETTINGS[name]
                snapshot = load_snapshot(data, encoder.identity, setting.context)
                search = Search(remembering, neutral, setting.ranking)
                judged = evaluate(snapshot, search, asked, pools=[way], translation=None)
                cells.append(figures([one.whole for one in judged if one.whole]).success_at_1)
                snapshot.view.close()
            found = " | ".join(f"{cell:.3f}" for cell in cells)
            click.echo(f"| {language} | {size} | {len(asked)} | {way} | {found} |")


if __name__ == "__main__":
    main()
