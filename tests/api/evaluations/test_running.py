from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from api.answering import Answering
from api.evaluations import running
from api.evaluations.running import Ending, Evaluator, Progress
from api.service import Service
from corpus.store import erasure
from tests.encoders import WordEncoder

QUESTIONS = [
    {
        "id": "1",
        "lang": "nl",
        "question": "Hoeveel fietsen werden teruggegeven?",
        "relevant": [{"doc": "fietsen.txt", "contains": "3.412 fietsen"}],
    },
    {
        "id": "2",
        "lang": "fr",
        "question": "Quand le traité de coopération policière a-t-il été signé ?",
        "relevant": [{"doc": "traite.txt"}],
    },
    {"id": "3", "lang": "en", "question": "Who won the world cup in 1998?", "relevant": []},
    {"id": "4", "lang": "en", "question": "What?", "relevant": [{"doc": "not-here.txt"}]},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, QUESTIONS)), "utf-8")
    return file


@pytest.fixture
def evaluator(service: Service, tmp_path: Path, file: Path) -> Evaluator:
    return evaluating(service, tmp_path, file)


def evaluating(service: Service, folder: Path, file: Path | None) -> Evaluator:
    answering = Answering(
        service.encoder, service.live, service.search, service.reader, service.answerer
    )
    return Evaluator(folder, file, answering)


def test_a_question_file_is_asked_and_its_figures_kept(
    service: Service, evaluator: Evaluator
) -> None:
    evaluator.begin()
    evaluator.join()
    assert (evaluator.progress, evaluator.ending) == (None, None)
    (found,) = evaluator.kept()
    assert found.model == str(service.encoder.identity)
    assert found.generation == service.live.newest().generation
    assert (found.questions, found.skipped) == (3, 1)
    assert found.first
    assert found.first[0] == 1
    assert found.among_five
    assert (found.refused, found.wrongly_refused) == (1, 0)


def test_one_runs_at_a_time_says_how_far_it_is_and_ends_with_the_server(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PAUSE", 1e9)  # so that it does not end by itself
    evaluator.begin()
    thread = evaluator._thread
    evaluator.begin()
    assert evaluator._thread is thread
    assert evaluator.progress in (Progress(0, 4), Progress(1, 4))
    evaluator.close()
    assert evaluator.ending is Ending.STOPPED
    assert evaluator.kept() == []
    evaluator.begin()
    assert evaluator.progress is None


def test_a_model_that_takes_over_is_the_one_that_is_evaluated(
    service: Service, evaluator: Evaluator
) -> None:
    other = WordEncoder()
    evaluator.use(Answering(other, service.live, service.search, None, service.answerer))
    evaluator.begin()
    evaluator.join()
    assert [each.model for each in evaluator.kept()] == [str(other.identity)]


def test_it_rests_twice_as_long_as_a_question_took(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(evaluator._stop, "wait", rests.append)
    began = time.monotonic()
    evaluator.begin()
    evaluator.join()
    assert len(rests) == len(QUESTIONS)
    assert 0 < sum(rests) <= running.PAUSE * (time.monotonic() - began)


def test_it_gives_way_to_an_erasure(evaluator: Evaluator, tmp_path: Path) -> None:
    with erasure.under_way(tmp_path):
        evaluator.begin()
        evaluator.join()
    assert (evaluator.ending, evaluator.kept()) == (Ending.GAVE_WAY, [])
    evaluator.begin()
    evaluator.join()
    assert evaluator.ending is None


@pytest.mark.parametrize(
    ("bound", "ending"),
    [
        ("MAX_QUESTIONS", Ending.TOO_MANY),
        ("MAX_DOCUMENTS", Ending.TOO_MANY),
        ("MAX_SECONDS", Ending.TOO_SLOW),
    ],
)
def test_it_is_bounded(
    evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch, bound: str, ending: Ending
) -> None:
    monkeypatch.setattr(running, bound, 0)
    evaluator.begin()
    evaluator.join()
    assert (evaluator.progress, evaluator.ending, evaluator.kept()) == (None, ending, [])


@pytest.mark.parametrize("content", ["", "no question", '{"id": 1}'])
def test_a_file_that_is_none_is_said(
    evaluator: Evaluator, file: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(content)
    evaluator.begin()
    assert (evaluator.progress, evaluator.ending) == (None, Ending.FAILED)
    assert str(file) in caplog.text


def test_figures_that_cannot_be_kept_are_said(
    service: Service, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    evaluator = evaluating(service, tmp_path / "gone", file)
    evaluator.begin()
    evaluator.join()
    assert evaluator.ending is Ending.FAILED
    assert "data folder" in caplog.text
    assert "Traceback" not in caplog.text


def test_without_a_file_nothing_begins(service: Service, tmp_path: Path) -> None:
    evaluator = evaluating(service, tmp_path, None)
    evaluator.begin()
    assert (evaluator.is_possible, evaluator.progress, evaluator.kept()) == (False, None, [])
