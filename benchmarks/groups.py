"""Whether what is shown as translations of one passage is that.

    python -m benchmarks.groups --sets FOLDER...

Every fifth question of a set is asked of the whole pool, every version of its documents. Of the
pairs of passages that come together in the first hits, those are wrong that are of documents
which are not versions of one another; of the passages there that have a true translation there,
those are found that have one in their group. A document's versions differ in their folder only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import click

from benchmarks.quality import Remembering, ensure_index, read_set
from index.encoders.background_texts import load_neutral
from index.encoders.loading import load_encoder
from index.encoders.variants import DEFAULT_MODEL
from index.settings import ModelSettings
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from qa.answering import understand
from qa.config import TranslationConfig
from qa.search.searcher import Search
from qa.search.translation_groups import as_one_hit
from qa.types import Question, RankedPassage

EVERY = 5
"""Of so many questions one is asked."""
HITS = 50


class Counts(NamedTuple):
    """What came together in the hits of one question."""

    pairs: int
    wrong: int
    with_translation: int
    found: int


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--sets", "folders", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--cache", type=click.Path(path_type=Path), default=Path(".cache/quality"))
def main(folders: tuple[Path, ...], cache: Path) -> None:
    """Print a line for each set."""
    encoder = load_encoder(DEFAULT_MODEL, ModelSettings().cache)
    neutral = load_neutral(encoder, ModelSettings().cache)
    for folder in folders:
        one = read_set(folder)
        data = ensure_index(one, encoder, cache)
        search = Search(Remembering(encoder, data / "questions.npz"), neutral)
        snapshot = load_snapshot(data, encoder.identity)
        texts = [question.text for question in one.questions[::EVERY]]
        counts = list(counted(snapshot, search, texts))
        pairs, wrong, with_translation, found = map(sum, zip(*counts, strict=True))
        snapshot.view.close()
        click.echo(
            f"{one.name}: {len(texts)} questions, {wrong} of {pairs:,} grouped pairs wrong "
            f"({wrong / max(1, pairs):.2%}), {found / max(1, with_translation):.1%} of "
            f"{with_translation:,} passages with a translation among the hits grouped with one"
        )


def counted(snapshot: Snapshot, search: Search, texts: Sequence[str]) -> Iterator[Counts]:
    """Ask each question and count what comes together."""
    for text in texts:
        question = Question(text, limit=HITS)
        asked = understand(question)
        (vector,) = search.vectors([asked])
        scale = search.scale(snapshot, vector)
        best = search.best(snapshot, question, asked, vector, scale)[:HITS]
        yield _counts(snapshot, as_one_hit(snapshot, best, asked.language, TranslationConfig()))


def _counts(snapshot: Snapshot, hits: Sequence[RankedPassage]) -> Counts:
    groups = [(hit, *hit.also_in) for hit in hits]
    passages = [passage for group in groups for passage in group]
    files = snapshot.view.summaries(list({passage.document_key for passage in passages}))

    def version_of(passage: RankedPassage) -> str:
        return "/".join(PurePosixPath(files[passage.document_key].file).parts[1:])

    pairs = [pair for group in groups for pair in combinations(group, 2)]
    wrong = [pair for pair in pairs if version_of(pair[0]) != version_of(pair[1])]
    languages: dict[str, set[str]] = {}
    for passage in passages:
        languages.setdefault(version_of(passage), set()).add(passage.language)
    translated = [
        any(version_of(other) == version_of(one) for other in group if other is not one)
        for group in groups
        for one in group
        if len(languages[version_of(one)]) > 1
    ]
    return Counts(len(pairs), len(wrong), len(translated), sum(translated))


if __name__ == "__main__":
    main()
