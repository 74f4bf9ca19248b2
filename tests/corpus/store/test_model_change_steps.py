"""Two models beside one another: one is searched, with all of its vectors, whatever is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import ModelChangeRefused
from corpus.store import steps
from corpus.store.backup import backup, export, import_archive
from corpus.store.catalogue import Catalogue
from corpus.store.model_change import ModelFigures, State
from corpus.types import StoredModel
from tests.corpus.store.test_catalogue import make
from tests.corpus.store.test_replaced_models import ROWS, TEXTS, encode, model, vectors
from tests.corpus.store.test_steps import copied, run_until

KILLS = 4
"""Of each step; tests of replaced models go on from there."""

FIGURES = ModelFigures("own.jsonl", date(2026, 11, 29), 8, 5, 7, 1, 4, 3)


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROWS_PER_STEP", ROWS)
    monkeypatch.setattr(steps, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A collection that is searched with a first model; a second one is made beside it."""
    with Catalogue(tmp_path / "data") as opened:
        opened.put(*make("a.txt", *(f"Phrase {number}." for number in range(TEXTS))), 1)
        opened.adopt_model(model(opened, "first"))
        encode(opened, model(opened, "first"))
        opened.publish()
        begin(opened)
        encode(opened, model(opened, "second"))
        yield opened


def begin(catalogue: Catalogue, name: str = "second") -> None:
    catalogue.begin_model_change("bundled", model(catalogue, name), f"/models/{name}")


def searched(catalogue: Catalogue) -> str:
    active = catalogue.active_model()
    assert active is not None
    return active.name


def state(catalogue: Catalogue) -> State | None:
    change = catalogue.model_change()
    return change.state if change else None


def test_the_new_model_is_taken_and_rolled_back_and_both_keep_their_vectors(
    catalogue: Catalogue,
) -> None:
    both = vectors(catalogue.folder)
    assert (state(catalogue), searched(catalogue)) == (State.PREPARED, "first")
    assert catalogue.switch_model(model(catalogue, "second"))
    assert (state(catalogue), searched(catalogue)) == (State.TAKEN, "second")
    assert catalogue.switch_model(model(catalogue, "first"))
    assert (state(catalogue), searched(catalogue)) == (State.ROLLED_BACK, "first")
    assert catalogue.switch_model(model(catalogue, "second"))
    catalogue.tidy()
    assert vectors(catalogue.folder) == both


@pytest.mark.parametrize(("is_taken", "kept"), [(False, "first"), (True, "second")])
def test_a_change_is_ended_by_deleting_what_is_not_searched(
    catalogue: Catalogue, is_taken: bool, kept: str
) -> None:
    of_each = vectors(catalogue.folder)[kept]
    if is_taken:
        assert catalogue.switch_model(model(catalogue, "second"))
    fitting = "`passerelle model finish`" if is_taken else "`passerelle model drop`"
    with pytest.raises(ModelChangeRefused, match=fitting):
        catalogue.end_model_change(is_taken=not is_taken)
    with pytest.raises(ModelChangeRefused):
        catalogue.end_model_change(model(catalogue, kept), is_taken=is_taken)
    assert catalogue.end_model_change(is_taken=is_taken).name != kept
    catalogue.forget_replaced()
    assert (state(catalogue), searched(catalogue)) == (None, kept)
    assert vectors(catalogue.folder) == {kept: of_each}
    with pytest.raises(ModelChangeRefused):
        catalogue.end_model_change()


def test_a_model_that_lacks_a_vector_is_not_taken_and_says_how_many_it_lacks(
    catalogue: Catalogue,
) -> None:
    second = model(catalogue, "second")
    catalogue.note_encoded(second, catalogue.newest_text())
    catalogue.put(*make("b.txt", "Une phrase de plus."), 1)
    encode(catalogue, model(catalogue, "first"))
    catalogue.publish()
    change = catalogue.model_change()
    assert change is not None
    assert (change.other.model, change.lacking) == (second, 1)
    assert not catalogue.switch_model(second)
    assert searched(catalogue) == "first"
    encode(catalogue, second)
    assert catalogue.switch_model(second)


def test_what_comes_after_a_model_was_taken_is_lacking_to_the_other_one(
    catalogue: Catalogue,
) -> None:
    assert catalogue.switch_model(model(catalogue, "second"))
    catalogue.put(*make("b.txt", "Une phrase de plus."), 1)
    encode(catalogue, model(catalogue, "second"))
    assert catalogue.publish() == 1
    change = catalogue.model_change()
    assert change is not None
    assert (change.other.model.name, change.lacking) == ("first", 1)
    assert not catalogue.switch_model(model(catalogue, "first"))


