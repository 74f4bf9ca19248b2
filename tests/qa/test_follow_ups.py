from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.qrels import JudgedQuestion, read_questions
from qa.follow_ups import standalone

EARLIER = "Combien de patrouilles mixtes en France ?"
ROOT = Path(__file__).parents[2]
PAIRS = read_questions(ROOT / "benchmarks" / "questions" / "follow_ups.jsonl")
SAMPLE = read_questions(ROOT / "corpus" / "sample" / "questions.jsonl")

questions = st.text(min_size=1, max_size=60).filter(str.strip)


@pytest.mark.parametrize(
    ("earlier", "follow_up"),
    [
        (EARLIER, "Et en Belgique ?"),
        (EARLIER, "And when was that?"),
        (EARLIER, "Wien?"),
        (EARLIER, "C’est combien par patrouille et par an ?"),
        ("How many people were arrested?", "And when does the trial start?"),
        ("Hoe ver mag de politie een verdachte achtervolgen?", "Mogen ze dan ook een huis binnen?"),
        ("Wie viele Drohnen überwachen den Wald?", "Wann haben sie ihn zuletzt überflogen?"),
        ("Wéini ass d'Bréck tëscht Athus a Rodange zou?", "A wéi dacks ass dat scho virkomm?"),
        ("¿Cuántas patrullas hay en Francia?", "¿Y cuánto cuesta todo eso al año?"),
        ("法国有多少支联合巡逻队？", "那比利时呢？"),
    ],
)
def test_a_follow_up_takes_the_question_before(earlier: str, follow_up: str) -> None:
    assert standalone(follow_up, [earlier]) == f"{earlier} {follow_up}"


@pytest.mark.parametrize(
    "question",
    [
        "Wanneer werd het Benelux-politieverdrag ondertekend?",
        "Wer bekommt Jodtabletten?",
        "Who pays for the young firefighters' camp?",
        "Sind Sie zur Nutzung der App verpflichtet?",
        "L'application est-elle obligatoire ?",
        "And how many lorries were overloaded on the E34?",
        "比利时和卢森堡之间的边境公交车票在哪里可以买到？",
    ],
)
def test_a_question_that_says_what_it_is_about_is_taken_as_it_stands(question: str) -> None:
    assert standalone(question, [EARLIER]) == question


def test_the_first_question_is_taken_as_it_stands() -> None:
    assert standalone("Quand ?", []) == "Quand ?"


def test_a_follow_up_to_a_follow_up_goes_back_to_the_subject() -> None:
    conversation = ["Wer wurde 1998 Fußballweltmeister?", EARLIER, "En Belgique ?"]
    assert standalone("Et quand ?", conversation) == f"{EARLIER} En Belgique ? Et quand ?"


def test_most_follow_ups_and_few_other_questions_are_told() -> None:
    told = {pair.id for pair in PAIRS if standalone(pair.text, pair.conversation) != pair.text}
    assert sum(name.startswith("follow") for name in told) >= 19
    assert sum(name.startswith("change") for name in told) <= 1


@pytest.mark.parametrize("question", SAMPLE, ids=lambda question: question.id)
def test_no_sample_question_leans_on_another(question: JudgedQuestion) -> None:
    assert standalone(question.text, [EARLIER]) == question.text


@given(questions, st.lists(questions, max_size=4))
def test_what_is_searched_for_ends_with_the_question(question: str, before: list[str]) -> None:
    meaning = standalone(question, before)
    assert meaning.endswith(question)
    assert " ".join([*before, question]).endswith(meaning)
