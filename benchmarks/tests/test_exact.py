from __future__ import annotations

from pathlib import Path

from qa.evaluation.qrels import read_questions

EXACT = Path(__file__).parents[2] / "benchmarks" / "exact"


def test_the_exact_questions_point_at_the_words_that_answer() -> None:
    texts = {
        path.relative_to(EXACT / "documents").as_posix(): " ".join(path.read_text("utf-8").split())
        for path in (EXACT / "documents").rglob("*.*")
    }
    questions = read_questions(EXACT / "questions.jsonl")
    assert len(questions) == 50
    assert sum(question.id.startswith("decoy") for question in questions) == 10
    for question in questions:
        (relevant,) = question.relevant
        assert relevant.contains
        assert relevant.contains in texts[relevant.file]
