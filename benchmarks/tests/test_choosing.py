"""Which documents and questions are kept."""

from __future__ import annotations

from collections import Counter

from benchmarks import choosing
from benchmarks.types import Ask, Item


def item(name: str, *languages: str, question: str = "{}?") -> Item:
    asked = {language: question.format(f"{name} {language}") for language in languages}
    return Item(name, dict.fromkeys(languages, "ten chars."), (Ask(asked, {}),))


ITEMS = [item(f"{number:02}", "de", "en", "fr") for number in range(40)]


def test_items_are_kept_in_the_languages_wanted_if_these_are_enough() -> None:
    items = [item("a", "de", "en", "fr", "it"), item("b", "de", "en", "it")]
    [kept] = choosing.in_languages(items, ["de", "en", "fr"])
    assert kept == item("a", "de", "en", "fr")


def test_items_are_drawn_until_there_is_no_room_and_the_same_again() -> None:
    kept = choosing.within(ITEMS, 301)
    assert len(kept) == 10
    assert kept == choosing.within(ITEMS, 301) == sorted(kept, key=lambda item: item.name)


def test_items_in_a_scarce_language_come_first_until_there_are_enough() -> None:
    scarce = [item(f"lb{number}", "de", "en", "lb") for number in range(6)]
    kept = choosing.within(ITEMS + scarce, 150, scarce=["lb"], enough=4)
    assert sum("lb" in one.texts for one in kept) >= 4
    assert len(kept) == 5


def test_a_question_asked_of_two_documents_is_asked_of_none() -> None:
    one, other = choosing.unambiguous(
        [item("a", "de", "en"), Item("b", {"de": "x"}, (Ask({"de": "A DE?", "en": "b"}, {}),))]
    )
    assert one.asks[0].questions == {"en": "a en?"}
    assert other.asks[0].questions == {"en": "b"}


def test_questions_are_as_many_in_each_language_as_far_as_there_are() -> None:
    items = [*ITEMS, item("lb", "de", "en", "lb")]
    questions = choosing.questions(items, 31)
    counts = Counter(question.language for question in questions)
    assert counts == {"de": 10, "en": 10, "fr": 10, "lb": 1}
    assert len({(question.number, question.language) for question in questions}) == 31


def test_alone_keeps_each_document_in_one_language_and_asks_it_in_all() -> None:
    kept = choosing.alone(
        ITEMS, "de", ["fr"], asked=["de", "en"], documents=(9, 3), limit=16
    )  # fmt: skip
    assert Counter(tuple(one.texts) for one in kept) == {("de",): 9, ("fr",): 3}
    assert all(one.asks for one in kept if "fr" in one.texts)
    asked = [ask for one in kept for ask in one.asks]
    assert len(asked) == 8
    assert all(set(ask.questions) == {"de", "en"} for ask in asked)


def test_questions_that_are_the_text_itself_come_last() -> None:
    copies = [Item(f"{n}", {"de": f"a{n}"}, (Ask({"de": f"a{n}"}, {}),)) for n in range(9)]
    questions = choosing.questions([*copies, *ITEMS[:3]], 9)
    assert {"00", "01", "02"} <= {question.item.name for question in questions}
