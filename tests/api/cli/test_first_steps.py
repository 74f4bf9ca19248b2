"""What somebody does who has just installed it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from api import serving
from api.cli import ingest
from api.cli.main import main
from api.settings import Settings
from corpus.store.view import View


def test_an_empty_collection_says_what_to_do_next(tmp_path: Path) -> None:
    said = serving._nothing_yet(Settings(data=tmp_path / "new"), "http://127.0.0.1:8011")
    assert "http://127.0.0.1:8011/documents" in said
    assert f"passerelle ingest FOLDER --data {tmp_path / 'new'}" in said
    assert "--sample" in said


def test_the_sample_is_added_once_and_its_questions_suggested(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample" / "documents").mkdir(parents=True)
    (tmp_path / "sample" / "documents" / "note.txt").write_text("The bakery is in Ghent.\n")
    monkeypatch.setattr(ingest, "SAMPLE", tmp_path / "sample")
    settings = Settings(data=tmp_path / "data", cache=cache)
    for _ in range(2):
        changed = ingest.with_sample(settings)
    assert changed.questions == tmp_path / "sample" / "questions.jsonl"
    with View.open(settings.data) as view:
        assert [(each.collection, each.documents) for each in view.collections()] == [("sample", 1)]
    own = settings.changed(questions=tmp_path / "own.jsonl")
    assert ingest.with_sample(own).questions == tmp_path / "own.jsonl"


def test_the_sample_that_comes_along_is_there() -> None:
    assert len(list((ingest.SAMPLE / "documents").rglob("*.*"))) > 30
    assert (ingest.SAMPLE / "questions.jsonl").is_file()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert "_PASSERELLE_COMPLETE" in done.output


def test_what_a_completing_shell_is_told() -> None:
    asked = {
        "_PASSERELLE_COMPLETE": "bash_complete",
        "COMP_WORDS": "passerelle serve --sa",
        "COMP_CWORD": "2",
    }
    done = CliRunner().invoke(main, prog_name="passerelle", env=asked)
    assert done.output.strip() == "plain,--sample"
