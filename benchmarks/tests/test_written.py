"""The set ``written`` is what was never trained on, in the form that evaluation reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.written import main
from qa.evaluation.qrels import JudgedQuestion, read_questions
from training.written import HELD_OUT_NOTES, read_notes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sets")
    done = CliRunner().invoke(main, ["--out", str(out)])
    assert done.exit_code == 0, done.output
    return out / "written"


def stands(question: JudgedQuestion, folder: Path) -> bool:
    """Tell whether each relevant sentence stands in its document."""
    return all(
        one.contains and one.contains in " ".join((folder / "docs" / one.file).read_text().split())
        for one in question.relevant
    )


def test_every_answer_stands_in_its_document(folder: Path) -> None:
    questions = read_questions(folder / "questions.jsonl")
    answerable = [question for question in questions if question.relevant]
    notes = read_notes(HELD_OUT_NOTES)
    assert len(answerable) == sum(len(note.questions) for note in notes)
    assert all(len(question.relevant) == 3 for question in answerable)
    assert all(stands(question, folder) for question in answerable)


def test_near_misses_are_asked_and_nothing_answers_them(folder: Path) -> None:
    questions = read_questions(folder / "questions.jsonl")
    misses = [question for question in questions if "-near-" in question.id]
    assert len(misses) == sum(len(note.near_misses) for note in read_notes(HELD_OUT_NOTES))
    assert not any(question.relevant for question in misses)


def test_a_conversation_ends_with_what_is_asked(folder: Path) -> None:
    follow_ups = read_questions(folder / "follow_ups.jsonl")
    assert len(follow_ups) >= 100
    assert all(question.conversation for question in follow_ups)
    assert all(stands(question, folder) for question in follow_ups)


def test_a_note_is_a_document_with_its_title_first(folder: Path) -> None:
    note = read_notes(HELD_OUT_NOTES)[0]
    for language, title in note.titles.items():
        text = (folder / "docs" / language / f"{note.id}.txt").read_text("utf-8")
        assert text.startswith(f"{title}\n\n{note.texts[language][0][0]}")
        assert text.count("\n\n") == len(note.texts[language]) + 1


def test_the_notes_for_training_are_sets_of_as_many_notes(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--out", str(tmp_path), "--training"])
    assert done.exit_code == 0, done.output
    sets = sorted(path.name for path in tmp_path.iterdir())
    assert sets == [*(f"notes-{number}" for number in range(1, 10)), "written"]
    kept = {path.stem for path in (tmp_path / "written" / "docs").rglob("*.txt")}
    for name in sets[:-1]:
        notes = {path.stem for path in (tmp_path / name / "docs").rglob("*.txt")}
        assert len(notes) == len(kept)
        assert not notes & kept
