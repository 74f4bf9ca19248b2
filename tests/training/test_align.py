from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from training.align import Recipe, batches, rate, read_pairs


def write(folder: Path, *paragraphs: dict[str, str]) -> Path:
    path = folder / "texts.jsonl"
    path.write_text("\n".join(json.dumps({"texts": texts}) for texts in paragraphs), "utf-8")
    return path


def test_every_text_is_paired_with_its_english_version(tmp_path: Path) -> None:
    path = write(tmp_path, {"en": "Water", "lb": "Waasser"}, {"fr": "eau", "nl": "water"})
    assert read_pairs([path]) == {"en": [("Water", "Water")], "lb": [("Waasser", "Water")]}


def test_languages_are_drawn_evenly_and_prompts_in_turn(tmp_path: Path) -> None:
    many = [{"en": f"Text {number}", "fr": f"Texte {number}"} for number in range(50)]
    pairs = read_pairs([write(tmp_path, *many, {"en": "Bridge", "lb": "Bréck"})])
    drawn = list(islice(batches(pairs, Recipe(steps=40, batch=30)), 40))
    assert [batch.prompt for batch in drawn[:2]] == ["passage: ", "query: "]
    texts = [pair.text for batch in drawn for pair in batch.pairs]
    assert 0.25 < texts.count("Bréck") / len(texts) < 0.42


def test_the_same_seed_draws_the_same_batches(tmp_path: Path) -> None:
    pairs = read_pairs([write(tmp_path, *({"en": str(n), "fr": f"f{n}"} for n in range(20)))])
    one, same, other = (list(batches(pairs, Recipe(steps=5, seed=seed))) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    rates = [rate(step, 200) for step in range(201)]
    assert max(rates) == rates[50] == 1
    assert rates[0] < rates[25] < rates[50] > rates[100] > rates[199]
    assert rates[200] == 0
