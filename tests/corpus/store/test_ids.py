"""An id is of one file of one collection, and ids that older releases gave still lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import IdTaken
from corpus.ingest import find_sources, ingest
from corpus.store import ids
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.types import SHORT_ID_CHARACTERS, Outcome, document_id
from corpus.uploads import take_in_next
from tests.content import content_of
from tests.corpus.store.test_catalogue import give_vectors, make

SHORT = document_id("press", "a.txt")[:SHORT_ID_CHARACTERS]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def put(catalogue: Catalogue, document: str, file: str, collection: str = "press") -> None:
    made, passages = make(file, f"Une note dans {file}.")
    catalogue.put(replace(made, id=document, collection=collection), passages, 1)
    give_vectors(catalogue)


def meant(catalogue: Catalogue, document: str) -> str:
    with catalogue.view() as view:
        assert view.meant(document) == catalogue.meant(document)
    return catalogue.meant(document)


def test_an_id_has_128_bits() -> None:
    assert len(document_id("press", "a.txt")) == len("d-") + 128 // 4


def test_an_old_id_stands_for_the_one_that_begins_so(catalogue: Catalogue) -> None:
    put(catalogue, document_id("press", "a.txt"), "a.txt")
    assert meant(catalogue, SHORT) == document_id("press", "a.txt")
    assert meant(catalogue, SHORT[:-1]) == SHORT[:-1]
    assert meant(catalogue, "d-0000000000000000") == "d-0000000000000000"


def test_a_document_that_has_the_old_id_itself_is_meant_by_it(catalogue: Catalogue) -> None:
    put(catalogue, SHORT, "a.txt")
    put(catalogue, f"{SHORT}0000000000000000", "b.txt")
    assert meant(catalogue, SHORT) == SHORT


def test_where_two_begin_so_neither_is_meant(catalogue: Catalogue) -> None:
    put(catalogue, f"{SHORT}0000000000000000", "a.txt")
    put(catalogue, f"{SHORT}ffffffffffffffff", "b.txt", "archive")
    assert meant(catalogue, SHORT) == SHORT
    with catalogue.view() as view:  # whoever may not read the other does not learn of it
        seen = view.within(frozenset({"press"})).meant(SHORT)
    assert seen == f"{SHORT}0000000000000000"


@given(st.text(alphabet="d-0123456789abcdefg%_'*", min_size=1, max_size=40))
def test_whatever_is_asked_for_nothing_else_is_meant(document: str) -> None:
    there = [document_id("press", name) for name in ("a.txt", "b.txt")]

    def query(sql: str, parameters: tuple[str]) -> list[tuple[str]]:
        (low,) = parameters
        assert "?1 || 'g'" in sql
        return [(each,) for each in sorted(there) if low <= each < f"{low}g"][:2]

    assert ids.meant(document, query) in (document, *there)


def test_a_file_whose_id_another_document_has_is_refused_and_that_stays(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    """As if somebody had found a name with the same 128 bits, in a collection of their own."""
    taken = document_id("archive", "mine.txt")
    put(catalogue, taken, "a.txt")
    before = content_of(catalogue.folder)
    (tmp_path / "mine.txt").write_text("Une note de quelqu'un d'autre.", "utf-8")
    (report,) = ingest(catalogue, find_sources([tmp_path / "mine.txt"]), "archive")
    assert (report.outcome, report.document) == (Outcome.REFUSED, None)
    assert report.reason == (
        f"Another document has the id {taken}, which this file's name gives. Rename the file."
    )
    job = catalogue.jobs.accept(Kind.UPLOAD, "archive", [Offered("mine.txt", b"Une autre note.")])
    sent = take_in_next(catalogue, job)
    assert sent
    assert (sent.outcome, sent.reason) == (Outcome.REFUSED, report.reason)
    assert [each.outcome for each in catalogue.jobs.files(job)] == [Outcome.REFUSED]
    give_vectors(catalogue)
    assert content_of(catalogue.folder) == before
    made, passages = make("mine.txt", "Une note.")
    with pytest.raises(IdTaken):
        catalogue.put(replace(made, id=taken, collection="archive"), passages, 1)


def test_a_version_that_waits_is_not_dropped_for_a_file_whose_id_is_taken(
    catalogue: Catalogue,
) -> None:
    document, passages = make("a.txt", "Une note.")
    catalogue.put(document, passages, 1)
    with pytest.raises(IdTaken):
        catalogue.put(replace(document, file="b.txt"), passages, 1)
    assert catalogue.waiting() == 1
