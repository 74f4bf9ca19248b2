from __future__ import annotations

from pathlib import Path

import pytest

from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.view.filters import DocumentFilter
from index.encoders.background_texts import fit
from index.snapshot import Snapshot
from index.snapshot_builder import load_snapshot
from index.writer import encode_waiting
from qa.config import AbstentionConfig, Coefficients
from qa.errors import RunFileError
from qa.evaluation.pools import ALONE, Pool
from qa.evaluation.qrels import JudgedQuestion, Relevant
from qa.evaluation.report import report, table
from qa.evaluation.run import evaluate
from qa.evaluation.run_files import read, write
from qa.evaluation.significance import compare, comparison_table
from qa.search.searcher import Search
from tests.encoders import WordEncoder

SEARCH = Search(WordEncoder(), fit(WordEncoder()))

TEXTS = {
    "fr/police.txt": "Les deux polices ont patrouillé ensemble le long de la frontière. 4711",
    "nl/police.txt": "De twee politiekorpsen hebben samen gepatrouilleerd langs de grens. 4711",
    "fr/water.txt": "L'eau potable a été rétablie dans trois communes frontalières. 815",
    "nl/water.txt": "Het drinkwater stroomt opnieuw in drie gemeenten langs de grens. 815",
}


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    for file, text in TEXTS.items():
        path = tmp_path / "documents" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with Catalogue(tmp_path / "data") as catalogue:
        list(ingest(catalogue, find_sources([tmp_path / "documents"]), "press"))
        encode_waiting(catalogue, WordEncoder())
    return load_snapshot(tmp_path / "data", WordEncoder().identity)


def question(text: str, language: str, *relevant: Relevant) -> JudgedQuestion:
    return JudgedQuestion(text, language, text, (), relevant)


POLICE = [Relevant("fr/police.txt", None), Relevant("nl/police.txt", None)]


def test_any_version_counts_and_each_is_also_judged_without_the_others(snapshot: Snapshot) -> None:
    asked = question("Les deux polices ont patrouillé ensemble", "fr", *POLICE)
    (judged,) = evaluate(snapshot, SEARCH, [asked])
    assert judged.whole is not None
    assert judged.whole.ranks[0] == 1
    assert judged.whole.relevant == 2
    same, cross = judged.lookup
    assert (same.question_language, same.document_language, same.ranks) == ("fr", "fr", (1,))
    assert cross.document_language == "nl"
    assert cross.ranks[0] == judged.whole.ranks[1] - 1
    assert judged.first_language == "fr"


def test_a_passage_must_hold_the_snippet(snapshot: Snapshot) -> None:
    right = question("polices", "fr", Relevant("fr/police.txt", "le long de la frontière"))
    wrong = question("polices", "fr", Relevant("fr/police.txt", "le long du fleuve"))
    found, missed = evaluate(snapshot, SEARCH, [right, wrong])
    assert found.whole is not None
    assert missed.whole is not None
    assert len(found.whole.ranks) == 1
    assert missed.whole.ranks == ()


def test_a_scattered_pool_keeps_each_document_in_one_language(snapshot: Snapshot) -> None:
    _, documents = snapshot.view.list_documents(DocumentFilter(), 0, -1)
    files = {document.id: document.file for document in documents}
    drawn = set()
    for seed in range(12):
        kept = sorted(files[id_] for id_ in Pool(seed).kept(documents))
        assert sorted(file.split("/")[1] for file in kept) == ["police.txt", "water.txt"]
        assert kept == sorted(files[id_] for id_ in Pool(seed).kept(reversed(documents)))
        drawn.add(tuple(kept))
    assert len(drawn) == 4


def test_questions_whose_answer_is_outside_the_pool_are_left_out(snapshot: Snapshot) -> None:
    only_french = [Relevant("fr/police.txt", None)]
    asked = [question("polices", "fr", *only_french), question("polices", "fr", *POLICE)]
    sizes = {len(evaluate(snapshot, SEARCH, asked, pools=[Pool(seed)])) for seed in range(8)}
    assert sizes == {1, 2}


