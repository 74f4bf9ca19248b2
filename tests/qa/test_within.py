"""What lies outside of some collections is not felt inside: not in ranks, scores or counts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import corpus.store.view
import index.lexical
from corpus.ingest import find_sources, ingest
from corpus.store.backup import backup
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.types import document_id
from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.faiss_snapshot import FaissSnapshot
from index.lexical import passages_with
from index.snapshot import Scope
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.answering import Answerer
from qa.search.searcher import Search
from qa.types import Abstention, Answer, Question, Translations
from tests.conftest import SAMPLE

SECRET = {
    "patrol.txt": "Mixed patrols\n\nThe mixed patrols on the Moselle caught 47 men in 2019.\n",
    "brecht.txt": "Patrouilles secrètes\n\nLa patrouille du 12 mars 2021 a duré 47 heures.\n",
    "akte.txt": "Akte 47/2019\n\nDie Akte 47/2019 nennt die Namen der Schmuggler an der Mosel.\n",
}
INSIDE = frozenset({"sample"})
QUESTIONS = [
    "Wie viele Räder wurden gestohlen?",
    "Who wrote the Aeneid?",
    "Combien de camions en surcharge sur la E34 ?",
    "Wat gebeurde er op 12 maart 2021?",
    "Wéini kënnen d'Elteren de Camp vun de jonke Pompjeeë besichen?",
    "What does file 47/2019 say?",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> FaissSnapshot:
    """A part of the sample, and confidential documents beside it."""
    files, data = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("whole")
    for name, text in SECRET.items():
        (files / name).write_text(text, "utf-8")
    with Catalogue(data) as catalogue:
        assert list(ingest(catalogue, find_sources([files]), "secret"))
        assert list(ingest(catalogue, find_sources([SAMPLE])[::5], "sample"))
        encode_waiting(catalogue, encoder)
    return load_snapshot(data, encoder.identity)


@pytest.fixture(scope="module")
def alone(
    tmp_path_factory: pytest.TempPathFactory, whole: FaissSnapshot, encoder: Encoder
) -> FaissSnapshot:
    """The same without the confidential ones."""
    data = tmp_path_factory.mktemp("alone") / "data"
    backup(whole.view.folder, data)
    with Catalogue(data) as catalogue:
        for name in SECRET:
            assert catalogue.remove(document_id("secret", name))
    return load_snapshot(data, encoder.identity)


def counted(view: View) -> list[object]:
    """Everything that a view tells without being given an id."""
    return [
        view.waiting(),
        view.languages(),
        view.collections(),
        [view.count_documents(by) for by in ("language", "collection", "year")],
        view.list_documents(DocumentFilter(), 0, 200),
        view.list_documents(DocumentFilter(text="mosel"), 0, 200),
        view.list_documents(DocumentFilter(collections=frozenset({"secret"})), 0, 200),
        [len(passages_with(view, [words], 100)) for words in ("47", "12 mars", "47 2019", "de")],
        sorted(facts.id for facts in view.documents_by_key().values()),
    ]


def test_a_view_counts_and_lists_what_is_inside_only(
    whole: FaissSnapshot, alone: FaissSnapshot
) -> None:
    assert counted(whole.view) != counted(alone.view)
    assert counted(whole.view.within(INSIDE)) == counted(alone.view)


def test_a_view_knows_no_document_outside(whole: FaissSnapshot) -> None:
    inside = whole.view.within(INSIDE)
    for key, facts in whole.documents.items():
        known = facts.collection == "sample"
        assert (inside.document(facts.id) is not None) == known
        assert (inside.summary(facts.id) is not None) == known
        assert inside.has_original(facts.id) == known
        original = inside.original(facts.id)
        assert (original is not None) == known
        if original is not None:
            original.close()
        assert bool(inside.passages_of(facts.id)) == known
        assert (key in inside.summaries([key])) == known
    assert whole.view.within(INSIDE) is inside


def test_names_of_collections_are_no_sql(whole: FaissSnapshot) -> None:
    for name in ("') OR 1=1 --", "sample' OR 'a'='a", "{documents}", "%", "samp*"):
        assert counted(whole.view.within(frozenset({name})))[1] == []
    both = whole.view.within(frozenset({"sample", "secret"}))
    assert counted(both) == counted(whole.view)


def test_no_query_of_a_view_reads_documents_past_the_scope() -> None:
    modules = ("__init__", "listings", "passages", "read_transaction", "vectors")
    files = [*(Path(corpus.store.view.__path__[0]) / f"{name}.py" for name in modules)]
    source = "\n".join(file.read_text("utf-8") for file in [*files, Path(index.lexical.__file__)])
    assert re.findall(r"(?:FROM|JOIN) (?:main\.)?documents\b[^\n]*", source) == []
    assert source.count('"documents"') == 1


@pytest.mark.parametrize("translations", ["grouped", "separate"])
def test_answers_are_those_of_a_server_without_the_rest(
    whole: FaissSnapshot,
    alone: FaissSnapshot,
    encoder: Encoder,
    cache: Path,
    translations: Translations,
) -> None:
    search = Search(encoder, load_background(encoder, cache))
    inside, without = (
        Answerer(search, lambda snapshot=snapshot: snapshot)  # type: ignore[misc]
        for snapshot in (whole, alone)
    )
    for text in QUESTIONS:
        question = replace(Question(text, limit=50), translations=translations)
        answer, expected = inside.answer(question, INSIDE), without.answer(question)
        assert shown(answer) == shown(expected), text
    everything = inside.answer(Question("What does file 47/2019 say?"))
    assert "secret" in {each[1] for each in shown(everything)}


def test_a_scope_that_asks_for_more_gets_no_more(
    whole: FaissSnapshot, encoder: Encoder, cache: Path
) -> None:
    answerer = Answerer(Search(encoder, load_background(encoder, cache)), lambda: whole)
    ids = frozenset({document_id("secret", "akte.txt")})
    for scope in (Scope(collections=frozenset({"secret"})), Scope(documents=ids)):
        question = Question("What does file 47/2019 say?", scope=scope)
        assert shown(answerer.answer(question))
        assert not shown(answerer.answer(question, INSIDE))


def shown(outcome: Answer | Abstention) -> list[tuple[object, ...]]:
    """Everything in an outcome but its timings."""
    cited = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    return [
        (
            round(outcome.confidence, 9),
            passage.citation.document.collection,
            passage.citation.document.file,
            passage.citation.span,
            passage.answer,
            round(passage.score, 4),
            [(each.language, each.citation.document.file) for each in passage.also_in],
        )
        for passage in cited
    ]
