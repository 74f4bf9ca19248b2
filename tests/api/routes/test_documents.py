from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.contract.responses import DocumentsOut, DocumentWithCopiesOut, LanguagesOut
from api.service import open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.api.clients import beside
from tests.api.conftest import TEXTS
from tests.api.problems import fields, problem


def listed(client: TestClient, query: str = "") -> dict[str, Any]:
    response = client.get(f"/v1/documents{query}")
    assert response.status_code == 200, response.text
    DocumentsOut.model_validate(response.json())
    body: dict[str, Any] = response.json()
    return body


def files(client: TestClient, query: str) -> set[str]:
    return {document["file"] for document in listed(client, query)["documents"]}


def test_all_documents_are_listed_by_collection_and_file(client: TestClient) -> None:
    body = listed(client)
    names = [(document["collection"], document["file"]) for document in body["documents"]]
    assert (body["total"], body["offset"], body["limit"]) == (len(TEXTS), 0, 50)
    assert names == sorted(names)
    assert len(names) == len(TEXTS)


def test_pages_put_together_are_the_whole_list(client: TestClient) -> None:
    whole = listed(client)["documents"]
    pages = [listed(client, f"?limit=2&offset={offset}") for offset in range(0, len(whole), 2)]
    assert [document for page in pages for document in page["documents"]] == whole
    assert all(page["total"] == len(whole) for page in pages)


def test_an_offset_beyond_the_last_document_is_an_empty_page(client: TestClient) -> None:
    assert listed(client, "?offset=2147483647")["documents"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?language=fr&language=NL", {"traite.txt", "fietsen.txt"}),
        ("?collection=odd", {"<b>.txt"}),
        ("?published_from=2019-11-14&published_to=2020-02-05", {"patrullen.txt", "hochwasser.txt"}),
        ("?q=HOCHWASSER", {"hochwasser.txt"}),
        ("?q=night train", {"train.txt"}),
        ("?q=%25", set()),
        ("?language=xx", set()),
        ("?q=%00", set()),
    ],
)
def test_filters_narrow_the_list(client: TestClient, query: str, found: set[str]) -> None:
    assert files(client, query) == found


def test_an_empty_search_does_not_narrow(client: TestClient) -> None:
    assert listed(client, "?q=")["total"] == len(TEXTS)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=many", "limit"),
        ("?offset=-1", "offset"),
        (f"?offset={10**30}", "offset"),
        ("?published_from=20190101", "published_from"),
        ("?published_from=2020-01-02&published_to=2020-01-01", "published_to"),
        ("?langauge=fr", "langauge"),
        (f"?q={'a' * 201}", "q"),
    ],
)
def test_a_bad_parameter_is_a_problem_with_its_name(
    client: TestClient, query: str, field: str
) -> None:
    assert fields(problem(client.get(f"/v1/documents{query}"), 422)) == [field]


def test_a_document_is_shown_as_in_the_list(client: TestClient) -> None:
    for document in listed(client)["documents"]:
        shown = client.get(f"/v1/documents/{document['id']}").json()
        DocumentWithCopiesOut.model_validate(shown)
        facts = shown.pop("facts")
        assert {name: fact["value"] for name, fact in facts.items()} == {
            name: document[name] for name in facts
        }
        beside: dict[str, list[object]] = {
            "copies": [],
            "translations": [],
            "left_out": [],
            "recognised": [],
        }
        assert shown == {**document, **beside}
        assert shown["link"] == f"/documents/{document['id']}"


def test_the_cleaned_text_is_plain_text_in_utf_8(client: TestClient, ids: dict[str, str]) -> None:
    response = client.get(f"/v1/documents/{ids['patrullen.txt']}/text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Gemëscht Patrullen op der Musel")


def test_languages_are_counted(client: TestClient) -> None:
    body = client.get("/v1/languages").json()
    LanguagesOut.model_validate(body)
    counts = {each["language"]: each for each in body["languages"]}
    assert {"fr", "nl", "de", "en", "lb"} <= set(counts)
    assert counts["fr"] == {"language": "fr", "documents": 1, "passages": 1}


def test_a_file_replaced_or_removed_a_moment_ago_is_the_new_one_or_none(
    tmp_path: Path, cache: Path, encoder: Encoder
) -> None:
    data, file = tmp_path / "data", tmp_path / "files" / "note.txt"
    file.parent.mkdir()
    with Catalogue(data) as catalogue:

        def write(text: str) -> None:
            file.write_text(text, "utf-8")
            assert list(ingest(catalogue, find_sources([file]), "press"))
            encode_waiting(catalogue, encoder)

        write(TEXTS["de/hochwasser.txt"])
        # It follows nothing by itself, so it is always a moment behind.
        with open_service(Settings(data=data, cache=cache)) as service:
            client = beside(service)
            (document,) = listed(client)["documents"]
            path = f"/v1/documents/{document['id']}/original"
            write(TEXTS["fr/traite.txt"])
            assert client.get(path).text == TEXTS["fr/traite.txt"]
            catalogue.remove(document["id"])
            assert problem(client.get(path), 404)["type"] == "/problems/unknown-document"
