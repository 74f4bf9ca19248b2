from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa.errors import QuestionFileError
from qa.evaluation.qrels import JudgedQuestion, Relevant, read_questions


def write(folder: Path, *lines: str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_question_is_read_with_its_answers_and_turns(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        json.dumps({"id": 1, "lang": "fr", "question": " Quand ? ", "relevant": []}),
        "",
        json.dumps(
            {
                "id": "b",
                "lang": "en",
                "turns": ["Who signed it?", "And when was that?"],
                "relevant": [{"doc": "fr/a.txt", "contains": "le  23\njuillet"}, {"doc": "b"}],
            }
        ),
    )
    assert read_questions(path) == [
        JudgedQuestion("1", "fr", "Quand ?", (), ()),
        JudgedQuestion(
            "b",
            "en",
            "And when was that?",
            ("Who signed it?",),
            (Relevant("fr/a.txt", "le 23 juillet"), Relevant("b", None)),
        ),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[]",
        "{}",
        '{"id": "1", "lang": "fr", "question": "Quand ?"}',
        '{"id": "1", "lang": "fr", "question": "", "relevant": []}',
        '{"id": "1", "lang": "fr", "question": 7, "relevant": []}',
        '{"id": "1", "lang": "fr", "question": "Quand ?", "relevant": [{}]}',
        '{"id": "1", "lang": "fr", "turns": "Quand ?", "relevant": 3}',
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    good = '{"id": "1", "lang": "fr", "question": "Quand ?", "relevant": []}'
    with pytest.raises(QuestionFileError, match="line 2"):
        read_questions(write(tmp_path, good, line))


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="no questions"):
        read_questions(write(tmp_path, "", "  "))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="cannot be read"):
        read_questions(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "caf\xe9"}')
    with pytest.raises(QuestionFileError, match="UTF-8"):
        read_questions(tmp_path / "latin.jsonl")
