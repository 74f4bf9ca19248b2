from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import open_service
from api.settings import Settings
from corpus.errors import CatalogueError
from corpus.store.sqlite import FILE_NAME
from tests.api.clients import beside
from tests.api.problems import problem


def test_the_service_says_it_is_alive(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_the_service_says_what_it_answers_from(client: TestClient) -> None:
    body = client.get("/ready").json()
    assert body["status"] == "ready"
    assert body["generation"] > 0
    assert body["passages"] >= 6
    assert "e5-small" in body["model"]


def test_an_empty_collection_is_made_and_answers_nothing(tmp_path: Path, cache: Path) -> None:
    settings = Settings(data=tmp_path / "new" / "data", cache=cache)
    with open_service(settings, follow=True) as service:
        client = beside(service)
        assert client.get("/ready").json()["passages"] == 0
        body = client.post("/v1/ask", json={"question": "Where?"}).json()
        assert (body["answered"], body["passages"]) == (False, [])
        assert "does not hold any documents yet" in client.get("/?q=Where").text


def test_a_collection_that_is_lost_is_a_problem_without_its_path(
    tmp_path: Path, cache: Path
) -> None:
    settings = Settings(data=tmp_path / "data", cache=cache)
    with open_service(settings, follow=True) as service:
        client = beside(service)
        for file in settings.data.iterdir():
            file.unlink()
        service.live.refresh()
        response = client.get("/ready")
        assert problem(response, 503)["type"] == "/problems/not-ready"
        assert str(tmp_path) not in response.text


def test_an_unusable_catalogue_stops_the_start(tmp_path: Path, cache: Path) -> None:
    (tmp_path / FILE_NAME).write_text("This is no catalogue, but some other file of a fair length.")
    settings = Settings(data=tmp_path, cache=cache)
    with pytest.raises(CatalogueError), open_service(settings, follow=True):
        pass


def test_a_start_removes_what_a_copy_that_was_killed_left(tmp_path: Path, cache: Path) -> None:
    left = tmp_path / ".data.4711.unfinished"
    left.mkdir()
    (left / FILE_NAME).write_bytes(b"all that is in the collection")
    with open_service(Settings(data=tmp_path / "data", cache=cache), follow=True):
        assert not left.exists()
