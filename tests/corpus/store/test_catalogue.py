from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from corpus.errors import CatalogueError
from corpus.store.catalogue import Catalogue
from corpus.store.models import EncodedText
from corpus.store.view import View
from corpus.store.view.filters import DocumentFilter
from corpus.types import Document, Passage, Span, document_id


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path) as opened:
        yield opened


def make(file: str, *sentences: str, language: str = "fr") -> tuple[Document, list[Passage]]:
    """Return a document that is one passage of these sentences."""
    text = " ".join(sentences)
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Span(start, start + len(sentence)))
        start += len(sentence) + 1
    document = Document(
        id=document_id("press", file),
        collection="press",
        file=file,
        root="/documents",
        media_type="text/plain",
        sha256=sha256(f"{file} {text}".encode()).hexdigest(),
        language=language,
        title=file,
        publisher=None,
        published=date(2020, 12, 14),
        url=None,
        text=text,
    )
    return document, [Passage(Span(0, len(text)), text, language, None, tuple(spans))]


def give_vectors(catalogue: Catalogue) -> list[str]:
    """Give every text that waits for one a vector, publish, and return those texts."""
    model = catalogue.register_model("words", "1", "0" * 64)
    catalogue.adopt_model(model)
    texts = catalogue.texts_without_vectors(model, 1000)
    catalogue.put_vectors(model, [EncodedText(text.id, b"\0\0\x80?") for text in texts])
    catalogue.publish()
    return [text.text for text in texts]


def visible(catalogue: Catalogue) -> dict[str, str]:
    view = catalogue.view()
    try:
        found = [view.document(facts.id) for facts in view.documents_by_key().values()]
        return {document.file: document.text for document in found if document}
    finally:
        view.close()


def test_a_document_is_seen_only_when_all_of_its_vectors_are_there(catalogue: Catalogue) -> None:
    catalogue.put(*make("a.txt", "Premier fait.", "Second fait."), 1)
    model = catalogue.register_model("words", "1", "0" * 64)
    catalogue.adopt_model(model)
    passage, *sentences = catalogue.texts_without_vectors(model, 10)

    catalogue.put_vectors(
        model, [EncodedText(passage.id, b"\0\0\x80?"), EncodedText(sentences[0].id, b"\0\0\x80?")]
    )
    assert catalogue.publish() == 0
    assert visible(catalogue) == {}
    assert catalogue.waiting() == 1

    catalogue.put_vectors(model, [EncodedText(sentences[1].id, b"\0\0\x80?")])
    assert catalogue.publish() == 1
    assert visible(catalogue) == {"a.txt": "Premier fait. Second fait."}


def test_the_old_version_answers_until_the_new_one_is_ready(catalogue: Catalogue) -> None:
    catalogue.put(*make("a.txt", "Avant."), 1)
    give_vectors(catalogue)
    catalogue.put(*make("a.txt", "Après."), 1)
    catalogue.publish()
    assert visible(catalogue) == {"a.txt": "Avant."}

    give_vectors(catalogue)
    assert visible(catalogue) == {"a.txt": "Après."}


def test_the_same_text_is_encoded_once_for_all_documents(catalogue: Catalogue) -> None:
    catalogue.put(*make("a.txt", "Dit is gelijk.", "Dit niet."), 1)
    assert len(give_vectors(catalogue)) == 3
    catalogue.put(*make("b.txt", "Dit is gelijk.", "Dit ook niet."), 1)
    assert give_vectors(catalogue) == ["Dit is gelijk. Dit ook niet.", "Dit ook niet."]


