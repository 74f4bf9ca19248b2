"""A short run of ``python -m tests.robustness.crashes``: nothing accepted is lost or half there."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.store.view import View
from tests.robustness.crashes import kills, life, rot


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
