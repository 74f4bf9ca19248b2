"""What people correct of documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import ChangedMeanwhile
from corpus.store.catalogue import Catalogue
from corpus.store.corrections import OF_A_VERSION, tag_of
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.store.view.listings import DocumentSummary
from corpus.types import UNKNOWN_LANGUAGE, Document, Fact, Origin, Passage, Span
from tests.corpus.store.test_catalogue import give_vectors, make

READ = {Fact.TITLE: Origin.FILE, Fact.LANGUAGE: Origin.TEXT}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path) as opened:
        yield opened


def note(text: str = "Un fait.") -> tuple[Document, list[Passage]]:
    document, passages = make("a.txt", text)
    return replace(document, origins=READ), passages


def shown(catalogue: Catalogue, document: str) -> DocumentSummary:
    with catalogue.view() as view:
        found = view.summary(document)
    assert found
    return found


def put(catalogue: Catalogue, text: str = "Un fait.") -> str:
    document, passages = note(text)
    catalogue.put(document, passages, 1, text.encode())
    give_vectors(catalogue)
    return document.id


def test_what_is_corrected_is_shown_at_once_with_its_origin(catalogue: Catalogue) -> None:
    document = put(catalogue)
    changes = {Fact.TITLE: "The accord", Fact.PUBLISHED: "2021-05-03", Fact.URL: "https://a.org"}
    assert catalogue.correct(document, changes)
    found = shown(catalogue, document)
    assert (found.title, found.published, found.url) == (
        "The accord",
        date(2021, 5, 3),
        "https://a.org",
    )
    with catalogue.view() as view:
        assert view.problems() == []
        assert view.origins(document) == {**READ, **dict.fromkeys(changes, Origin.PERSON)}
        assert view.list_documents(DocumentFilter(text="accord"), 0, 10)[0] == 1
        assert view.list_documents(DocumentFilter(published_from=date(2021, 1, 1)), 0, 10)[0] == 1


def test_it_is_kept_when_the_file_is_read_again_or_replaced(catalogue: Catalogue) -> None:
    document = put(catalogue)
    catalogue.correct(document, {Fact.TITLE: "The accord", Fact.PUBLISHED: None})
    put(catalogue, "Un autre fait.")
    found = shown(catalogue, document)
    assert (found.title, found.published) == ("The accord", None)
    with catalogue.view() as view:
        text = view.document(document)
        assert text
        assert text.text == "Un autre fait."
        assert view.origins(document)[Fact.PUBLISHED] is Origin.PERSON
        assert view.problems() == []


def test_a_version_that_waits_has_it_too(catalogue: Catalogue) -> None:
    document, passages = note()
    catalogue.put(document, passages, 1)
    assert catalogue.correct(document.id, {Fact.TITLE: "The accord", Fact.LANGUAGE: "nl"})
    give_vectors(catalogue)
    found = shown(catalogue, document.id)
    assert (found.title, found.language) == ("The accord", "nl")


def test_a_document_that_was_removed_and_comes_again_is_as_it_is_read(
    catalogue: Catalogue,
) -> None:
    document = put(catalogue)
    catalogue.correct(document, {Fact.TITLE: "The accord"})
    catalogue.remove(document)
    put(catalogue)
    assert shown(catalogue, document).title == "a.txt"


def test_a_language_is_that_of_the_passages_too_but_of_those_in_another_one(
    catalogue: Catalogue,
) -> None:
    document, (passage,) = make("a.txt", "Un fait.", "Ein Satz.", "12")
    parts = [
        replace(passage, span=Span(0, 8), text="Un fait.", sentences=(Span(0, 8),)),
        Passage(Span(9, 18), "Ein Satz.", "de", None, (Span(9, 18),)),
        Passage(Span(19, 21), "12", UNKNOWN_LANGUAGE, None, (Span(19, 21),)),
    ]
    catalogue.put(document, parts, 1)
    give_vectors(catalogue)
    with catalogue.view() as view:
        (before,) = view.documents_by_key()
    catalogue.correct(document.id, {Fact.LANGUAGE: "lb"})
    with catalogue.view() as view:
        assert view.problems() == []
        assert [each.language for each in view.passages_of(document.id)] == ["lb", "de", "lb"]
        (after,) = view.documents_by_key()
    assert after > before, "whoever holds its passages reads them again"
    catalogue.put(document, parts, 2)
    give_vectors(catalogue)
    with catalogue.view() as view:
        assert [each.language for each in view.passages_of(document.id)] == ["lb", "de", "lb"]
        (newest,) = view.documents_by_key()
        assert newest > after, "a key is never used twice"
        assert view.problems() == []


def test_all_that_names_a_version_by_its_key_goes_along_to_another_key(
    catalogue: Catalogue,
) -> None:
    naming = {
        table
        for (table,) in catalogue._rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for column in catalogue._rows("SELECT name FROM pragma_table_info(?)", (table,))
        if column == ("document_key",)
    }
    assert naming == set(OF_A_VERSION)


def test_of_two_who_correct_the_same_the_second_is_told(catalogue: Catalogue) -> None:
    document = put(catalogue)
    tag = shown(catalogue, document).tag
    catalogue.correct(document, {Fact.TITLE: "The accord"}, tag)
    with pytest.raises(ChangedMeanwhile):
        catalogue.correct(document, {Fact.TITLE: "The treaty"}, tag)
    now = shown(catalogue, document)
    assert now.title == "The accord"
    assert catalogue.correct(document, {Fact.TITLE: "The treaty"}, now.tag)
    assert shown(catalogue, document).title == "The treaty"


def test_to_correct_nothing_changes_nothing(catalogue: Catalogue) -> None:
    document = put(catalogue)
    before = shown(catalogue, document)
    assert catalogue.correct(document, {})
    assert shown(catalogue, document) == before


def test_what_is_not_there_cannot_be_corrected(catalogue: Catalogue) -> None:
    assert not catalogue.correct("d-none", {Fact.TITLE: "The accord"})
    with View.open(catalogue.folder) as view:
        assert view.query("SELECT count(*) FROM corrections") == [(0,)]


Facts = st.tuples(st.text(), st.none() | st.text(), st.none() | st.dates())


@given(Facts, Facts)
def test_a_tag_is_another_one_if_a_fact_is(one: tuple[str], other: tuple[str]) -> None:
    assert (tag_of(one) == tag_of(other)) is (one == other)
