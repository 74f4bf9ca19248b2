"""Addresses with an id of 64 bits, from before schema 9, lead to the document they always meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from api import feedback
from api.cli.main import main
from api.service import open_service
from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import SHORT_ID_CHARACTERS, document_id
from index.encoders.protocol import Encoder
from index.writer import encode_waiting
from tests.api.clients import beside

NOTE = "Patrouilles mixtes\n\nLes deux polices patrouillent ensemble le long de la Moselle.\n"
LONG = document_id("press", "a.txt")
OLD = LONG[:SHORT_ID_CHARACTERS]


@pytest.fixture
def data(tmp_path: Path, encoder: Encoder) -> Path:
    (tmp_path / "a.txt").write_text(NOTE)
    with Catalogue(tmp_path / "data") as catalogue:
        list(ingest(catalogue, find_sources([tmp_path / "a.txt"]), "press"))
        encode_waiting(catalogue, encoder)
    return tmp_path / "data"


@pytest.fixture
def client(data: Path, cache: Path) -> Iterator[TestClient]:
    with open_service(Settings(data=data, cache=cache), follow=True) as service:
        yield beside(service)


def test_it_is_shown_read_rated_replaced_and_deleted_by_its_old_id(
    client: TestClient, data: Path
) -> None:
    assert client.get(f"/v1/documents/{OLD}").json()["id"] == LONG
    assert "Moselle" in client.get(f"/v1/documents/{OLD}/text").text
    assert client.get(f"/v1/documents/{OLD}/original").content == NOTE.encode()
    page = client.get(f"/documents/{OLD}", params={"mark": "20-30"})
    assert (page.status_code, "Moselle" in page.text) == (200, True)
    rating = {"question": "Qui ?", "document": OLD, "start": "0", "end": "9", "verdict": "helpful"}
    assert client.post("/feedback", data=rating).status_code == 200
    assert [verdict.document for _, verdict in feedback.kept(data)] == [LONG]
    replaced = client.put(f"/v1/documents/{OLD}", files={"file": ("a.txt", f"{NOTE}Fin.".encode())})
    assert replaced.status_code == 202
    assert client.delete(f"/v1/documents/{OLD}").status_code == 204
    assert client.get(f"/v1/documents/{OLD}").status_code == 404
    assert client.get(f"/v1/documents/{LONG}").status_code == 404


def test_the_command_line_takes_it_too(data: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["documents", *arguments, "--data", str(data)])
        assert done.exit_code == 0, done.output
        return done.output

    assert "Moselle" in run("show", OLD)
    assert f"erased {LONG}" in run("remove", "--erase", OLD)
