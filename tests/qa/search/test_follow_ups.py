"""A question that leaves out what it is about takes the one before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoders.background_texts import fit, load_background
from index.encoders.protocol import Encoder
from qa.evaluation.qrels import read_questions
from qa.search.follow_ups import FollowUps
from tests.encoders import WordEncoder
from training.written import HELD_OUT_FOLLOW_UPS, FollowUp, held_out, read_follow_ups

EARLIER = "Combien de patrouilles mixtes en France ?"
ROOT = Path(__file__).parents[3]
PAIRS = read_questions(ROOT / "benchmarks" / "questions" / "follow_ups.jsonl")
SAMPLE = read_questions(ROOT / "corpus" / "sample" / "questions.jsonl")

questions = st.text(min_size=1, max_size=60).filter(str.strip)


@pytest.fixture(scope="module")
def told(encoder: Encoder, cache: Path) -> FollowUps:
    return FollowUps(encoder, load_background(encoder, cache))


@pytest.mark.parametrize(
    ("earlier", "follow_up"),
    [
        (EARLIER, "Et en Belgique ?"),
        (EARLIER, "And when was that?"),
        ("How many people were arrested?", "And when does the trial start?"),
        ("Wie viele Drohnen überwachen den Wald?", "Wann haben sie ihn zuletzt überflogen?"),
        ("Wéini ass d'Bréck tëscht Athus a Rodange zou?", "A wéi dacks ass dat scho virkomm?"),
        ("¿Cuántas patrullas hay en Francia?", "¿Y cuánto cuesta todo eso al año?"),
        ("法国有多少支联合巡逻队？", "那比利时呢？"),
    ],
)
def test_a_follow_up_takes_the_question_before(
    told: FollowUps, earlier: str, follow_up: str
) -> None:
    assert told.standalone(follow_up, [earlier]) == f"{earlier} {follow_up}"


@pytest.mark.parametrize(
    "question",
    [
        "Wanneer werd het Benelux-politieverdrag ondertekend?",
        "Where can I see who paid for the firefighters' camp in July?",
        "And how many lorries were overloaded on the E34?",
        "比利时和卢森堡之间的边境公交车票在哪里可以买到？",
    ],
)
def test_a_question_that_says_what_it_is_about_is_taken_as_it_stands(
    told: FollowUps, question: str
) -> None:
    assert told.standalone(question, [EARLIER]) == question


def test_the_first_question_is_taken_as_it_stands(told: FollowUps) -> None:
    assert told.standalone("Quand ?", []) == "Quand ?"


def test_a_follow_up_to_a_follow_up_goes_back_to_the_subject(told: FollowUps) -> None:
    conversation = ["Wer wurde 1998 Fußballweltmeister?", EARLIER, "Et en Belgique ?"]
    assert told.standalone("Et quand ?", conversation) == f"{EARLIER} Et en Belgique ? Et quand ?"


def leaning(told: FollowUps, some: list[FollowUp]) -> float:
    """Return the share of conversations whose last turn is told to lean on the one before."""
    found = [told.standalone(one.turns[-1], one.turns[:-1]) != one.turns[-1] for one in some]
    return sum(found) / len(found)


def test_most_written_follow_ups_are_told_that_nothing_was_trained_on(told: FollowUps) -> None:
    about_notes = read_follow_ups(HELD_OUT_FOLLOW_UPS)
    others = [one for one in read_follow_ups() if held_out(one.id)]
    assert leaning(told, about_notes) > 0.75
    assert leaning(told, [one for one in others if one.leans]) > 0.85
    assert leaning(told, [one for one in others if not one.leans]) < 0.3


def test_few_questions_that_stand_alone_are_taken_for_follow_ups(told: FollowUps) -> None:
    taken = [told.standalone(asked.text, [EARLIER]) != asked.text for asked in SAMPLE]
    assert sum(taken) <= 0.1 * len(taken)
    names = {
        each.id for each in PAIRS if told.standalone(each.text, each.conversation) != each.text
    }
    assert sum(name.startswith("follow") for name in names) >= 23


@given(questions, st.lists(questions, max_size=4))
def test_what_is_searched_for_ends_with_the_question(question: str, before: list[str]) -> None:
    encoder = WordEncoder()
    meaning = FollowUps(encoder, fit(encoder)).standalone(question, before)
    assert meaning.endswith(question)
    assert " ".join([*before, question]).endswith(meaning)


def test_with_another_model_the_length_tells() -> None:
    encoder = WordEncoder()
    told = FollowUps(encoder, fit(encoder))
    assert told.standalone("En België?", [EARLIER]) == f"{EARLIER} En België?"
    long = "Wanneer wordt de brug over de Chiers gesloten?"
    assert told.standalone(long, [EARLIER]) == long
