"""The command, on a package built here."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import sets, templates
from benchmarks.sets import SETS, EvaluationSet, make
from benchmarks.tests.test_readers import DEBCONF
from qa.evaluation.qrels import read_questions
from training.errors import PackageGone
from training.sources import SOURCES

SET = EvaluationSet(
    name="asked",
    kind="what a package asks",
    licence="MIT",
    packages=("ntp",),
    read=templates.items,
    choose=list,
)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with the package in it."""
    (tmp_path / "build/DEBIAN").mkdir(parents=True)
    (tmp_path / "packages").mkdir()
    (tmp_path / "build/DEBIAN/control").write_text(
        "Package: ntp\nVersion: 1:4.2-1\nArchitecture: all\nMaintainer: Nobody <a@b.c>\n"
        "Description: time server\n"
    )
    (tmp_path / "build/DEBIAN/templates").write_text(DEBCONF, "utf-8")
    file = tmp_path / "packages/ntp_1%3a4.2-1_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(tmp_path / "build"), str(file)], check=True,
                   capture_output=True)  # fmt: skip
    return tmp_path / "packages"


def test_a_set_is_documents_questions_and_what_it_is(tmp_path: Path, packages: Path) -> None:
    make(SET, tmp_path, packages)
    folder = tmp_path / "asked"
    assert sorted(
        path.relative_to(folder / "docs").as_posix() for path in folder.rglob("*.txt")
    ) == ["de/ntp-enable.txt", "en/ntp-enable.txt", "pt/ntp-enable.txt"]
    questions = read_questions(folder / "questions.jsonl")
    assert [(question.id, question.text) for question in questions][1] == (
        "001-en", "Enable the time server at boot?"
    )  # fmt: skip
    assert {answer.file for answer in questions[0].relevant} == {
        "de/ntp-enable.txt", "en/ntp-enable.txt", "pt/ntp-enable.txt"
    }  # fmt: skip
    assert json.loads((folder / "set.json").read_text("utf-8")) == {
        "name": "asked",
        "kind": "what a package asks",
        "licence": "MIT",
        "packages": {"ntp": "1:4.2-1"},
        "documents": {"de": 1, "en": 1, "pt": 1},
        "questions": {"de": 1, "en": 1, "pt": 1},
    }


def test_a_set_is_made_anew_and_the_same(tmp_path: Path, packages: Path) -> None:
    make(SET, tmp_path, packages)
    before = (tmp_path / "asked/questions.jsonl").read_bytes()
    (tmp_path / "asked/docs/de/old.txt").write_text("from another version")
    make(SET, tmp_path, packages)
    assert (tmp_path / "asked/questions.jsonl").read_bytes() == before
    assert not (tmp_path / "asked/docs/de/old.txt").exists()


def test_a_package_of_several_that_is_gone_is_told_and_left_out(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/apt-get").write_text("#!/bin/sh\nexit 100\n")
    (tmp_path / "bin/apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert make(replace(SET, packages=("gone", "ntp")), tmp_path, packages)
    assert "gone cannot be fetched" in capsys.readouterr().err
    with pytest.raises(PackageGone):
        make(replace(SET, packages=("gone",)), tmp_path, packages)


def test_the_command_makes_a_set_and_names_one_that_fails(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/apt-get").write_text("#!/bin/sh\nexit 100\n")
    (tmp_path / "bin/apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(sets, "SETS", (SET, replace(SET, name="other", packages=("gone",))))
    done = CliRunner().invoke(
        sets.main, ["--out", str(tmp_path / "out"), "--packages", str(packages)]
    )
    assert done.exit_code == 1
    assert "asked: 3 questions: de 1, en 1, pt 1" in done.output
    assert "No set made of other." in done.output


def test_no_set_is_made_of_a_package_that_is_trained_on() -> None:
    trained = {
        package for source in SOURCES if source.purpose == "training"
        for package in source.packages
    }  # fmt: skip
    for one in SETS:
        assert not trained & set(one.packages)
        assert one.licence
