"""The whole question path, on the sample corpus and with the real model."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoders.background_texts import load_background
from index.encoders.protocol import Encoder
from index.snapshot import Scope, Snapshot
from qa.answering import Answerer, checked
from qa.config import AbstentionConfig
from qa.errors import QuestionError
from qa.evaluation.qrels import read_questions
from qa.evaluation.run import evaluate
from qa.reading.reader import load_reader
from qa.search.searcher import Search
from qa.types import Abstention, Answer, CitedPassage, Question, Timings

QUESTIONS = Path(__file__).parents[2] / "corpus" / "sample" / "questions.jsonl"
OFF_TOPIC = (
    "How do I bake an apple pie?",
    "Qual è la ricetta della carbonara?",
    "Who won the football world cup in 1998?",
    "Quelle est la hauteur du mont Blanc ?",
    "Wie pflanzt man Tomaten?",
    "Hoeveel kalorieën heeft een banaan?",
    "¿Cuál es la capital de Australia?",
    "Welche Farbe hat ein Chamäleon?",
)


@pytest.fixture(scope="module")
def search(encoder: Encoder, cache: Path) -> Search:
    return Search(encoder, load_background(encoder, cache))


@pytest.fixture(scope="module")
def answerer(search: Search, encoder: Encoder, sample: Snapshot) -> Answerer:
    return Answerer(search, lambda: sample, load_reader(encoder.identity))


@pytest.mark.parametrize(
    ("question", "language", "file"),
    [
        (
            "Combien de camions étaient en surcharge lors du contrôle routier sur l'E34 ?",
            "fr",
            "nl/vrachtwagens-gewogen.html",
        ),
        (
            "Kunnen fietsers nog over de brug tussen Athus en Rodange?",
            "nl",
            "fr/inspection-pont-chiers.txt",
        ),
        (
            "Weshalb ging bei der Cyberübung die erste Warnung an einen Rentner?",
            "de",
            "en/cyber-drill-blue-lantern.md",
        ),
        (
            "When will the Chiers bridge be closed at night?",
            "en",
            "fr/inspection-pont-chiers.txt",
        ),
        (
            "Wéi vill Camionen op der E34 waren ze schwéier?",
            "lb",
            "nl/vrachtwagens-gewogen.html",
        ),
    ],
)
def test_a_question_in_one_language_finds_the_passage_in_another(
    answerer: Answerer, question: str, language: str, file: str
) -> None:
    outcome = answerer.answer(Question(question))
    assert isinstance(outcome, Answer)
    assert outcome.question.language == language
    assert outcome.passages[0].citation.document.file == file


def test_the_sentence_that_answers_is_marked(answerer: Answerer) -> None:
    outcome = answerer.answer(
        Question("Wéini kënnen d'Elteren de Camp vun de jonke Pompjeeë besichen?")
    )
    assert isinstance(outcome, Answer)
    first = outcome.passages[0]
    assert first.text[slice(*first.answer)] == (
        "D’Elteren dierfen de Sonndeg, 21. Juli, vu 14 Auer u kucke kommen."
    )


def test_a_citation_leads_to_the_very_words(answerer: Answerer, sample: Snapshot) -> None:
    outcome = answerer.answer(
        Question("Wie kann ich eine Drohne über die Grenze fliegen?", limit=9)
    )
    shown = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    assert len(shown) == 9
    assert [passage.rank for passage in shown] == list(range(1, 10))
    for passage in shown:
        document = sample.view.document(passage.citation.document.id)
        assert document is not None
        start, end = passage.citation.span
        assert document.text[start:end] == passage.text
        assert 0 <= passage.answer.start < passage.answer.end <= len(passage.text)
        assert passage.citation.link == f"/documents/{document.id}#{start}-{end}"


def test_what_the_collection_does_not_answer_is_said_to_be_unanswered(answerer: Answerer) -> None:
    outcome = answerer.answer(Question("Wie backt man einen guten Apfelkuchen?"))
    assert isinstance(outcome, Abstention)
    assert outcome.nearest
    assert 0 <= outcome.confidence < 0.5


@pytest.mark.parametrize("effort", ["quick", "thorough"])
def test_hardly_a_right_first_passage_is_refused(
    search: Search, encoder: Encoder, sample: Snapshot, effort: str
) -> None:
    reader = load_reader(encoder.identity) if effort == "thorough" else None
    judged = evaluate(sample, search, read_questions(QUESTIONS), reader=reader)
    sure = [one.answered for one in judged if one.whole and one.whole.ranks[:1] == (1,)]
    assert sure.count(False) <= 1, "of 20"


def test_hardly_a_question_about_something_else_is_answered(answerer: Answerer) -> None:
    outcomes = [answerer.answer(Question(text)) for text in OFF_TOPIC]
    assert sum(isinstance(outcome, Answer) for outcome in outcomes) <= 1, "of 8"


def test_the_scope_is_kept(answerer: Answerer) -> None:
    scope = Scope(languages=frozenset({"lb"}))
    outcome = answerer.answer(Question("Who trained at the police school?", scope=scope, limit=50))
    shown = outcome.passages if isinstance(outcome, Answer) else outcome.nearest
    assert {passage.language for passage in shown} == {"lb"}


def test_nothing_to_search_is_an_abstention(answerer: Answerer) -> None:
    outcome = answerer.answer(Question("Quand ?", scope=Scope(collections=frozenset({"none"}))))
    assert isinstance(outcome, Abstention)
    assert outcome.nearest == ()
    assert outcome.confidence == 0


def test_a_follow_up_is_understood_with_the_question_before(answerer: Answerer) -> None:
    question = Question("Et la nuit ?", conversation=("Où circule le bus transfrontalier ?",))
    understood = answerer.answer(question).question
    assert understood.standalone == "Où circule le bus transfrontalier ? Et la nuit ?"
    assert understood.text == "Et la nuit ?"


@pytest.mark.parametrize("thanks", ["grazie", "Gracias!", "Merci"])
def test_a_thank_you_in_a_conversation_takes_nothing_from_it(
    answerer: Answerer, thanks: str
) -> None:
    question = Question(thanks, conversation=("Où circule le bus transfrontalier ?",))
    assert answerer.answer(question).question.standalone == thanks


def test_a_follow_up_looks_past_a_thank_you(answerer: Answerer) -> None:
    earlier = "Où circule le bus transfrontalier ?"
    question = Question("Et la nuit ?", conversation=(earlier, "Merci !"))
    assert answerer.answer(question).question.standalone == f"{earlier} Et la nuit ?"


def test_each_step_is_told_the_time_that_it_took(
    answerer: Answerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([10.0, 11.0, 13.0, 16.0, 20.0, 25.0])
    monkeypatch.setattr("qa.answering.perf_counter", lambda: next(seconds))
    timings = answerer.answer(Question("Quand ?")).timings
    assert timings == Timings(total=15000, encode=1000, search=2000, rank=8000, read=4000)


def test_the_threshold_decides(search: Search, sample: Snapshot) -> None:
    never = Answerer(search, lambda: sample, abstention=AbstentionConfig(min_confidence=1.0))
    always = Answerer(search, lambda: sample, abstention=AbstentionConfig(min_confidence=0.0))
    assert isinstance(never.answer(Question("Qui ?")), Abstention)
    assert isinstance(always.answer(Question("Qui ?")), Answer)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n\t\u2003", "empty"),
        ("x" * 2001, "2,001 characters"),
        ("🚓🚓", "no word"),
        ("Quand\0?", "not text"),
        ("Quand \ud800?", "not text"),
        ("?!…", "no word"),
    ],
)
def test_a_question_that_is_none_is_refused(answerer: Answerer, text: str, words: str) -> None:
    with pytest.raises(QuestionError, match=words):
        answerer.answer(Question(text))
    with pytest.raises(QuestionError, match=words):
        answerer.answer(Question("Et en Belgique ?", conversation=(text,)))


@given(st.text(max_size=2100))
def test_any_text_is_either_trimmed_or_refused(text: str) -> None:
    with suppress(QuestionError):
        accepted = checked(text)
        assert accepted == text.strip()
        assert accepted.encode()


def test_two_thousand_characters_are_enough(answerer: Answerer) -> None:
    outcome = answerer.answer(Question("Où ? " * 400))
    assert outcome.question.text == ("Où ? " * 400).strip()


PATROLS = "Wie viele gemischte Streifen waren an der Mosel unterwegs?"


def test_translations_of_one_passage_are_one_hit(answerer: Answerer) -> None:
    first = shown(answerer.answer(Question(PATROLS)))[0]
    assert first.language == "de"
    assert {translation.language for translation in first.also_in} <= {"fr", "lb", "nl"}
    assert first.also_in


def test_separate_translations_are_hits_of_their_own(answerer: Answerer) -> None:
    passages = shown(answerer.answer(Question(PATROLS, translations="separate")))
    assert not any(passage.also_in for passage in passages)
    assert len({passage.language for passage in passages[:3]}) > 1


@pytest.mark.parametrize(
    "text",
    [PATROLS, "Wéini ass d'Bréck zou?", "Wie backt man einen guten Apfelkuchen?"],
)
def test_an_answer_is_as_sure_with_its_translations_apart(answerer: Answerer, text: str) -> None:
    grouped = answerer.answer(Question(text))
    separate = answerer.answer(Question(text, translations="separate"))
    assert separate.confidence == grouped.confidence
    assert type(separate) is type(grouped)


@pytest.mark.parametrize("limit", [1, 5])
def test_the_limit_counts_translations_as_one(answerer: Answerer, limit: int) -> None:
    assert len(shown(answerer.answer(Question(PATROLS, limit=limit)))) == limit


def shown(outcome: Answer | Abstention) -> tuple[CitedPassage, ...]:
    return outcome.passages if isinstance(outcome, Answer) else outcome.nearest
