"""Another model is made beside the one that is searched, and goes on where it was cut off."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corpus.errors import ModelChangeRefused
from corpus.ingest import find_sources, ingest
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import State
from index import model_switch, writer
from index.encoders.protocol import ByToken, Encoder
from index.errors import ModelMismatch, ModelNotFound, ModelSwitched
from index.reader import IndexReader
from index.settings import ModelSettings
from index.snapshot_builder import load_snapshot, snapshot_of
from index.writer import WaitingTexts, encode_waiting
from tests.api.waiting import until
from tests.corpus.store.test_steps import copied, run_until
from tests.encoders import WordEncoder
from tests.index.test_writer import same

OLD, NEW = WordEncoder(), WordEncoder(revision="2")


@pytest.fixture(autouse=True)
def short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "TEXTS_PER_TRANSACTION", 4)
    monkeypatch.setattr(writer, "TEXTS_IN_SIGHT", 8)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        for name in ("a", "b", "c", "d"):
            put(opened, tmp_path, name)
        encode_waiting(opened, OLD)
        yield opened


def put(catalogue: Catalogue, folder: Path, name: str) -> None:
    (folder / f"{name}.txt").write_text(
        f"Die Brücke {name} ist gesperrt. Der Verkehr wird umgeleitet, sagt Herr {name}."
    )
    list(ingest(catalogue, find_sources([folder / f"{name}.txt"]), "press"))


def prepare(catalogue: Catalogue, encoder: Encoder = NEW) -> None:
    model_switch.prepare(catalogue, "bundled", "/models/2", encoder)


def test_killed_before_any_transaction_the_making_goes_on_where_it_stopped(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.close()
    kills, left = 0, []
    while run_until(copied(catalogue.folder, tmp_path / str(kills)), prepare, kills):
        folder = tmp_path / str(kills)
        assert len(load_snapshot(folder, OLD.identity)) == 4
        with Catalogue(folder) as restarted:
            rest = WordEncoder(revision="2")
            prepare(restarted, rest)
            left.append(len(rest.encoded))
            model_switch.switch(restarted, rest)
        assert len(load_snapshot(folder, NEW.identity)) == 4
        kills += 1
    assert left[0] == max(left) > 8
    assert left[-1] == 0


def test_taken_and_rolled_back_it_is_as_if_nothing_had_been(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    before = load_snapshot(catalogue.folder, OLD.identity)
    prepare(catalogue)
    model_switch.switch(catalogue, NEW)
    with pytest.raises(ModelSwitched):
        load_snapshot(catalogue.folder, OLD.identity)
    assert len(load_snapshot(catalogue.folder, NEW.identity)) == 4
    model_switch.switch(catalogue, OLD)
    assert same(load_snapshot(catalogue.folder, OLD.identity), before)
    change = catalogue.model_change()
    assert change is not None
    assert change.state is State.ROLLED_BACK


def test_what_came_meanwhile_is_encoded_before_a_model_is_taken(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    prepare(catalogue)
    put(catalogue, tmp_path, "e")
    encode_waiting(catalogue, OLD)
    put(catalogue, tmp_path, "f")  # waits for its vectors, which the old model is yet to make
    model_switch.switch(catalogue, NEW)
    assert len(load_snapshot(catalogue.folder, NEW.identity)) == 6


def test_who_encodes_with_the_old_model_stops_once_the_new_one_is_taken(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    prepare(catalogue)
    put(catalogue, tmp_path, "e")
    waiting = WaitingTexts(catalogue, OLD)
    model_switch.switch(catalogue, NEW)
    with pytest.raises(ModelSwitched, match="since a change of model"):
        waiting.encode_some("")
    encode_waiting(catalogue, NEW)
    assert len(load_snapshot(catalogue.folder, NEW.identity)) == 5


def test_who_encodes_with_the_old_model_does_not_keep_what_is_deleted_of_it(
    catalogue: Catalogue,
) -> None:
    prepare(catalogue)
    model_switch.switch(catalogue, NEW)
    catalogue.end_model_change()
    with pytest.raises(ModelSwitched):
        WaitingTexts(catalogue, OLD)
    catalogue.forget_replaced()
    of_each = "SELECT DISTINCT revision FROM vectors v JOIN models m ON m.id = v.model_id"
    with catalogue.view() as view:
        assert view.query(of_each) == [(NEW.identity.revision,)]


@pytest.mark.parametrize("remedy", ["", ModelSwitched.RESTART])
def test_only_what_does_not_follow_a_change_of_model_says_to_start_it_again(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture, remedy: str
) -> None:
    reader = IndexReader(catalogue.folder, OLD)
    prepare(catalogue)
    model_switch.switch(catalogue, NEW)
    reader.follow(remedy)
    until(lambda: reader.is_outdated)
    reader.close()
    (said,) = (each.getMessage() for each in caplog.records if each.levelname == "WARNING")
    assert "since a change of model" in said
    assert ("Start it again" in said) == bool(remedy)


class Interrupted(WordEncoder):
    """An encoder amid whose work another one's place is taken."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        with Catalogue(self._catalogue.folder) as other:
            model_switch.switch(other, NEW)
        return super().passages_by_token(texts)


def test_what_is_amid_encoding_when_the_new_one_is_taken_is_found_by_that(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    prepare(catalogue)
    put(catalogue, tmp_path, "e")
    encode_waiting(catalogue, Interrupted(catalogue))
    assert len(load_snapshot(catalogue.folder, NEW.identity)) == 5


def test_both_models_are_read_in_one_state_whatever_comes_meanwhile(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    prepare(catalogue)
    put(catalogue, tmp_path, "e")
    encode_waiting(catalogue, OLD)
    old, new = model_switch.views_of_both(catalogue, NEW)
    put(catalogue, tmp_path, "f")
    encode_waiting(catalogue, OLD)
    assert (len(snapshot_of(old)), len(snapshot_of(new))) == (5, 5)
    (vector,) = NEW.questions(["Die Brücke e ist gesperrt."])
    snapshot = snapshot_of(new)
    nearest = snapshot.search(vector, 1).found.ids.tolist()[0]
    assert "Brücke e" in snapshot.view.passages([nearest])[nearest].text
    assert catalogue.active_model() == old.active_model() != new.active_model()


def test_without_a_change_to_it_a_model_is_not_taken(catalogue: Catalogue) -> None:
    with pytest.raises(ModelChangeRefused, match="model show"):
        model_switch.switch(catalogue, NEW)


@pytest.mark.parametrize(
    "source", ["/models/none", "nobody/has-this-model", "x" * 300, "bundled:xyz"]
)
def test_only_a_model_on_this_machine_is_loaded_for_a_change(
    catalogue: Catalogue, source: str
) -> None:
    model_switch.prepare(catalogue, "bundled", source, NEW)
    change = catalogue.model_change()
    assert change is not None
    with pytest.raises(ModelNotFound):
        model_switch.load_changing(ModelSettings(data=catalogue.folder), change.other)


def test_a_folder_that_holds_another_model_by_now_is_not_taken_for_it(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    model_switch.prepare(catalogue, "bundled", os.fspath(tmp_path / "model"), NEW)
    change = catalogue.model_change()
    assert change is not None
    monkeypatch.setattr(ModelSettings, "load_encoder", lambda _: WordEncoder(revision="3"))
    with pytest.raises(ModelMismatch, match="model drop"):
        model_switch.load_changing(ModelSettings(data=catalogue.folder), change.other)