def test_only_one_change_is_under_way_and_it_is_gone_on_with(catalogue: Catalogue) -> None:
    begin(catalogue)
    with pytest.raises(ModelChangeRefused, match="under way"):
        begin(catalogue, "third")
    with pytest.raises(ModelChangeRefused, match="already"):
        begin(catalogue, "first")
    with pytest.raises(ModelChangeRefused, match="model show"):
        catalogue.switch_model(model(catalogue, "first"))
    catalogue.end_model_change()
    begin(catalogue, "third")


def test_nothing_is_made_beside_an_empty_collection(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "data") as empty, pytest.raises(ModelChangeRefused, match="empty"):
        begin(empty)


def test_another_way_of_replacing_a_model_ends_the_change(catalogue: Catalogue) -> None:
    third = model(catalogue, "third")
    encode(catalogue, third)
    assert catalogue.activate_model(third)
    catalogue.forget_replaced()
    assert state(catalogue) is None
    assert set(vectors(catalogue.folder)) == {"third"}
    with catalogue.view() as view:
        assert view.successor("bundled") is None


def test_who_names_a_model_that_was_searched_before_is_told_which_one_is_now(
    catalogue: Catalogue,
) -> None:
    def successors() -> list[str | None]:
        with catalogue.view() as view:
            names = ("bundled", "first", "/models/second", "second", "/models/third")
            return [view.successor(name) for name in names]

    assert successors() == [None] * 5
    assert catalogue.switch_model(model(catalogue, "second"))
    taken = ["/models/second", "/models/second", None, None, None]
    assert successors() == taken
    catalogue.end_model_change()
    catalogue.forget_replaced()
    assert successors() == taken


def test_a_model_that_was_rolled_back_names_the_one_that_is_searched(catalogue: Catalogue) -> None:
    for name in ("second", "first"):
        assert catalogue.switch_model(model(catalogue, name))
    with catalogue.view() as view:
        assert view.successor("/models/second") == "bundled"
        assert view.successor("bundled") is None


def test_the_figures_of_both_models_are_kept_until_the_change_ends(catalogue: Catalogue) -> None:
    second = model(catalogue, "second")
    catalogue.note_figures({second: FIGURES._replace(first=6), model(catalogue, "first"): FIGURES})
    change = catalogue.model_change()
    assert change is not None
    assert change.former.figures == FIGURES
    assert change.candidate.figures == FIGURES._replace(first=6)
    catalogue.end_model_change()
    begin(catalogue)
    change = catalogue.model_change()
    assert change is not None
    assert (change.former.figures, change.candidate.figures) == (None, None)


def take(catalogue: Catalogue) -> None:
    assert catalogue.switch_model(model(catalogue, "second"))


def roll_back(catalogue: Catalogue) -> None:
    assert catalogue.switch_model(model(catalogue, "first"))


def end(catalogue: Catalogue) -> None:
    catalogue.end_model_change()
    catalogue.forget_replaced()


@pytest.mark.parametrize("step", ["begin", "take", "roll back", "drop", "finish"])
def test_killed_before_any_transaction_the_model_that_is_searched_is_whole(
    catalogue: Catalogue, tmp_path: Path, step: str
) -> None:
    of_each = vectors(catalogue.folder)["first"]
    if step == "begin":
        end(catalogue)
    elif step in ("roll back", "finish"):
        take(catalogue)
    catalogue.close()
    change = {"begin": begin, "take": take, "roll back": roll_back}.get(step, end)
    kills = 0
    while kills < KILLS and run_until(
        copied(catalogue.folder, tmp_path / str(kills)), change, kills
    ):
        with Catalogue(tmp_path / str(kills)) as restarted:
            restarted.tidy()
            with restarted.view() as view:
                assert view.problems() == []
            left = vectors(restarted.folder)
            assert left[searched(restarted)] == of_each
            if state(restarted):  # it can be gone on with, and be dropped
                end(restarted)
                left = vectors(restarted.folder)
            assert left == {searched(restarted): of_each}
        kills += 1
    assert kills >= 1


def test_a_backup_goes_on_with_the_change_and_who_imports_an_archive_chooses_the_model(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    assert catalogue.switch_model(model(catalogue, "second"))
    backup(catalogue.folder, tmp_path / "copy")
    with Catalogue(tmp_path / "copy") as copy:
        assert state(copy) is State.TAKEN
        assert copy.switch_model(model(copy, "first"))
    export(catalogue.folder, tmp_path / "all.zip")
    import_archive(tmp_path / "all.zip", tmp_path / "imported")
    with Catalogue(tmp_path / "imported") as imported:
        assert (state(imported), searched(imported)) == (None, "second")
        assert set(vectors(imported.folder)) == {"second"}
        with imported.view() as view:
            assert view.successor("bundled") is None
            assert view.problems() == []


def test_a_state_is_read_as_if_it_were_searched_with_the_other_model(catalogue: Catalogue) -> None:
    second: StoredModel = model(catalogue, "second")
    with type(catalogue.view()).open(catalogue.folder, second) as view:
        assert view.active_model() == second
        assert view.within(frozenset({"press"})).active_model() == second
