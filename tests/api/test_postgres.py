"""The service and the commands over a database: what they do, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.cli.main import main
from api.service import open_service
from api.settings import Settings
from tests.api.clients import beside
from tests.api.waiting import until

QUESTION = "Combien de camions en surcharge sur la E34 ?"


@pytest.fixture(scope="module")
def settings(
    sample_address: str, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    data = tmp_path_factory.mktemp("postgres") / "data"
    return Settings(data=data, cache=cache, database=SecretStr(sample_address))


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with open_service(settings, follow=True) as service:
        yield beside(service)
    settings.store.close()  # type: ignore[attr-defined] # it is PostgreSQL's


def run(settings: Settings, *words: str) -> Result:
    assert settings.database is not None
    environment = {
        "PASSERELLE_DATABASE": settings.database.get_secret_value(),
        "PASSERELLE_DATA": str(settings.data),
        "PASSERELLE_CACHE": str(settings.cache),
    }
    return CliRunner().invoke(main, words, env=environment)


def test_a_question_is_answered_and_leads_to_its_document(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert body["answered"]
    source = body["passages"][0]["source"]
    assert source["file"] == "nl/vrachtwagens-gewogen.html"
    for path in (source["link"], f"/v1/documents/{source['document']}/text", "/", "/documents"):
        assert client.get(path).status_code == 200
    assert "data-ask" in client.get("/").text
    assert client.get("/ready").json()["passages"] > 50
    assert "passerelle_documents 3" in client.get("/metrics").text


def test_an_upload_is_found_corrected_moved_rated_and_deleted(client: TestClient) -> None:
    text = "Zirkon\n\nEchternach, 5. Februar 2020 – Das Werk liefert ab Montag 4711 Tonnen Zirkon."
    sent = client.post(
        "/v1/documents", files={"files": ("zirkon.txt", text)}, data={"collection": "press"}
    )
    job = sent.json()["link"]
    until(lambda: client.get(job).json()["state"] == "done")
    question = {"question": "Wie viele Tonnen Zirkon liefert das Werk?", "collections": ["press"]}
    passage = client.post("/v1/ask", json=question).json()["passages"][0]
    document = f"/v1/documents/{passage['source']['document']}"
    assert client.get(f"{document}/original").text == text
    changed = client.patch(document, json={"title": "Zirkonium", "collection": "notes"})
    assert (changed.json()["title"], changed.json()["collection"]) == ("Zirkonium", "notes")
    rating = {
        "question": "Zirkon?",
        "document": passage["source"]["document"],
        "start": "0",
        "end": "20",
        "verdict": "helpful",
    }
    assert client.post("/feedback", data=rating).status_code < 400
    assert client.delete(f"{document}?erase=true").status_code >= 400
    assert client.delete(document).status_code == 204
    assert client.get(document).status_code == 404
    assert client.post("/v1/ask", json=question).json()["passages"] == []


def test_the_commands_see_the_same_collection(
    settings: Settings, client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "chrom.txt").write_text("Chrom\n\nTrier, 1. März 2021 – Das Chrom ist da.", "utf-8")
    found = run(settings, "ingest", str(tmp_path / "chrom.txt"), "--collection", "press")
    assert (found.exit_code, "added" in found.output) == (0, True), found.output
    listed = run(settings, "documents", "list").output
    line = next(line for line in listed.splitlines() if "chrom.txt" in line)
    assert "chrom.txt" in client.get("/documents?text=chrom").text
    assert run(settings, "documents", "remove", line.split()[0]).exit_code == 0
    assert "chrom.txt" not in run(settings, "documents", "list").output
    asked = run(settings, "ask", QUESTION)
    assert (asked.exit_code, "vrachtwagens" in asked.output) == (0, True), asked.output


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("backup", "copy"), "Use pg_dump there"),
        (("export", "copy.zip"), "Use pg_dump there"),
        (("import", "copy.zip"), "Unset it"),
        (("documents", "remove", "--erase", "d-x"), "Remove the document"),
        (("model", "prepare", "bundled:plain"), "passerelle reindex"),
    ],
)
def test_what_works_on_files_is_refused_at_once(
    settings: Settings, words: tuple[str, ...], remedy: str
) -> None:
    refused = run(settings, *words)
    assert refused.exit_code == 1
    assert "works on a collection in files, and this one is in PostgreSQL" in refused.output
    assert remedy in refused.output
    assert not Path("copy").exists()


def test_another_model_is_refused(settings: Settings, small_model: Path) -> None:
    refused = run(settings, "ask", "x?", "--model", str(small_model))
    assert (refused.exit_code, "reindex" in refused.output) == (1, True), refused.output


def test_an_address_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="write it as postgresql://"):
        Settings(database=SecretStr("mysql://localhost/x"))
