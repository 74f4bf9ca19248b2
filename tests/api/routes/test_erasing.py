"""Erasing over HTTP and from the page: no byte is left, and the backups that have it are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.audit import chain
from api.auth.keys import Scope
from api.jobs import uploads
from api.service import Service, open_service
from api.settings import Settings
from corpus.store.backup import backup, export
from corpus.types import document_id
from tests.api.clients import afar
from tests.api.problems import problem
from tests.api.waiting import until

WORD, NAME = "qxjvwkzalpha", "kxqjzvwdelta"
"""Of a text and of a file's name: nobody else's words."""


class People(NamedTuple):
    service: Service
    app: FastAPI
    owner: TestClient
    press: TestClient
    """May read and write one collection."""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("erasing")
    with open_service(Settings(data=folder / "data", cache=cache), follow=True) as service:
        app = create_app(service)
        both = [Scope.READ, Scope.WRITE]
        _, all_of_it = service.keys.add("owner", both)
        _, some_of_it = service.keys.add("press", both, ["press"])
        yield People(service, app, afar(app, all_of_it), afar(app, some_of_it))


@pytest.fixture(autouse=True)
def without_a_rest(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "REST_FACTOR", 0)


def put(client: TestClient, collection: str, name: str) -> str:
    files = [("files", (name, f"Le bureau a reçu la lettre de {WORD} lundi.".encode()))]
    sent = client.post("/v1/documents", files=files, data={"collection": collection})
    job = sent.json()["link"]
    until(lambda: client.get(job).json()["state"] == "done")
    return document_id(collection, name)


def files_with(folder: Path, *wanted: str) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.name
        for path in files
        if any(each.encode() in path.read_bytes().lower() for each in wanted)
    }


def test_what_is_erased_is_in_no_byte_but_for_its_id_in_the_audit_log_and_copies_are_named(
    people: People, tmp_path: Path
) -> None:
    data = people.service.settings.data
    document = put(people.press, "press", f"{NAME}.txt")
    backup(data, tmp_path / "monday")
    export(data, tmp_path / "tuesday.zip")
    export(data, tmp_path / "wednesday.zip")
    (tmp_path / "wednesday.zip").unlink()
    (tmp_path / "thursday.zip").write_bytes(b"no archive")
    assert files_with(data, WORD, NAME, document)

    erased = people.press.delete(f"/v1/documents/{document}", params={"erase": True})
    assert erased.status_code == 200
    assert erased.json() == {
        "document": document,
        "overwritten": True,
        "copies": [],
        "backups": [
            {"name": "monday", "state": "holds"},
            {"name": "tuesday.zip", "state": "holds"},
            {"name": "wednesday.zip", "state": "missing"},
        ],
    }
    assert str(tmp_path) not in erased.text
    assert files_with(data, WORD, NAME) == set()
    assert files_with(data, document) == {path.name for path in chain.files_in(data)}
    assert people.press.get(f"/v1/documents/{document}").status_code == 404


def test_who_may_not_write_there_erases_nothing_and_learns_nothing(people: People) -> None:
    secret = put(people.owner, "secret", "a.txt")
    own = put(people.press, "press", "a.txt")
    for document in (secret, f"d-{'0' * 32}"):
        refused = people.press.delete(f"/v1/documents/{document}", params={"erase": True})
        assert problem(refused, 404)["type"] == "/problems/unknown-document"
    assert people.owner.get(f"/v1/documents/{secret}").status_code == 200
    erased = people.press.delete(f"/v1/documents/{own}", params={"erase": True}).json()
    assert erased["copies"] == []
    again = put(people.owner, "press", "a.txt")
    erased = people.owner.delete(f"/v1/documents/{again}", params={"erase": True}).json()
    assert [each["document"] for each in erased["copies"]] == [secret]


def test_after_one_that_took_long_the_next_has_to_wait_and_removes_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (put(people.owner, "press", f"{number}.txt") for number in range(2))
    monkeypatch.setattr(uploads, "REST_FACTOR", 10**6)
    assert people.owner.delete(f"/v1/documents/{first}?erase=true").status_code == 200
    monkeypatch.setattr(uploads, "REST_FACTOR", 0)
    refused = people.owner.delete(f"/v1/documents/{second}?erase=true")
    assert problem(refused, 429)["type"] == "/problems/too-many-erasures"
    assert int(refused.headers["retry-after"]) > 1
    assert people.owner.get(f"/v1/documents/{second}").status_code == 200
    people.service.uploads._may_erase_at = 0.0
    assert people.owner.delete(f"/v1/documents/{second}?erase=true").status_code == 200


def test_the_page_offers_to_erase_and_says_in_the_readers_language_what_still_has_it(
    people: People, tmp_path: Path
) -> None:
    document = put(people.owner, "press", "page.txt")
    backup(people.service.settings.data, tmp_path / "freitag <b>")
    listed = people.owner.get("/documents?lang=de").text
    assert 'type="checkbox" name="erase"' in listed
    page = people.owner.post(f"/documents/{document}/remove?lang=de", data={"erase": "yes"})
    assert page.status_code == 200
    assert "Das Dokument wurde ohne Rest gelöscht." in page.text
    assert "freitag &lt;b&gt;" in page.text
    assert people.owner.get(f"/v1/documents/{document}").status_code == 404
