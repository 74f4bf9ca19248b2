"""Another model takes the place of the one that answers, and nobody has to wait for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.settings import Settings
from api.switching import SwitchStatus, check_writing
from corpus.errors import ModelChangeRefused
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index.writer import encode_waiting
from tests.api.changing import (
    WordSettings,
    change,
    change_in,
    files,
    prepared,
    put,
)
from tests.api.clients import beside
from tests.api.waiting import until
from tests.encoders import WordEncoder


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Settings:
    return prepared(tmp_path, cache)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, follow=True) as opened:
        yield opened


@pytest.fixture
def client(service: Service) -> TestClient:
    return beside(service)


def answering(client: TestClient) -> str:
    """Return the revision of the model that answers."""
    served: Service = client.app.state.service  # type: ignore[attr-defined]
    return served.encoder.identity.revision


def test_the_model_that_another_process_takes_answers_while_questions_are_asked(
    client: TestClient, settings: Settings
) -> None:
    found: list[set[str]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            found.append(files(client))

    def follows(revision: str) -> None:
        before = len(found)
        change(settings)
        until(lambda: answering(client) == revision)
        until(lambda: len(found) > before + 2)
        assert client.get("/ready").json()["model"].startswith(f"words ({revision},")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for revision in ("model", "1", "model"):
            follows(revision)
    finally:
        stop.set()
        asking.join()
    assert found
    assert {frozenset(each) for each in found} == {frozenset({"a.txt", "b.txt", "c.txt"})}


def test_what_comes_before_and_after_is_found_with_the_model_that_answers(
    client: TestClient, service: Service, settings: Settings, tmp_path: Path
) -> None:
    with Catalogue.existing(settings.data) as catalogue:
        put(catalogue, tmp_path, "before.txt")
        service.worker.wake()
        until(lambda: "before.txt" in files(client))
        found = change_in(settings)
        assert found.lacking > 0
        service.switcher.switch(found.other)
        until(lambda: answering(client) == "model")
        assert service.switcher.status is SwitchStatus.NONE
        put(catalogue, tmp_path, "after.txt")
        service.worker.wake()
        until(lambda: "after.txt" in files(client))
    assert len(files(client)) == 5


def test_a_model_that_took_over_before_requests_are_served_answers_them(
    service: Service, settings: Settings
) -> None:
    change(settings)
    until(lambda: service.switcher.answering.encoder.identity.revision == "model")
    client = beside(service)
    until(lambda: answering(client) == "model")
    assert files(client) == {"a.txt", "b.txt", "c.txt"}


def test_what_is_deleted_while_a_model_takes_over_does_not_come_back(
    client: TestClient, service: Service, settings: Settings
) -> None:
    """The new model's state was read before it was deleted, and nobody has looked since."""
    shown: list[set[str]] = []

    def delete() -> None:
        assert client.delete(f"/v1/documents/{document_id('press', 'b.txt')}").status_code == 204
        shown.append(files(client))

    WordSettings.meanwhile.append(delete)
    service.switcher.listen(lambda _: shown.append(files(client)))
    change(settings)
    until(lambda: answering(client) == "model")
    until(lambda: len(shown) == 2)
    assert shown == [{"a.txt", "c.txt"}] * 2


def test_what_is_erased_after_a_model_took_over_is_overwritten(settings: Settings) -> None:
    with open_service(settings, follow=True) as service:
        client = beside(service)
        del service  # which keeps the model that answers now
        change(settings)
        until(lambda: answering(client) == "model")
        document = document_id("press", "b.txt")
        erased = client.delete(f"/v1/documents/{document}", params={"erase": True})
        assert erased.json()["overwritten"]
        assert files(client) == {"a.txt", "c.txt"}


@pytest.mark.parametrize("is_finished", [False, True])
def test_what_is_erased_while_the_model_that_was_taken_cannot_be_loaded_is_overwritten(
    client: TestClient, settings: Settings, tmp_path: Path, is_finished: bool
) -> None:
    (tmp_path / "model" / "words").unlink()
    with Catalogue.existing(settings.data) as catalogue:
        assert catalogue.switch_model(change_in(settings).other.model)
        if is_finished:
            catalogue.end_model_change()
        put(catalogue, tmp_path, "after.txt")
        encode_waiting(catalogue, WordEncoder(revision="model"))
    until(lambda: client.get("/ready").status_code == 503)
    document = document_id("press", "b.txt")
    erased = client.delete(f"/v1/documents/{document}", params={"erase": True})
    assert erased.json()["overwritten"]
    assert files(client) == {"a.txt", "c.txt"}
    listed = client.get("/v1/documents").json()["documents"]
    assert {each["file"] for each in listed} == {"a.txt", "c.txt"}
    if not is_finished:
        change(settings)
        until(lambda: files(client) == {"a.txt", "c.txt", "after.txt"})


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_answering_and_is_rolled_back(
    client: TestClient, service: Service, settings: Settings, tmp_path: Path
) -> None:
    change(settings)
    until(lambda: answering(client) == "model")
    change(settings)
    until(lambda: answering(client) == "1")
    (tmp_path / "model" / "words").rename(tmp_path / "words")
    with Catalogue.existing(settings.data) as catalogue:
        found = change_in(settings)
        service.switcher.switch(found.other)
        until(lambda: service.switcher.status is SwitchStatus.FAILED)
        assert client.get("/ready").status_code == 200
        assert catalogue.switch_model(found.other.model)  # by a process that had it in memory
    until(lambda: client.get("/ready").status_code == 503)
    assert len(files(client)) == 3
    change(settings)
    until(lambda: client.get("/ready").status_code == 200)
    assert answering(client) == "1"


def test_a_switch_that_failed_is_over_once_another_process_made_it(
    client: TestClient, service: Service, settings: Settings, tmp_path: Path
) -> None:
    words = tmp_path / "model" / "words"
    words.unlink()
    service.switcher.switch(change_in(settings).other)
    until(lambda: service.switcher.status is SwitchStatus.FAILED)
    words.touch()
    change(settings)
    until(lambda: answering(client) == "model")
    until(lambda: service.switcher.status is SwitchStatus.NONE)


def test_a_server_that_is_started_again_answers_with_the_model_that_was_taken(
    settings: Settings, tmp_path: Path
) -> None:
    change(settings)
    with open_service(settings) as started:
        assert started.encoder.identity.revision == "model"
    with open_service(settings.changed(model=str(tmp_path / "model"))) as started:
        assert started.encoder.identity.revision == "model"
    with Catalogue.existing(settings.data) as catalogue:
        catalogue.end_model_change()
        catalogue.forget_replaced()
    with open_service(settings) as started:
        assert files(beside(started)) == {"a.txt", "b.txt", "c.txt"}


def test_where_what_is_written_cannot_be_checked_with_a_model_it_is_not_taken(
    settings: Settings,
) -> None:
    found = change_in(settings)
    check_writing(settings, found.other.model)
    writing = settings.changed(llm_url="http://127.0.0.1:9/v1", llm_model="m")
    with pytest.raises(ModelChangeRefused, match="PASSERELLE_LLM_URL"):
        check_writing(writing, found.other.model)
