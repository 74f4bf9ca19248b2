"""How often the sentence that is marked is the one that answers.

    python -m benchmarks.sentences --data FOLDER QUESTIONS.jsonl

asks every question of a collection made by ``passerelle ingest``. Of the questions whose first
passage is right, those count as right whose marked sentence holds the snippet that answers.
"""

from __future__ import annotations

from pathlib import Path

import click

from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot
from qa.answering import Answerer
from qa.evaluation.qrels import JudgedQuestion, read_questions
from qa.reading.reader import load_reader
from qa.search.searcher import Search
from qa.types import Abstention, CitedPassage, Question


def snippets(question: JudgedQuestion, passage: CitedPassage) -> list[str]:
    """Return those of the question's snippets that the passage holds; none if it is not right."""
    text = " ".join(passage.text.split())
    return [
        relevant.contains
        for relevant in question.relevant
        if relevant.contains is not None
        and relevant.file == passage.citation.document.file
        and relevant.contains in text
    ]


def is_right(passage: CitedPassage, wanted: list[str]) -> bool:
    """Tell whether the marked sentence holds one of the snippets."""
    start, end = passage.answer
    marked = " ".join(passage.text[start:end].split())
    return any(snippet in marked for snippet in wanted)


@click.command(help=(__doc__ or "").split("\n")[0])
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--model", default="bundled", show_default=True)
def main(file: Path, data: Path, model: str) -> None:
    encoder = load_encoder(model, ModelSettings().cache)
    snapshot = load_snapshot(data, encoder.identity)
    search = Search(encoder, load_background(encoder, ModelSettings().cache))
    answerer = Answerer(search, lambda: snapshot, load_reader(encoder.identity))
    judged = right = 0
    for question in read_questions(file):
        outcome = answerer.answer(
            Question(question.text, limit=1, conversation=question.conversation)
        )
        shown = outcome.nearest if isinstance(outcome, Abstention) else outcome.passages
        for passage in shown:
            if wanted := snippets(question, passage):
                judged += 1
                right += is_right(passage, wanted)
                if not is_right(passage, wanted):
                    start, end = passage.answer
                    click.echo(f"{question.id}: {passage.text[start:end]}")
    click.echo(f"right {right} of {judged}")


if __name__ == "__main__":
    main()
