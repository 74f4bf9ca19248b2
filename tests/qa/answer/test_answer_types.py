from __future__ import annotations

from dataclasses import fields
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.languages import QuestionWords, languages
from qa.answer.answer_types import asked_for, holds
from qa.types import AnswerType as Kind

ASKING = [code for code, each in languages().items() if each.question_words != QuestionWords()]

some_languages = st.sampled_from([*ASKING, "und", "ga", "xx"])


@pytest.mark.parametrize(
    ("language", "question", "kinds"),
    [
        ("fr", "Quand le pont sera-t-il fermé ?", {Kind.DATE, Kind.TIME}),
        ("fr", "En combien de temps répond-il ?", {Kind.DURATION}),
        ("fr", "Combien de camions étaient en surcharge ?", {Kind.NUMBER}),
        ("fr", "Une patrouille qui poursuit un fuyard peut-elle entrer ?", set()),
        ("nl", "Wie beslist daarover?", {Kind.NAME}),
        (
            "nl",
            "Wat kost een vergunning en hoe lang blijft ze geldig?",
            {Kind.MONEY, Kind.DURATION},
        ),
        ("de", "Wie backt man einen Kuchen?", set()),
        ("de", "Wie groß war der Schaden?", {Kind.NUMBER}),
        ("de", "Wie lange dauert es?", {Kind.DURATION}),
        ("en", "What happens to those who fail?", set()),
        ("en", "Who decides?", {Kind.NAME}),
        ("lb", "Wéini kënnen d'Elteren de Camp besichen?", {Kind.DATE, Kind.TIME}),
        ("lb", "Wéi mécht ee Gromperekichelcher?", set()),
        ("und", "Quand ?", set()),
    ],
)
def test_an_interrogative_says_what_is_asked_for(
    language: str, question: str, kinds: set[Kind]
) -> None:
    assert asked_for(question, language) == kinds


@pytest.mark.parametrize(
    ("language", "sentence", "kind", "held"),
    [
        (
            "lb",
            "D’Elteren dierfen de Sonndeg, 21. Juli, vu 14 Auer u kucke kommen.",
            Kind.DATE,
            True,
        ),
        (
            "lb",
            "D’Elteren dierfen de Sonndeg, 21. Juli, vu 14 Auer u kucke kommen.",
            Kind.TIME,
            True,
        ),
        ("en", "It may be so.", Kind.DATE, False),
        ("en", "It begins on May 5.", Kind.DATE, True),
        ("nl", "In totaal werden 1.240 personen gecontroleerd.", Kind.DATE, False),
        ("de", "Die Konserven verfallen nach 42 Tagen.", Kind.DURATION, True),
        ("de", "Im August fehlen uns jedes Jahr die Spender.", Kind.DURATION, False),
        (
            "nl",
            "Wie inspreekt, wordt binnen twee werkdagen teruggebeld.",
            Kind.DURATION,
            True,
        ),
        ("de", "Der Verbund beschafft DREISSIG Adapter.", Kind.NUMBER, True),
        ("de", "Der Verbund beschafft Adapter.", Kind.NUMBER, False),
        ("fr", "Elle est facturée 0,83 euro le mètre cube.", Kind.MONEY, True),
        ("fr", "Les Européens sont venus à 14.", Kind.MONEY, False),
        ("en", "“Fine,” concludes Saskia van der Heijden.", Kind.NAME, True),
        ("de", "Die Beamten dürfen den Flüchtigen anhalten.", Kind.NAME, False),
    ],
)
def test_a_sentence_holds_what_it_says(
    language: str, sentence: str, kind: Kind, held: bool
) -> None:
    assert holds(sentence, language, {kind}) is held


def test_there_are_phrases_for_every_kind() -> None:
    assert [field.name for field in fields(QuestionWords)] == [kind.name.lower() for kind in Kind]


@pytest.mark.parametrize("code", ASKING)
def test_every_phrase_asks_for_its_kinds(code: str) -> None:
    lists = {kind: getattr(languages()[code].question_words, kind.name.lower()) for kind in Kind}
    for phrase in set(chain(*lists.values())):
        kinds = {kind for kind, phrases in lists.items() if phrase in phrases}
        assert asked_for(f"{phrase.capitalize()} xyz?", code) == kinds


@given(st.text(), some_languages, st.sets(st.sampled_from(Kind)))
def test_any_text_can_be_asked_and_searched(text: str, language: str, wanted: set[Kind]) -> None:
    assert asked_for(text, language) <= set(Kind)
    assert holds(text, language, wanted) == any(holds(text, language, {kind}) for kind in wanted)
