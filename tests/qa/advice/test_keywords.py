from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.snapshot import Scope, Snapshot
from index.vocabulary import folded
from qa.advice.keywords import containing
from qa.types import Question
from tests.qa.advice.conftest import TEXTS, Collections


def files(snapshot: Snapshot, text: str, scope: Scope | None = None, limit: int = 5) -> list[str]:
    question = Question(text, limit=limit, scope=scope or Scope())
    return [each.passage.citation.document.file for each in containing(snapshot, question)]


def test_the_passages_with_a_keyword_are_listed_those_that_say_it_most_first(
    snapshot: Snapshot,
) -> None:
    assert files(snapshot, "hochwasser") == ["de.txt", "fr.txt"]
    assert files(snapshot, "Hochwasser", limit=1) == ["de.txt"]


def test_accents_and_case_do_not_matter(snapshot: Snapshot) -> None:
    assert files(snapshot, "TRAITE") == files(snapshot, "traite\u0301") == ["fr.txt"]


def test_several_keywords_have_to_be_there_together(snapshot: Snapshot) -> None:
    assert files(snapshot, "hochwasser brücke") == ["de.txt"]
    assert files(snapshot, "hochwasser register") == []


@pytest.mark.parametrize(
    "text", ["Hochwasser?", "Hochwasser ？", "das Hochwasser an der Sauer", "47", "🙂", "nowhere"]
)
def test_a_question_is_no_keyword(snapshot: Snapshot, text: str) -> None:
    assert files(snapshot, text) == []


def test_a_keyword_is_marked_wherever_it_stands(snapshot: Snapshot) -> None:
    (first, _) = containing(snapshot, Question("hochwasser"))
    text = first.passage.text
    assert [text[slice(*span)] for span in first.words] == ["Hochwasser"] * 3
    sentence = text[slice(*first.passage.answer)]
    assert "Hochwasser" in sentence
    assert first.passage.citation.link.startswith("/documents/d-")


def test_a_keyword_is_looked_for_where_the_question_looks(snapshot: Snapshot) -> None:
    assert files(snapshot, "hochwasser", Scope(languages=frozenset({"fr"}))) == ["fr.txt"]
    assert files(snapshot, "hochwasser", Scope(collections=frozenset({"notes"}))) == []
    assert files(snapshot, "hochwasser", Scope(published_from=date(2019, 1, 1))) == ["de.txt"]


def test_passages_that_may_not_be_read_are_not_listed(
    made: Callable[[Collections], Snapshot], snapshot: Snapshot
) -> None:
    secret = {f"{number}.txt": f"Hochwasser {number}: geheim." for number in range(300)}
    both = made({"secret": secret, **TEXTS}).within(frozenset(TEXTS))
    assert files(both, "hochwasser") == files(snapshot, "hochwasser")
    assert files(both, "geheim") == []


@given(st.text(max_size=20))
def test_what_is_listed_has_the_words(snapshot: Snapshot, text: str) -> None:
    for passage, words in containing(snapshot, Question(text)):
        found = {folded(passage.text[slice(*span)]) for span in words}
        assert found
        assert all(word in folded(text) for word in found)
