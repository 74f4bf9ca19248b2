from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality
from tests.encoders import WordEncoder

ANSWERS = {
    "fr/police.txt": "Les deux polices ont patrouillé ensemble le long de la frontière. 4711",
    "nl/police.txt": "De twee politiekorpsen hebben samen gepatrouilleerd langs de grens. 4711",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "police"
    for file, text in ANSWERS.items():
        path = root / "docs" / file
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    asked = {
        "id": "1",
        "lang": "fr",
        "question": "Quelles polices ? 4711",
        "relevant": [{"doc": file} for file in ANSWERS],
    }
    (root / "questions.jsonl").write_text(json.dumps(asked), "utf-8")
    return root


def test_a_set_is_asked_in_every_way_with_every_model_and_setting(
    folder: Path, small_model: Path, tmp_path: Path
) -> None:
    sets = [quality.read_set(folder)]
    found = list(quality.results(sets, [str(small_model)], ["plain", "default"], tmp_path / "c"))
    assert [(one.setting, one.pool) for one in found] == [
        (setting, pool)
        for setting in ("plain", "default")
        for pool in ("whole", "scattered", "alone")
    ]
    rows = quality.summary(found)
    assert rows[0]["change"] == {}
    assert rows[3]["change"]["overall"].keys() == {"success_at_1", "success_at_5"}
    assert rows[2]["figures"].keys() == {"overall", "asked in fr", "same language", "fr-fr"}
    assert "| police | scattered |" in quality.table(rows)
    assert "**police**" in quality.pairs(rows)
    again = list(quality.results(sets, [str(small_model)], ["plain"], tmp_path / "c"))
    assert [one.judged for one in again] == [one.judged for one in found[:3]]


def test_questions_are_encoded_once(tmp_path: Path) -> None:
    file = tmp_path / "questions.npz"
    first = quality.Remembering(WordEncoder(), file).questions(["one", "two", "one"])

    class Broken(WordEncoder):
        def questions(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            raise AssertionError(texts)

    again = quality.Remembering(Broken(), file).questions(["two", "one"])
    assert np.array_equal(again, first[[1, 0]])
