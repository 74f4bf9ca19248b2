"""What each step of a question costs but the encoder, beside a plain search over the same vectors.

    python -m benchmarks.steps --passages 10000

The sample corpus is filled up with made-up passages whose vectors are drawn by chance. Printed
is the median of each step over the sample's questions, in milliseconds, and the same of one flat
index over all vectors, which is what any other tool does with them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click
import faiss
import numpy as np

from benchmarks.page import SAMPLE, fill
from index.encoders.background_texts import load_background
from index.encoders.loading import load_encoder
from index.faiss_snapshot import FaissSnapshot
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot
from qa.answer.citations import cite
from qa.answering import understand
from qa.config import AbstentionConfig, SentenceConfig, TranslationConfig
from qa.reading.assessment import assess
from qa.reading.reader import Reader, load_reader
from qa.search.searcher import Search
from qa.search.translation_groups import group_translations
from qa.types import Question

Times = defaultdict[str, list[float]]


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--passages", default=10_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(passages: int, rounds: int) -> None:
    """Print the medians, the first round left out."""
    lines = (SAMPLE / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [Question(json.loads(line)["question"]) for line in lines]
    encoder = load_encoder(ModelSettings().model, ModelSettings().cache)
    search = Search(encoder, load_background(encoder, ModelSettings().cache))
    reader = load_reader(encoder.identity)
    with TemporaryDirectory() as folder:
        fill(Path(folder), passages)
        snapshot = load_snapshot(Path(folder), encoder.identity)
        flat = one_index(snapshot)
        times: Times = Times(list)
        for number in range(rounds + 1):
            if number == 1:
                times.clear()
            for question in questions:
                measured(search, reader, snapshot, flat, question, times)
        snapshot.view.close()
    for step, taken in times.items():
        click.echo(f"{step}: {median(taken) * 1000:.2f} ms")


def one_index(snapshot: FaissSnapshot) -> faiss.IndexFlatIP:
    """Return a flat index over the passages of all languages."""
    vectors = np.concatenate([each.rows.vectors for each in snapshot.partitions.values()])
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    return flat


def measured(
    search: Search,
    reader: Reader | None,
    snapshot: FaissSnapshot,
    flat: faiss.IndexFlatIP,
    question: Question,
    times: Times,
) -> None:
    """Take a question along its path, and add how long each step took."""
    asked = understand(question, search.follow_ups)
    ((vector, states),) = search.encode([asked])
    faiss.omp_set_num_threads(1)  # as ours
    marks = [("", perf_counter())]
    flat.search(vector[None], 10)
    marks.append(("plain search", perf_counter()))
    signals = search.signals(snapshot, asked, vector)
    marks.append(("lexical evidence and scale", perf_counter()))
    hits = search.candidates(snapshot, question, signals)
    marks.append(("candidates of every language", perf_counter()))
    ranked = search.rank(hits, question, asked, signals)
    marks.append(("ranking", perf_counter()))
    grouped = group_translations(snapshot, ranked, asked.language, TranslationConfig())
    marks.append(("translations", perf_counter()))
    reading = assess(reader, snapshot.view, states, grouped, signals.scale, AbstentionConfig())
    marks.append(("reading", perf_counter()))
    cite(snapshot.view, reading.ranked[: question.limit], SentenceConfig())
    marks.append(("texts and sources", perf_counter()))
    for (_, before), (step, after) in pairwise(marks):
        times[step].append(after - before)


if __name__ == "__main__":
    main()
