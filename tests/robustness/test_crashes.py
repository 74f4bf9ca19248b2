"""A short run of ``python -m tests.robustness.crashes``: nothing accepted is lost or half there."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from corpus.store.view import View
from tests.robustness.crashes import erased, kills, life, rot


@pytest.mark.slow
def test_killed_processes_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    hit = 0
    for trial in kills.kills(tmp_path / "data", 100, seed=7):
        assert trial.wrong == ()
        hit += trial.was_hit
        if hit == 5:  # the others were through before their moment came
            break
    assert hit == 5


@pytest.mark.slow
def test_flipped_bits_and_files_cut_short_are_found_or_harmless(tmp_path: Path) -> None:
    trials = list(rot.flips(tmp_path / "data", 40, seed=7))
    assert [trial.wrong for trial in trials if trial.wrong] == []
    assert sum(trial.was_hit for trial in trials) >= 8


def test_the_harness_notices_what_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    operation = life.Operation("upload", {"a.txt": "La patrouille suit la Moselle."})
    told = life.run(folder, [operation])
    assert told.states({}) == [{"a.txt": "La patrouille suit la Moselle."}]
    assert life.wrong_with(folder, *told.states({})) == []
    life.run(folder, [life.Operation("delete", {"a.txt": None})])
    assert life.wrong_with(folder, *told.states({})) != []
    with View.open(folder) as view:
        assert view.documents_by_key() == {}


def test_the_harness_notices_a_key_that_is_back_and_what_is_left_of_an_erased_document(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    text = "La patrouille 417 de a.txt suit la Moselle pendant 2 heures."
    made = life.Operation("key", {"key 0": "key 0"})
    life.run(folder, [life.Operation("upload", {"a.txt": text}), made])
    before = {"a.txt": text, "key 0": "key 0"}
    assert life.held(folder) == before
    revoked = [life.Operation("revoke", {"key 0": None}), life.Operation("erase", {"a.txt": None})]
    told = life.run(folder, revoked)
    assert told.errors == []
    assert told.states(before) == [{}]
    assert life.held(folder) == {}
    assert erased.still_on_disk(folder, before, told) == []
    life.run(folder, [made])
    (folder / "left").write_text(text)
    assert life.wrong_at_once(folder, before, told) == ["key 0 is in a state it cannot have"]
    assert life.wrong_with(folder, *told.states(before)) != []
    assert len(erased.still_on_disk(folder, before, told)) == 1


class _Ends:
    """Garbage that ends whatever process collects it, but for this one."""

    def __init__(self) -> None:
        self.itself = self
        self.process = os.getpid()

    def __del__(self) -> None:
        if os.getpid() != self.process:
            os.abort()


def test_garbage_of_other_tests_does_not_end_the_harness(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    life.run(folder, [life.Operation("upload", {"a.txt": "La patrouille suit la Moselle."})])
    gc.disable()
    try:
        _Ends()
        told = life.run(folder, [life.Operation("erase", {"a.txt": None})])
    finally:
        gc.enable()
    assert (told.end, told.errors, told.crash) == (0, [], None)
    assert told.states({"a.txt": "La patrouille suit la Moselle."}) == [{}]
