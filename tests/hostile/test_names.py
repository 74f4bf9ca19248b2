"""No name on any route leads out of the data folder, and none makes the server fail."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.settings import Settings
from corpus.errors import PasserelleError
from corpus.ingest import UPLOADED, Source
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job
from corpus.types import document_id
from corpus.uploads import take_in_next
from tests.api.auth.test_middleware import EXPECTED
from tests.api.clients import beside
from tests.hostile.names import hostile_names

SECRET = "Die Waldhexe isst Preiselbeeren."
NOTE = b"Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"
METHODS = ("get", "head", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    for name in ("etc", "cwd", "data"):
        (place / name).mkdir()
    (place / "etc" / "secret.txt").write_text(SECRET, "utf-8")
    return place


@pytest.fixture(scope="module")
def service(place: Path, cache: Path) -> Iterator[Service]:
    settings = Settings(data=place / "data", cache=cache)
    Catalogue(settings.data).close()
    with open_service(settings) as service:  # what it accepts, the test takes in
        yield service


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with beside(service) as client:  # one event loop for thousands of requests
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="module")
def names(place: Path) -> list[str]:
    found = hostile_names(str(place / "etc" / "secret.txt"))
    assert len(set(found)) == 200
    return found


def everything_outside(place: Path) -> dict[str, tuple[int, int]]:
    """Return the files that a name could lead to, with their size and time of change."""
    roots = [place / "etc", place / "cwd", place.parent, Path("/"), Path("/etc"), Path("/root")]
    found = [path for root in roots for path in root.iterdir()]
    found += list((place / "cwd").rglob("*"))
    ours = {place / "data", place}
    kept = [path for path in found if path not in ours and path.is_file()]
    names = {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in kept}
    return names | {str(path): (0, 0) for path in found if path not in ours}


@pytest.fixture(autouse=True)
def untouched(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file system outside the data folder is after each test as it was before."""
    monkeypatch.chdir(place / "cwd")
    before = everything_outside(place)
    yield
    assert everything_outside(place) == before
    assert {path.name for path in (place / "data").rglob("*")} <= {
        "catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm", "feedback.sqlite",
        "feedback.sqlite-wal", "feedback.sqlite-shm", "server.lock", "keys.sqlite",
        "keys.sqlite-wal", "keys.sqlite-shm", "reserve", "writing.lock", "audit.head",
        "audit-000000000001.log", "questions.db", "questions.db-journal",
    }  # fmt: skip


def harmless(response: Any) -> None:
    assert response.status_code < 500, response.text[:300]
    assert SECRET not in response.text
    assert "root:x:0" not in response.text
    assert "Traceback" not in response.text
    for name, value in response.headers.items():
        assert "\n" not in value
        assert name.lower() != "set-cookie" or not value.startswith("a=")


def test_no_name_in_an_address_leads_anywhere(client: TestClient, names: list[str]) -> None:
    # A route that is not among them makes the test of access fail.
    with_names = [(method, path) for method, path in EXPECTED if "{" in path]
    assert len(with_names) >= 8
    with_names.append(("GET", "/static/{path}"))
    for method, path in with_names:
        head, _, tail = path.partition("{")
        rest = tail.partition("}")[2]
        for name in names[:: 1 if method == "GET" else 10]:
            harmless(client.request(method, f"{head}{quote(name, safe='')}{rest}"))
        for name in names[::4]:  # as a careless client would write it
            written = quote(name, safe="/\\.%")
            harmless(client.request(method, f"{head}{written}{rest}"))


def test_no_name_in_a_query_or_body_leads_anywhere(client: TestClient, names: list[str]) -> None:
    app: Any = client.app
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if method not in METHODS or "{" in path:
                continue
            fields = [
                each["name"] for each in operation.get("parameters", []) if each["in"] == "query"
            ]
            for field in fields:
                for name in names[::4]:
                    harmless(client.request(method.upper(), path, params={field: name}))
            body = operation.get("requestBody", {}).get("content", {})
            if "application/json" in body:
                for name in names[::10]:
                    for sent in (
                        {"question": "Wer isst?", "collections": [name], "languages": [name]},
                        {"document": name, "link": name, "passage": name, "question": "Wer?"},
                    ):
                        harmless(client.request(method.upper(), path, json=sent))
    for name in names[::4]:
        for page in ("/", "/documents", "/docs", "/llms.txt"):
            asked = dict.fromkeys(("text", "file", "collection", "language", "lang", "mark"), name)
            harmless(client.get(page, params=asked))


def test_no_name_of_a_file_that_is_sent_leads_anywhere(
    client: TestClient, service: Service, names: list[str], place: Path
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "_") + ".txt"), NOTE)
    # A header of a part may have 4 KiB; a longer one is refused with the whole request.
    sent = [("files", (f"{name}.txt", NOTE)) for name in names if len(name) < 1_000]
    batches = [sent, [("files", ("all.zip", packed.getvalue()))]]
    with Catalogue.existing(service.settings.data) as catalogue:
        for collection, batch in zip(("sent", "packed"), batches, strict=True):
            response = client.post("/v1/documents", files=batch, data={"collection": collection})
            harmless(response)
            assert response.status_code == 202
            taken_in(catalogue, response.json()["id"])
            replaced = [file for _, file in catalogue.files(collection, str(UPLOADED))][:40:4]
            for file in replaced:
                document = document_id(collection, file)
                put = client.put(f"/v1/documents/{document}", files={"file": (file, NOTE + b"!")})
                harmless(put)
        for name in names[::10]:
            harmless(
                client.post(
                    "/v1/documents", files=[("files", ("a.txt", NOTE))], data={"collection": name}
                )
            )
        by_form = client.post("/documents", files=sent[::4], data={"collection": "by form"})
        harmless(by_form)
        assert by_form.status_code == 303
        taken_in(catalogue, by_form.headers["location"].partition("?")[0].rpartition("/")[2])
        document = document_id("sent", replaced_name(catalogue))
        for _, (name, _content) in sent[::4]:
            harmless(client.put(f"/v1/documents/{document}", files={"file": (name, NOTE)}))
        collections = ("sent", "packed", "by form")
        for _document, file in (
            each for name in collections for each in catalogue.files(name, str(UPLOADED))
        ):
            source = Source(place / "data", file)
            assert ".." not in file.split("/")
            assert not os.path.isabs(file)  # noqa: PTH117
            assert (place / "data") in [source.path, *source.path.parents]


def replaced_name(catalogue: Catalogue) -> str:
    return next(file for _, file in catalogue.files("sent", str(UPLOADED)))


def taken_in(catalogue: Catalogue, job_id: str) -> Job:
    job = catalogue.jobs.get(job_id)
    assert job
    while take_in_next(catalogue, job):
        pass
    for file in catalogue.jobs.files(job):
        assert file.outcome is not None
        assert file.outcome != "refused" or file.reason
    return job


def test_no_name_on_the_command_line_leads_anywhere(names: list[str], place: Path) -> None:
    from corpus.ingest import find_sources, ingest

    with Catalogue(place / "data") as catalogue:
        folder = place / "cwd"
        for name in names:
            try:
                sources = find_sources([folder / name.replace("\0", "_").lstrip("/")])
                inside = [each for each in sources if "secret" not in each.file]
                list(ingest(catalogue, inside[:1], "named"))
            except (PasserelleError, OSError):
                continue
