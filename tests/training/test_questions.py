"""The questions that are trained on come with the document that answers them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training import questions
from training.batches import read
from training.recipe import AnswerRecipe
from training.tasks import WHOLE, Asked, Document
from training.types import Paragraph
from training.written import HELD_OUT_NOTES, ParagraphQuestions, read_notes


def parallel(path: Path, *ids: str) -> Path:
    lines = (
        Paragraph("manual", id_, {"en": f"How to {id_}.", "fr": f"Comment {id_}."})._asdict()
        for id_ in ids
    )
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return path


def written(*ids: str) -> list[ParagraphQuestions]:
    return [
        ParagraphQuestions.model_validate(
            {
                "source": "manual",
                "paragraph": id_,
                "questions": [{"lang": "de", "q": f"Wie {id_}?", "style": "plain", "answer": 0}],
            }
        )
        for id_ in ids
    ]


def test_a_question_on_a_note_knows_the_sentence_that_answers_it() -> None:
    notes = read_notes()
    asked = list(questions.on_notes(notes))
    assert len(asked) == sum(len(note.questions) for note in notes)
    for each in asked:
        paragraph, sentence = each.answer
        assert all(text[paragraph][sentence] for text in each.document.paragraphs.values())


def test_the_notes_of_the_benchmark_are_not_trained_on() -> None:
    kept = read_notes(HELD_OUT_NOTES)
    trained = {each.document.id for each in questions.on_notes()}
    assert not trained & {note.id for note in kept}
    assert len(kept) / (len(kept) + len(trained)) == pytest.approx(0.1, abs=0.01)


def test_a_question_on_a_paragraph_finds_it_among_its_neighbours(tmp_path: Path) -> None:
    file = parallel(tmp_path / "manual.jsonl", "page#open", "page#save", "other#print")
    (asked,) = questions.on_paragraphs(read([file]), written("page#save"))
    assert asked.answer == (1, WHOLE)
    assert asked.document.paragraphs["fr"] == [["Comment page#open."], ["Comment page#save."]]


def test_a_paragraph_that_the_text_no_longer_has_is_left_out_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = parallel(tmp_path / "manual.jsonl", "page#1")
    (asked,) = questions.on_paragraphs(read([file]), written("page#1", "gone#1"))
    assert asked.text == "Wie page#1?"
    assert "1 paragraphs" in caplog.text


def test_a_heading_asks_for_the_paragraph_under_it(tmp_path: Path) -> None:
    file = tmp_path / "manual.jsonl"
    texts = {"en": "Press the key twice.", "fr": "Appuyez deux fois."}
    under = Paragraph("manual", "page#a", texts, {"en": "To lock", "fr": "Verrouiller"})
    plain = Paragraph("manual", "page#b", {"en": "Nothing above.", "fr": "Rien."})
    file.write_text("\n".join(json.dumps(each._asdict()) for each in (under, plain)), "utf-8")
    (asked,) = questions.headings(read([file]), seed=1)
    assert asked.text in ("To lock", "Verrouiller")
    assert asked.answer == (0, WHOLE)


def test_of_questions_on_paragraphs_a_share_is_chosen(tmp_path: Path) -> None:
    file = parallel(tmp_path / "manual.jsonl", "page#open")
    recipe = AnswerRecipe(paragraphs=0, named=1)
    asked = questions.chosen(read([file]), recipe)
    assert asked == list(questions.on_notes())
    assert asked == questions.chosen(read([file]), recipe)


def test_a_question_is_named_that_shares_a_capitalised_word_with_its_document() -> None:
    note = Document("n", {}, {"nl": [["Brugge opent om negen uur."]], "de": [["Öffnet um neun."]]})
    for text, named in (("When does Brugge open?", True), ("When does it open?", False)):
        assert questions.is_named(Asked(text, "en", note, (0, 0))) is named
