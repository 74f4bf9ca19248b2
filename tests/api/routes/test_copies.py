"""The same bytes under several names are shown once, with all their sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.cli import output
from api.service import Service, open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from qa.types import Question
from tests.api.clients import beside

NOTE = "Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"
ASKED = "Qui patrouille le long de la Moselle ?"
FIRST, SECOND = document_id("press", "a.txt"), document_id("press", "deep/b.txt")
ELSEWHERE = document_id("archive", "a.txt")


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, cache: Path, encoder: Encoder
) -> Iterator[Service]:
    files = tmp_path_factory.mktemp("files")
    (files / "deep").mkdir()
    (files / "a.txt").write_text(NOTE)
    (files / "deep" / "b.txt").write_text(NOTE)
    (files / "c.md").write_text(NOTE)  # the same bytes, read in another way
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache)
    with Catalogue(settings.data) as catalogue:
        list(ingest(catalogue, find_sources([files]), "press"))
        list(ingest(catalogue, find_sources([files / "a.txt"]), "archive"))
        encode_waiting(catalogue, encoder)
    with open_service(settings, follow=True) as service:
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    return beside(service)


def sources(client: TestClient, **asked: Any) -> list[tuple[str, list[str]]]:
    """Return the passages' documents with their copies, those of the other format left out."""
    body = client.post("/v1/ask", json={"question": ASKED, **asked}).json()
    found = [passage["source"] for passage in body["passages"]]
    return [
        (source["document"], [copy["document"] for copy in source["copies"]])
        for source in found
        if source["file"] != "c.md"
    ]


def test_an_answer_shows_it_once_with_all_its_sources(client: TestClient) -> None:
    ((shown, copies),) = sources(client)
    assert {shown, *copies} == {FIRST, SECOND, ELSEWHERE}
    assert len(copies) == 2
    for copy in client.post("/v1/ask", json={"question": ASKED}).json()["passages"][0]["source"][
        "copies"
    ]:
        assert client.get(copy["link"]).status_code == 200


def test_a_question_to_one_collection_finds_the_source_there(client: TestClient) -> None:
    ((shown, _),) = sources(client, collections=["archive"])
    assert shown == ELSEWHERE


def test_who_may_read_one_collection_learns_of_no_copy_in_another(service: Service) -> None:
    snapshot = service.live.newest().within(frozenset({"archive"}))
    assert snapshot.view.copies([ELSEWHERE]) == {}
    outcome = service.answerer.answer(Question(ASKED), frozenset({"press"}))
    shown = output.answer(outcome)
    assert "press/deep/b.txt" in shown
    assert "archive" not in shown


def test_a_document_names_its_copies_in_every_way_in(client: TestClient) -> None:
    body = client.get(f"/v1/documents/{FIRST}").json()
    assert [(copy["collection"], copy["file"]) for copy in body["copies"]] == [
        ("archive", "a.txt"),
        ("press", "deep/b.txt"),
    ]
    for address in (f"/documents/{FIRST}", f"/?q={ASKED}"):
        page = client.get(address, params={"lang": "en", "q": ASKED}).text
        assert "The same file is also at:" in page
        assert f"/documents/{SECOND}?lang=en" in page


def test_removing_one_source_keeps_the_others(client: TestClient, service: Service) -> None:
    removed = document_id("archive", "a.txt")
    with Catalogue(service.settings.data) as catalogue:
        kept = catalogue._rows("SELECT collection FROM originals ORDER BY collection")
        assert list(kept) == [("archive",), ("press",)]  # in each collection once
    assert client.delete(f"/v1/documents/{removed}").status_code == 204
    ((shown, copies),) = sources(client)
    assert {shown, *copies} == {FIRST, SECOND}
    assert client.get(f"/v1/documents/{shown}/original").content == NOTE.encode()
