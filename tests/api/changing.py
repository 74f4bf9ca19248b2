"""A collection beside whose model another one is prepared, by models that are quick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

from starlette.testclient import TestClient

from api.settings import Settings
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import ModelChange, ModelFigures
from index import model_switch
from index.encoders.protocol import ByToken, Encoder
from index.errors import ModelNotFound
from index.writer import encode_waiting
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


def prepared(folder: Path, cache: Path) -> Settings:
    """Return settings of a collection of three documents, beside whose model another is ready."""
    chosen = WordSettings(data=folder / "data", cache=cache)
    model = folder / "model"
    model.mkdir()
    (model / "words").touch()
    with Catalogue(chosen.data) as catalogue:
        for name in ("a.txt", "b.txt", "c.txt"):
            put(catalogue, folder, name)
        encode_waiting(catalogue, chosen.load_encoder())
        beside = chosen.changed(model=str(model)).load_encoder()
        model_switch.prepare(catalogue, "bundled", str(model), beside)
    return chosen


def change_in(settings: Settings) -> ModelChange:
    """Return the change that is under way."""
    with Catalogue.existing(settings.data) as catalogue:
        found = catalogue.model_change()
    assert found is not None
    return found


def put(catalogue: Catalogue, folder: Path, name: str) -> None:
    (folder / name).write_text(f"Le tram de nuit passe par le pont rouge, dit la note {name}.")
    list(ingest(catalogue, find_sources([folder / name]), "press"))


def change(settings: Settings) -> None:
    """Have another process search with the model that is not."""
    with Catalogue.existing(settings.data) as catalogue:
        found = catalogue.model_change()
        assert found is not None
        model_switch.switch(catalogue, model_switch.load_changing(settings, found.other))


def files(client: TestClient) -> set[str]:
    """Return the files that a question finds."""
    answer = client.post("/v1/ask", json={"question": QUESTION})
    assert answer.status_code == 200, answer.text
    return {passage["source"]["file"] for passage in answer.json()["passages"]}


def measured_beside(catalogue: Catalogue) -> None:
    """Have a change under way to a model that was measured, and has no vector yet."""
    former = catalogue.active_model()
    assert former is not None
    candidate = catalogue.register_model("another-model", "1", "another")
    catalogue.begin_model_change("bundled", candidate, "/models/another")
    figures = ModelFigures("own.jsonl", date(2026, 11, 29), 1200, 800, 1000, 7, 40, 38)
    catalogue.note_figures({former: figures, candidate: figures._replace(first=811)})
