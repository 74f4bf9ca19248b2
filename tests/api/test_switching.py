"""Another model takes the place of the one that answers, and nobody has to wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from starlette.testclient import TestClient

from api.service import Service, open_service
from api.settings import Settings
from api.switching import Step, check_writing
from corpus.errors import ModelChangeRefused
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.types import document_id
from index import model_switch
from index.encoders.protocol import ByToken, Encoder
from index.errors import ModelNotFound
from index.writer import encode_waiting
from tests.api.clients import beside
from tests.api.waiting import until
from tests.encoders import WordEncoder

QUESTION = "Où passe le tram de nuit ?"


class Eventful(WordEncoder):
    """An encoder during whose first question something else happens."""

    def questions_by_token(self, texts: Sequence[str]) -> ByToken:
        steps, WordSettings.meanwhile[:] = WordSettings.meanwhile[:], []
        for step in steps:
            step()
        return super().questions_by_token(texts)


class WordSettings(Settings):
    """Settings whose models are quick; a folder is one that knows as many words."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def load_encoder(self) -> Encoder:
        """Return the model of that name or folder."""
        if self.model == "bundled":
            return WordEncoder()
        if not (Path(self.model) / "words").is_file():
            raise ModelNotFound(f"There is no model in {self.model}.")
        return Eventful(revision=Path(self.model).name)


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Settings:
    """Settings of a collection of three documents, beside whose model another one is prepared."""
    chosen = WordSettings(data=tmp_path / "data", cache=cache)
    folder = other_model(tmp_path)
    with Catalogue(chosen.data) as catalogue:
        for name in ("a.txt", "b.txt", "c.txt"):
            put(catalogue, tmp_path, name)
        encode_waiting(catalogue, chosen.load_encoder())
        beside = chosen.changed(model=str(folder)).load_encoder()
        model_switch.prepare(catalogue, "bundled", str(folder), beside)
    return chosen


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, follow=True) as opened:
        yield opened


@pytest.fixture
def client(service: Service) -> TestClient:
    return beside(service)


def other_model(folder: Path) -> Path:
    model = folder / "model"
    model.mkdir()
    (model / "words").touch()
    return model


def put(catalogue: Catalogue, folder: Path, name: str) -> None:
    (folder / name).write_text(f"Le tram de nuit passe par le pont rouge, dit la note {name}.")
    list(ingest(catalogue, find_sources([folder / name]), "press"))


def change(settings: Settings) -> None:
    """Have another process search with the model that is not."""
    with Catalogue.existing(settings.data) as catalogue:
        found = catalogue.model_change()
        assert found is not None
        model_switch.switch(catalogue, model_switch.load_changing(settings, found.other))


def answering(client: TestClient) -> str:
    """Return the revision of the model that answers."""
    served: Service = client.app.state.service  # type: ignore[attr-defined]
    return served.encoder.identity.revision


def files(client: TestClient) -> set[str]:
    """Return the files that a question finds."""
    answer = client.post("/v1/ask", json={"question": QUESTION})
    assert answer.status_code == 200, answer.text
    return {passage["source"]["file"] for passage in answer.json()["passages"]}


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
        found = catalogue.model_change()
        assert found is not None
        assert found.lacking > 0
        service.switcher.switch(found.other)
        until(lambda: answering(client) == "model")
        assert service.switcher.step is Step.NONE
        put(catalogue, tmp_path, "after.txt")
        service.worker.wake()
        until(lambda: "after.txt" in files(client))
    assert len(files(client)) == 5


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


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_answering_and_is_rolled_back(
    client: TestClient, service: Service, settings: Settings, tmp_path: Path
) -> None:
    change(settings)
    until(lambda: answering(client) == "model")
    change(settings)
    until(lambda: answering(client) == "1")
    (tmp_path / "model" / "words").rename(tmp_path / "words")
    with Catalogue.existing(settings.data) as catalogue:
        found = catalogue.model_change()
        assert found is not None
        service.switcher.switch(found.other)
        until(lambda: service.switcher.step is Step.FAILED)
        assert client.get("/ready").status_code == 200
        assert catalogue.switch_model(found.other.model)  # by a process that had it in memory
    until(lambda: client.get("/ready").status_code == 503)
    assert len(files(client)) == 3
    change(settings)
    until(lambda: client.get("/ready").status_code == 200)
    assert answering(client) == "1"


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
        assert len(beside(started).post("/v1/ask", json={"question": QUESTION}).json()) > 0


def test_where_what_is_written_cannot_be_checked_with_a_model_it_is_not_taken(
    settings: Settings,
) -> None:
    with Catalogue.existing(settings.data) as catalogue:
        found = catalogue.model_change()
    assert found is not None
    check_writing(settings, found.other.model)
    writing = settings.changed(llm_url="http://127.0.0.1:9/v1", llm_model="m")
    with pytest.raises(ModelChangeRefused, match="PASSERELLE_LLM_URL"):
        check_writing(writing, found.other.model)
