from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality
from index.encoders.protocol import Vectors
from qa.evaluation.question_sets import read_set
from training.vectors import KeptVectors

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


@pytest.mark.model
def test_a_set_is_asked_in_every_way_with_every_model_and_setting(
    folder: Path, tmp_path: Path
) -> None:
    sets = [read_set(folder)]
    found = list(quality.results(sets, ["bundled"], ["plain", "default"], tmp_path / "c"))
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
    assert "| police | scattered |" in quality.changes(rows)
    again = list(quality.results(sets, ["bundled"], ["plain"], tmp_path / "c"))
    assert [one.judged for one in again] == [one.judged for one in found[:3]]


def test_texts_are_encoded_once(tmp_path: Path) -> None:
    encoded: list[str] = []

    def encode(texts: Sequence[str]) -> Vectors:
        encoded.extend(texts)
        return np.array([[len(text)] for text in texts], np.float32)

    kept = KeptVectors(encode, tmp_path / "texts.npz")
    first = kept.of(["one", "three", "one"])
    kept.save()
    again = KeptVectors(encode, tmp_path / "texts.npz").of(["three", "one"])
    assert np.array_equal(again, first[[1, 0]])
    assert sorted(encoded) == ["one", "three"]
