"""A change of model by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from api.audit import chain
from api.settings import Settings
from tests.api.cli.test_main import run
from tests.encoders import WordEncoder

FILES = {
    "pont.txt": "Le pont rouge est fermé depuis lundi pour des travaux de peinture.",
    "tram.txt": "Le tram de nuit relie la gare et le musée en douze minutes.",
}
QUESTIONS = (
    {
        "id": "1",
        "lang": "fr",
        "question": "Quand le pont rouge est-il fermé ?",
        "relevant": [{"doc": "pont.txt"}],
    },
    {
        "id": "2",
        "lang": "fr",
        "question": "Que relie le tram de nuit ?",
        "relevant": [{"doc": "tram.txt"}],
    },
    {"id": "3", "lang": "fr", "question": "Qui vend des oranges bleues ?", "relevant": []},
)


@pytest.fixture
def data(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection; each folder is a model of its own."""
    monkeypatch.setattr(
        Settings, "load_encoder", lambda chosen: WordEncoder(revision=Path(chosen.model).name)
    )
    (tmp_path / "documents").mkdir()
    (tmp_path / "other").mkdir()
    for name, text in FILES.items():
        (tmp_path / "documents" / name).write_text(text)
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, QUESTIONS)))
    assert run("ingest", str(tmp_path / "documents"), "--data", str(tmp_path / "d")).exit_code == 0
    return tmp_path / "d"


def model(data: Path, *arguments: str) -> Result:
    return run("model", *arguments, "--data", str(data))


def done(data: Path, *arguments: str) -> str:
    result = model(data, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def revision(data: Path) -> str:
    """Return the revision of the model that is searched."""
    found = json.loads(done(data, "show", "--json"))
    return str(found["searched"]["revision"])


def test_a_model_is_made_measured_taken_rolled_back_and_dropped(data: Path, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert "No change is under way" in done(data, "show")
    assert "with all of its vectors" in done(data, "prepare", other)
    assert revision(data) == "bundled"
    measured = done(data, "compare", str(tmp_path / "own.jsonl"))
    assert "own.jsonl" in measured
    assert "success@1\n  overall " in measured
    assert "state:    taken" in done(data, "take")
    assert revision(data) == "other"
    # The settings still name the former model.
    assert run("ask", "Que relie le tram ?", "--data", str(data)).exit_code in (0, 3)
    assert run("ingest", str(tmp_path / "documents"), "--data", str(data)).exit_code == 0
    assert "state:    rolled back" in done(data, "roll-back")
    assert revision(data) == "bundled"
    assert "No change is under way" in done(data, "drop")
    assert run("ask", "Que relie le tram ?", "--data", str(data)).exit_code in (0, 3)
    steps = [each.on["step"] for each in chain.records(data) if "step" in each.on]
    assert steps == ["prepare", "take", "roll-back", "drop"]


def test_the_figures_of_both_models_are_kept_and_shown(data: Path, tmp_path: Path) -> None:
    done(data, "prepare", str(tmp_path / "other"))
    compared = json.loads(done(data, "compare", str(tmp_path / "own.jsonl"), "--json"))
    assert compared["differences"]["overall"]["success_at_1"]["cases"] == 2
    shown = json.loads(done(data, "show", "--json"))["change"]
    assert shown == compared["change"]
    for side in ("former", "candidate"):
        figures = shown[side]["figures"]
        assert (figures["file"], figures["answerable"], figures["unanswerable"]) == (
            "own.jsonl",
            2,
            1,
        )
        assert 0 <= figures["first"] <= figures["first_five"] <= 2
    done(data, "take")
    assert done(data, "compare", str(tmp_path / "own.jsonl"))
    assert "No change is under way" in done(data, "finish")
    assert revision(data) == "other"


@pytest.mark.parametrize(
    ("steps", "refused", "said"),
    [
        ([], ["take"], "model prepare"),
        ([], ["finish"], "model prepare"),
        ([["prepare"]], ["roll-back"], "already"),
        ([["prepare"]], ["finish"], "model take"),
        ([["prepare"], ["take"]], ["take"], "already"),
        ([["prepare"], ["take"]], ["drop"], "model finish"),
        ([["prepare"], ["take"]], ["prepare"], "already"),
    ],
)
def test_a_step_that_is_not_due_is_refused_with_the_remedy(
    data: Path, tmp_path: Path, steps: list[list[str]], refused: list[str], said: str
) -> None:
    def arguments(step: list[str]) -> list[str]:
        return [*step, str(tmp_path / "other")] if step == ["prepare"] else step

    for step in steps:
        done(data, *arguments(step))
    result = model(data, *arguments(refused))
    assert result.exit_code == 1
    assert said in result.stderr


def test_what_is_asked_is_named_by_the_call_or_the_settings(data: Path, tmp_path: Path) -> None:
    assert model(data, "compare").exit_code == 2
    assert model(data, "compare", str(tmp_path / "none.jsonl")).exit_code == 2


def test_reindexing_ends_a_change_and_the_settings_name_the_model_again(
    data: Path, tmp_path: Path
) -> None:
    done(data, "prepare", str(tmp_path / "other"))
    done(data, "take")
    assert run("reindex", "--data", str(data)).exit_code == 0
    assert revision(data) == "bundled"
    assert "No change is under way" in done(data, "show")
    refused = run("ask", "Quand ?", "--data", str(data), "--model", str(tmp_path / "other"))
    assert refused.exit_code == 1
    assert "passerelle reindex" in refused.stderr
