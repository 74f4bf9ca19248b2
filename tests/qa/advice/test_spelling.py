from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.snapshot import Snapshot
from qa.advice import spelling
from qa.advice.spelling import corrected
from tests.qa.advice.conftest import TEXTS, Collections


def offered(snapshot: Snapshot, question: str, language: str = "de") -> str | None:
    return corrected(snapshot, question, language)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Hochwaser", "Hochwasser"),  # left out
        ("Hochwassser", "Hochwasser"),  # added
        ("Hochwaßer", "Hochwasser"),
        ("Hohcwasser", "Hochwasser"),  # swapped
        ("oHchwasser", "Hochwasser"),
        ("hochwaser sauer", "Hochwasser sauer"),
        ("traitè de cooperation policère", "traitè de cooperation policière"),
        ("Wann ging das Hochwaser zurück?", "Wann ging das Hochwasser zurück?"),
    ],
)
def test_a_mistyped_word_is_corrected_as_the_collection_writes_it(
    snapshot: Snapshot, typed: str, meant: str
) -> None:
    language = "fr" if "trait" in typed else "de"
    assert offered(snapshot, typed, language) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "Hochwasser",
        "HOCHWASSER",
        "brucke",  # without its accent
        "Sau",  # too short
        "Hochzeit",
        "xyzzy",
        "E34 2018/0265",
        "🙂",
    ],
)
def test_a_word_that_is_there_or_is_like_none_is_left_alone(snapshot: Snapshot, typed: str) -> None:
    assert offered(snapshot, typed) is None


def test_in_a_sentence_only_words_of_its_own_language_are_offered(snapshot: Snapshot) -> None:
    assert offered(snapshot, "Which train leavs at ten?", "en") == "Which train leaves at ten?"
    assert offered(snapshot, "Where is the traits of the police?", "en") is None


def test_accents_typed_apart_are_the_same_letters(snapshot: Snapshot) -> None:
    assert offered(snapshot, "Bru\u0308cke") is None
    assert offered(snapshot, "Bru\u0308kce") == "Brücke"


def test_of_words_as_much_alike_the_one_in_more_passages_is_meant(
    made: Callable[[Collections], Snapshot],
) -> None:
    texts = {"a.txt": "The bridges are closed.", "b.txt": "The bridger is away. He is a bridger."}
    texts |= {"c.txt": "All bridges are open again today."}
    assert offered(made({"press": texts}), "bridgez", "en") == "bridges"


def test_words_of_collections_that_may_not_be_read_are_not_told(
    made: Callable[[Collections], Snapshot], snapshot: Snapshot
) -> None:
    secret = {"s.txt": "Die Hochwache schmuggelt. Hochwachen und ein Hochwaserx gibt es dort."}
    both = made({**TEXTS, "secret": secret}).within(frozenset(TEXTS))
    for typed in ("Hochwach", "Hochwaser", "schmugelt"):
        assert offered(both, typed) == offered(snapshot, typed)


def test_in_a_large_collection_the_first_two_letters_must_be_right(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spelling, "MANY_PASSAGES", 1)
    assert offered(snapshot, "Hochwaser") == "Hochwasser"
    assert offered(snapshot, "oHchwasser") == "Hochwasser"
    assert offered(snapshot, "Hichwasser") is None


@given(st.text(max_size=60))
def test_any_question_is_looked_at(snapshot: Snapshot, text: str) -> None:
    found = offered(snapshot, text)
    assert found is None or found != text