def test_the_report_tells_same_from_cross_and_answered_from_not(snapshot: Snapshot) -> None:
    asked = [
        question("Les deux polices ont patrouillé ensemble", "fr", *POLICE),
        question("Het drinkwater stroomt opnieuw", "nl", Relevant("nl/water.txt", None)),
        question("Something else entirely", "en"),
    ]
    unusual = AbstentionConfig(ranked=Coefficients(bias=-6, nearness=20, lead=0))
    judged = evaluate(snapshot, SEARCH, asked, abstention=unusual)
    result = report(judged)
    assert result.questions == 3
    assert result.overall is not None
    assert result.overall.success_at_1 == 1
    assert result.same_language is not None
    assert result.cross_language is not None
    assert (result.same_language.cases, result.cross_language.cases) == (2, 1)
    assert sorted(result.by_pair) == ["fr-fr", "fr-nl", "nl-nl"]
    assert result.own_language_first == pytest.approx(2 / 3)
    assert result.unanswerable is not None
    assert result.unanswerable.abstention_rate == 1
    assert result.unanswerable.false_abstention_rate == 0
    assert result.unanswerable.auroc == 1
    text = table(result)
    assert "cross-language" in text
    assert "AUROC of the confidence: 1.000" in text


def test_unanswerable_questions_alone_are_reported_too(snapshot: Snapshot) -> None:
    result = report(evaluate(snapshot, SEARCH, [question("Nothing", "en")]))
    assert result.overall is None
    assert result.unanswerable is not None
    assert result.unanswerable.auroc is None
    assert "abstained" in table(result)


def test_progress_is_told_of_every_question(snapshot: Snapshot) -> None:
    seen: list[int] = []
    evaluate(snapshot, SEARCH, [question("a", "en")] * 70, progress=seen.append)
    assert sum(seen) == 70


def test_alone_each_question_is_asked_of_its_own_language_only(snapshot: Snapshot) -> None:
    asked = [
        question("Het drinkwater stroomt opnieuw 4711", "nl", *POLICE),
        question("polices", "fr", Relevant("nl/police.txt", None)),
    ]
    (judged,) = evaluate(snapshot, SEARCH, asked, pools=[ALONE])
    assert judged.first_language == "nl"
    assert judged.whole is not None
    assert (judged.whole.relevant, judged.whole.document) == (1, "nl/police.txt")
    assert not report([judged]).cross_language


def test_several_pools_are_judged_together(snapshot: Snapshot) -> None:
    asked = [question("Les deux polices ont patrouillé ensemble", "fr", *POLICE)]
    judged = evaluate(snapshot, SEARCH, asked, pools=[Pool(1), Pool(2), Pool(3)])
    assert [one.whole.pool for one in judged if one.whole] == [
        "scattered 1",
        "scattered 2",
        "scattered 3",
    ]
    assert report(judged).questions == 3


def test_a_run_is_read_as_it_was_written(snapshot: Snapshot, tmp_path: Path) -> None:
    asked = [question("polices", "fr", *POLICE), question("Nothing", "en")]
    judged = evaluate(snapshot, SEARCH, asked)
    write(tmp_path / "run.json", judged)
    assert read(tmp_path / "run.json") == judged


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99, "judged": []}'])
def test_what_is_no_run_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content, "utf-8")
    with pytest.raises(RunFileError, match="--save"):
        read(tmp_path / "run.json")


def test_a_run_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="Check its path"):
        read(tmp_path / "missing.json")
    with pytest.raises(RunFileError, match="Choose another"):
        write(tmp_path / "missing" / "run.json", [])


def test_a_comparison_pairs_the_cases_of_two_runs(snapshot: Snapshot) -> None:
    good = [
        question("polices 4711", "fr", *POLICE),
        question("water 815", "nl", Relevant("nl/water.txt", None)),
    ]
    wrong = [Relevant("fr/water.txt", None), Relevant("nl/water.txt", None)]
    before = evaluate(snapshot, SEARCH, [question("polices 4711", "fr", *wrong)])
    after = evaluate(snapshot, SEARCH, good)
    assert compare(after, after)["overall"]["success_at_1"].change == 0
    changes = compare(before, after)
    assert list(changes) == ["overall", "asked in fr"]
    found = changes["overall"]["success_at_1"]
    assert (found.cases, found.before, found.after) == (1, 0, 1)
    assert (found.better, found.worse, found.change) == (1, 0, 1)
    assert found.interval == (1, 1)
    assert "success@1" in comparison_table(changes)
    assert "+1.000" in comparison_table(changes)
