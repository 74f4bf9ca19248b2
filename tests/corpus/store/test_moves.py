"""Documents that are moved to another collection: in one of the two at every instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import BeingReplaced, ChangedMeanwhile, NotMoved, PlaceTaken
from corpus.ingest import find_sources, ingest, prune
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.store.versions import NewVersion
from corpus.types import (
    Document,
    Fact,
    LeftOut,
    LeftOutReason,
    Origin,
    Outcome,
    Passage,
    RecognisedPage,
    document_id,
)
from corpus.uploads import take_in_next
from tests.content import content_of
from tests.corpus.store.test_catalogue import give_vectors, make
from tests.corpus.store.test_corrections import shown

LEFT_OUT = [LeftOut(LeftOutReason.RUNNING_LINE, "page one of two", 1)]
RECOGNISED = [RecognisedPage(1, 0.9, 12, 1)]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def made(collection: str, file: str = "a.txt") -> tuple[Document, list[Passage]]:
    document, passages = make(file, "Un fait.", "Un autre.")
    document = replace(
        document,
        id=document_id(collection, file),
        collection=collection,
        sha256=sha256(document.text.encode()).hexdigest(),
        origins={Fact.TITLE: Origin.HEADING},
    )
    return document, passages


def put(catalogue: Catalogue, collection: str = "press", file: str = "a.txt") -> str:
    document, passages = made(collection, file)
    content = document.text.encode()
    version = NewVersion(document, passages, 1, content, LEFT_OUT, recognised=RECOGNISED)
    with catalogue.putting(version) as keep:
        keep()
    give_vectors(catalogue)
    return document.id


def collections_of(folder: Path, table: str) -> set[str]:
    with closing(sqlite3.connect(folder / sqlite.FILE_NAME)) as connection:
        return {row[0] for row in connection.execute(f"SELECT collection FROM {table}")}


def without_collection(folder: Path, document: str) -> dict[str, object]:
    content = content_of(folder)[document]
    return {**content, "document": replace(content["document"], collection="")}


def test_all_of_it_is_in_the_other_collection_and_nothing_is_left(catalogue: Catalogue) -> None:
    document = put(catalogue)
    before = without_collection(catalogue.folder, document)
    with catalogue.view() as view:
        (key,) = view.documents_by_key()
    assert catalogue.move(document, "archive")
    assert without_collection(catalogue.folder, document) == before
    for table in ("documents", "texts", "originals"):
        assert collections_of(catalogue.folder, table) == {"archive"}
    with catalogue.view() as view:
        assert view.problems() == []
        assert view.left_out(document) == LEFT_OUT
        assert view.recognised(document) == RECOGNISED
        assert view.origins(document) == {Fact.TITLE: Origin.HEADING}
        original = view.original(document)
        assert original
        assert original.read() == b"Un fait. Un autre."
        original.close()
        assert min(view.documents_by_key()) > key, "whoever holds its passages reads them again"
        assert view.within(frozenset({"press"})).summary(document) is None
    assert give_vectors(catalogue) == [], "the model has nothing to do"


def test_what_its_collection_shares_with_it_stays(catalogue: Catalogue) -> None:
    document, other = put(catalogue), put(catalogue, file="b.txt")
    before = content_of(catalogue.folder)[other]
    catalogue.move(document, "archive")
    assert content_of(catalogue.folder)[other] == before
    with catalogue.view() as view:
        assert view.problems() == []
        assert view.has_original(other)


def test_what_was_corrected_is_kept_and_can_be_corrected_at_once(catalogue: Catalogue) -> None:
    document = put(catalogue)
    catalogue.correct(document, {Fact.TITLE: "The accord"})
    tag = shown(catalogue, document).tag
    with pytest.raises(ChangedMeanwhile):
        catalogue.move(document, "archive", {Fact.PUBLISHER: "Benelux"}, "0" * 16)
    assert shown(catalogue, document).collection == "press"
    assert catalogue.move(document, "archive", {Fact.PUBLISHER: "B", Fact.LANGUAGE: "nl"}, tag)
    found = shown(catalogue, document)
    assert (found.collection, found.title, found.publisher, found.language) == (
        "archive",
        "The accord",
        "B",
        "nl",
    )
    assert found.tag != tag
    with catalogue.view() as view:
        assert view.problems() == []
        assert {each.language for each in view.passages_of(document)} == {"nl"}


def test_to_where_it_is_only_corrects_it(catalogue: Catalogue) -> None:
    document = put(catalogue)
    assert catalogue.move(document, "press", {Fact.TITLE: "The accord"})
    assert shown(catalogue, document).title == "The accord"


def test_what_is_not_there_cannot_be_moved(catalogue: Catalogue) -> None:
    assert not catalogue.move("d-none", "archive")


def test_two_documents_of_one_name_do_not_come_together(catalogue: Catalogue) -> None:
    document, other = put(catalogue), put(catalogue, "archive")
    before = content_of(catalogue.folder)
    with pytest.raises(PlaceTaken, match="archive already has another document with the name a"):
        catalogue.move(document, "archive")
    assert content_of(catalogue.folder) == before
    catalogue.remove(other)
    assert catalogue.move(document, "archive")


def test_a_file_that_waits_for_the_place_has_it(catalogue: Catalogue) -> None:
    document = put(catalogue)
    job = catalogue.jobs.accept(Kind.UPLOAD, "archive", [Offered("a.txt", b"Un texte.")])
    with pytest.raises(PlaceTaken):
        catalogue.move(document, "archive")
    take_in_next(catalogue, job)
    with pytest.raises(PlaceTaken):
        catalogue.move(document, "archive")


def test_a_document_that_is_being_replaced_stays_until_that_is_done(catalogue: Catalogue) -> None:
    document = put(catalogue)
    job = catalogue.jobs.accept(Kind.REPLACE, "press", [Offered("a.txt", b"Un nouveau fait.")])
    with pytest.raises(BeingReplaced):
        catalogue.move(document, "archive")
    take_in_next(catalogue, job)
    with pytest.raises(BeingReplaced):
        catalogue.move(document, "archive")
    give_vectors(catalogue)
    assert catalogue.move(document, "archive")
    assert content_of(catalogue.folder)[document]["document"].text == "Un nouveau fait."


def test_what_is_removed_or_replaced_while_it_is_copied_is_not_brought_back(
    catalogue: Catalogue,
) -> None:
    document = put(catalogue)
    with catalogue._moves.copied(document, "archive") as copy, Catalogue(catalogue.folder) as other:
        other.remove(document)
        with pytest.raises(NotMoved), catalogue.transaction():
            catalogue._moves.put(copy)
    assert content_of(catalogue.folder) == {}
    put(catalogue)
    with catalogue._moves.copied(document, "archive") as copy, Catalogue(catalogue.folder) as other:
        put(other)
        with pytest.raises(ChangedMeanwhile), catalogue.transaction():
            catalogue._moves.put(copy)
    assert shown(catalogue, document).collection == "press"
    assert collections_of(catalogue.folder, "documents") == {"press"}


def test_its_file_is_known_again_where_it_was_moved_to(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text("Les deux polices patrouillent ensemble.", "utf-8")

    def reports() -> list[tuple[Outcome, str | None]]:
        found = [*ingest(catalogue, find_sources([folder]), "press")]
        found += prune(catalogue, [folder], "press")
        give_vectors(catalogue)
        return [(each.outcome, each.document) for each in found]

    ((outcome, document),) = reports()
    assert outcome is Outcome.ADDED
    assert document
    catalogue.correct(document, {Fact.TITLE: "Patrols"})
    catalogue.move(document, "archive")
    assert reports() == [(Outcome.UNCHANGED, document)]
    (folder / "a.txt").write_text("Les deux polices patrouillent à Metz.", "utf-8")
    assert reports() == [(Outcome.UPDATED, document)]
    found = shown(catalogue, document)
    assert (found.collection, found.title) == ("archive", "Patrols")
    (folder / "a.txt").unlink()
    assert reports() == [(Outcome.REMOVED, document)]
    assert content_of(catalogue.folder) == {}


def test_a_file_that_is_sent_to_where_it_was_is_a_document_of_its_own(
    catalogue: Catalogue,
) -> None:
    """Whoever sends it need not know of the other collection, and keeps no one from theirs."""

    def send() -> str | None:
        sent = [Offered("a.txt", b"Les deux polices patrouillent ensemble.")]
        report = take_in_next(catalogue, catalogue.jobs.accept(Kind.UPLOAD, "press", sent))
        give_vectors(catalogue)
        assert report
        assert report.outcome in (Outcome.ADDED, Outcome.UNCHANGED)
        return report.document

    first = send()
    assert first
    catalogue.move(first, "archive")
    second = send()
    assert second == send() != first
    assert {
        id_: each["document"].collection for id_, each in content_of(catalogue.folder).items()
    } == {
        first: "archive",
        second: "press",
    }
    with pytest.raises(PlaceTaken):
        catalogue.move(first, "press")


Acts = st.lists(
    st.tuples(
        st.sampled_from(["put", "move", "remove"]),
        st.sampled_from(["a.txt", "b.txt"]),
        st.sampled_from(["press", "archive", "odd"]),
        st.sampled_from(["press", "archive", "odd"]),
    ),
    max_size=12,
)


@given(Acts)
@settings(max_examples=25, deadline=None)
def test_whatever_is_moved_where_each_document_is_in_one_place_under_its_own_id(
    acts: list[tuple[str, str, str, str]],
) -> None:
    with TemporaryDirectory() as folder, Catalogue(Path(folder)) as catalogue:
        places: dict[tuple[str, str], str] = {}
        for act, file, collection, other in acts:
            known = places.get((collection, file))
            if act == "put":
                document, passages = made(collection, file)
                id_ = catalogue.id_of(collection, file)
                assert known in (None, id_)
                catalogue.put(replace(document, id=id_), passages, 1, document.text.encode())
                give_vectors(catalogue)
                places[collection, file] = id_
            elif known and act == "remove":
                assert catalogue.remove(known)
                del places[collection, file]
            elif known and other != collection and (other, file) in places:
                with pytest.raises(PlaceTaken):
                    catalogue.move(known, other)
            elif known:
                assert catalogue.move(known, other)
                del places[collection, file]
                places[other, file] = known
        assert len(set(places.values())) == len(places)
        found = content_of(catalogue.folder)
        there = {
            (each["document"].collection, each["document"].file): id_ for id_, each in found.items()
        }
        assert there == places
        with catalogue.view() as view:
            assert view.problems() == []