def test_removing_a_document_removes_the_texts_that_nothing_else_holds(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.put(*make("a.txt", "Gedeeld.", "Alleen hier."), 1)
    catalogue.put(*make("b.txt", "Gedeeld.", "Alleen daar."), 1)
    give_vectors(catalogue)
    assert catalogue.remove(document_id("press", "a.txt"))

    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection:
        texts = {text for (text,) in connection.execute("SELECT text FROM texts")}
    assert texts == {"Gedeeld. Alleen daar.", "Gedeeld.", "Alleen daar."}
    assert visible(catalogue) == {"b.txt": "Gedeeld. Alleen daar."}


def test_removing_what_is_not_there_says_so(catalogue: Catalogue) -> None:
    assert not catalogue.remove("d-0000000000000000")


def test_every_change_to_what_can_be_found_has_a_new_generation(catalogue: Catalogue) -> None:
    def generation() -> int:
        view = catalogue.view()
        try:
            return view.generation()
        finally:
            view.close()

    seen = [generation()]
    catalogue.put(*make("a.txt", "Un."), 1)
    assert generation() == seen[-1]
    give_vectors(catalogue)
    seen.append(generation())
    catalogue.remove(document_id("press", "a.txt"))
    seen.append(generation())
    assert seen == sorted(set(seen))


def test_a_view_sees_one_state_whatever_is_written_meanwhile(catalogue: Catalogue) -> None:
    catalogue.put(*make("a.txt", "Avant."), 1)
    give_vectors(catalogue)
    view = catalogue.view()
    catalogue.put(*make("a.txt", "Après."), 1)
    give_vectors(catalogue)

    document = view.document(document_id("press", "a.txt"))
    assert document is not None
    assert document.text == "Avant."
    view.close()


def test_activating_a_model_forgets_the_others_vectors(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.put(*make("a.txt", "Un."), 1)
    give_vectors(catalogue)
    other = catalogue.register_model("words", "2", "1" * 64)
    assert catalogue.missing(other).number == 1
    assert not catalogue.activate_model(other)
    assert catalogue.active_model() != other
    catalogue.put_vectors(
        other,
        [EncodedText(text.id, b"\0\0\0@") for text in catalogue.texts_without_vectors(other, 10)],
    )
    assert catalogue.activate_model(other)
    catalogue.forget_replaced()

    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection:
        kept = connection.execute("SELECT model_id, data FROM vectors").fetchall()
    assert kept == [(other.id, b"\0\0\0@")]
    assert catalogue.active_model() == other


def test_what_is_missing_begins_with_the_first_text_that_waits_and_is_new(
    catalogue: Catalogue,
) -> None:
    catalogue.put(*make("a.txt", "Un fait.", "Oui."), 1)
    give_vectors(catalogue)
    model = catalogue.active_model()
    assert model is not None
    assert catalogue.missing(model) == (0, 0)

    catalogue.put(*make("b.txt", "Oui.", "Non.", "Oui."), 1)
    passage, sentence = catalogue.texts_without_vectors(model, 10)
    assert (passage.text, passage.is_sentence) == ("Oui. Non. Oui.", False)
    assert (sentence.text, sentence.is_sentence) == ("Non.", True)
    assert catalogue.missing(model) == (2, passage.id)

    other = catalogue.register_model("words", "2", "1" * 64)
    assert catalogue.missing(other) == (5, 1)


def test_a_vector_for_a_text_that_was_removed_is_passed_over(catalogue: Catalogue) -> None:
    model = catalogue.register_model("words", "1", "0" * 64)
    catalogue.put_vectors(model, [EncodedText(4711, b"\0\0\x80?")])
    assert catalogue.missing(model) == (0, 0)


def test_a_failed_put_leaves_nothing_behind(catalogue: Catalogue) -> None:
    document, passages = make("a.txt", "Un.")
    broken = Passage(Span(0, 3), "Un.", None, None, ())  # type: ignore[arg-type]
    with pytest.raises(CatalogueError):
        catalogue.put(document, [*passages, broken], 1)
    assert catalogue.newest_version("press", "a.txt") is None
    model = catalogue.register_model("words", "1", "0" * 64)
    assert catalogue.texts_without_vectors(model, 10) == []


def test_documents_are_listed_in_pages_and_by_what_is_wanted(catalogue: Catalogue) -> None:
    for number in range(5):
        language = "nl" if number == 3 else "fr"
        catalogue.put(*make(f"{number}.txt", f"Fait {number}.", language=language), 1)
    give_vectors(catalogue)
    view = catalogue.view()

    def files(wanted: DocumentFilter, offset: int = 0, limit: int = 10) -> tuple[int, list[str]]:
        total, page = view.list_documents(wanted, offset, limit)
        return total, [document.file for document in page]

    assert files(DocumentFilter(), 1, 2) == (5, ["1.txt", "2.txt"])
    assert files(DocumentFilter(languages=frozenset({"nl"}))) == (1, ["3.txt"])
    assert files(DocumentFilter(collections=frozenset({"other"}))) == (0, [])
    assert files(DocumentFilter(text="4.TXT")) == (1, ["4.txt"])
    assert files(DocumentFilter(text="É.txt")) == (0, [])
    assert files(DocumentFilter(published_from=date(2020, 12, 15))) == (0, [])
    assert files(DocumentFilter(published_to=date(2020, 12, 14)))[0] == 5
    view.close()


def test_passages_come_back_as_they_were_put(catalogue: Catalogue) -> None:
    document, passages = make("a.txt", "Premier fait.", "Second fait.")
    catalogue.put(document, passages, 1)
    give_vectors(catalogue)
    view = catalogue.view()
    (stored,) = view.passages_of(document.id)
    assert (stored.span, stored.text, stored.language, stored.page, stored.sentences) == (
        passages[0].span,
        passages[0].text,
        "fr",
        None,
        passages[0].sentences,
    )
    assert view.document(document.id) == document
    assert view.languages() == [("fr", 1, 1)]
    assert view.problems() == []
    view.close()


def test_a_passage_that_is_not_there_is_left_out(catalogue: Catalogue) -> None:
    view = catalogue.view()
    assert view.passages([1, 2]) == {}
    assert view.summary("d-0") is None
    view.close()


def test_more_ids_than_one_query_takes_are_read(catalogue: Catalogue) -> None:
    view: View = catalogue.view()
    assert view.passages(list(range(2000))) == {}
    view.close()


def test_documents_are_counted_by_what_they_have_in_common(catalogue: Catalogue) -> None:
    undated = replace(make("c", "Drei.", language="de")[0], published=None)
    for document, passages in [make("a", "Un."), make("b", "Deux."), (undated, [])]:
        catalogue.put(document, passages, 1)
    give_vectors(catalogue)
    view = catalogue.view()
    assert view.count_documents("language") == [("de", 1), ("fr", 2)]
    assert view.count_documents("collection") == [("press", 3)]
    assert view.count_documents("year") == [(None, 1), ("2020", 2)]
