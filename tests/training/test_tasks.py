"""A task is questions, what answers them, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.tasks import WHOLE, Asked, Document, Task, TaskShape, draw

NOTE = Document(
    "note",
    {"fr": "Chiens", "nl": "Honden"},
    {
        "fr": [["En laisse.", "Amende : 40 euros."], ["Le maire décide."], ["Signé à Arlon."]],
        "nl": [["Aan de lijn.", "Boete: 40 euro."], ["De burgemeester beslist."], ["Aarlen."]],
    },
)
PAGE = Document("page", {}, {"en": [["Save it."], []], "de": [["Speichern."], ["Drucken."]]})
ASKED = [
    Asked("Was kostet es?", "de", NOTE, (0, 1)),
    Asked("Wie beslist?", "nl", NOTE, (1, 0)),
    Asked("How do I keep it?", "en", PAGE, (0, WHOLE)),
    Asked("Comment imprimer ?", "fr", PAGE, (1, WHOLE)),
]


def drawn(shape: TaskShape, *, seed: int = 1, steps: int = 20) -> list[Task]:
    return list(draw(ASKED, shape, steps=steps, seed=seed))


@given(
    seed=st.integers(0, 1000),
    joined=st.floats(0, 1),
    sentences=st.floats(0, 1),
    own=st.floats(0, 1),
    hard=st.integers(0, 2),
)
def test_a_questions_own_passage_answers_it_and_the_hard_ones_do_not(
    seed: int, joined: float, sentences: float, own: float, hard: int
) -> None:
    shape = TaskShape(questions=3, joined=joined, sentences=sentences, own_language=own, hard=hard)
    for task in drawn(shape, seed=seed, steps=3):
        ends = [*task.right[1:], len(task.passages)]
        for asked, right, end in zip(task.asked, task.right, ends, strict=True):
            own_passage, *others = task.passages[right:end]
            assert own_passage.answers(asked)
            assert len(others) <= hard
            assert not any(other.answers(asked) for other in others)
            assert all(other.document == asked.document.id for other in others)


@given(seed=st.integers(0, 1000))
def test_a_passage_holds_no_text_but_its_languages(seed: int) -> None:
    for task in drawn(TaskShape(questions=4), seed=seed, steps=2):
        for passage in task.passages:
            document = NOTE if passage.document == "note" else PAGE
            known = {s for part in document.paragraphs[passage.language] for s in part}
            known.add(document.titles.get(passage.language, ""))
            assert passage.text
            assert all(
                any(line.startswith(text) for text in known) for line in passage.text.split("\n")
            )


def test_the_same_seed_draws_the_same() -> None:
    assert drawn(TaskShape(questions=2)) == drawn(TaskShape(questions=2))
    assert drawn(TaskShape(questions=2)) != drawn(TaskShape(questions=2), seed=2)


def test_every_question_is_asked_once_before_any_is_asked_twice() -> None:
    first, second = drawn(TaskShape(questions=2), steps=2)
    assert {each.text for each in (*first.asked, *second.asked)} == {each.text for each in ASKED}


@pytest.mark.parametrize(("share", "wanted"), [(1.0, {"nl"}), (0.0, {"fr"})])
def test_the_share_in_the_questions_language_is_as_set(share: float, wanted: set[str]) -> None:
    shape = replace(TaskShape(questions=4), own_language=share)
    found = {
        task.passages[right].language
        for task in drawn(shape)
        for asked, right in zip(task.asked, task.right, strict=True)
        if asked.language == "nl"
    }
    assert found == wanted


def test_a_sentence_alone_is_right_for_its_own_question_only() -> None:
    shape = TaskShape(questions=4, sentences=1, hard=0)
    task = next(iter(drawn(shape)))
    fine, mayor = (
        task.passages[task.right[[each.text for each in task.asked].index(text)]]
        for text in ("Was kostet es?", "Wie beslist?")
    )
    assert fine.text in ("Amende : 40 euros.", "Boete: 40 euro.")
    assert not fine.answers(ASKED[1])
    assert not mayor.answers(ASKED[0])


def test_headings_come_in_one_language_and_are_answered_in_it() -> None:
    headings = [
        Asked("Hunde", "de", PAGE, (0, WHOLE)),
        Asked("Drucken", "de", PAGE, (1, WHOLE)),
        Asked("Saving", "en", PAGE, (0, WHOLE)),
    ]
    shape = TaskShape(questions=2, headings=2)
    for task in draw(ASKED, shape, steps=20, seed=1, headings=headings):
        added = task.asked[shape.questions :]
        assert 1 <= len(added) <= shape.headings
        (language,) = {heading.language for heading in added}
        for right in task.right[shape.questions :]:
            assert task.passages[right].language == language


def test_without_headings_a_task_is_its_questions() -> None:
    assert all(len(task.asked) == 2 for task in drawn(TaskShape(questions=2)))
