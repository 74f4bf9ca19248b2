"""What holds for the repository as a whole."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from api.settings import Settings
from tests.conftest import CACHE

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "corpus", "index", "qa")
MAX_LINES = 400


def test_nobody_else_owns_our_package_names() -> None:
    """Another distribution that ships a package called ``index`` would silently win."""
    owners = metadata.packages_distributions()
    for name in PACKAGES:
        assert set(owners.get(name, ["passerelle"])) == {"passerelle"}


def test_the_wheel_holds_all_four_packages_and_their_data() -> None:
    """An ignore rule like ``index/`` would drop a package from it without a word."""
    ignored = subprocess.run(
        ["git", "check-ignore", *PACKAGES, "index/encoders/aligned.safetensors"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)


def test_tests_read_no_setting_of_the_user_and_keep_out_of_their_cache() -> None:
    assert Settings().cache == CACHE
    assert CACHE.is_relative_to(ROOT)
    ignored = ["git", "check-ignore", "--quiet", str(CACHE)]
    assert subprocess.run(ignored, cwd=ROOT, check=False).returncode == 0
    told = {name for name in os.environ if name.startswith("PASSERELLE_")}
    assert told == {"PASSERELLE_CACHE", "PASSERELLE_CONFIG"}


def test_every_dependency_has_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for dependency in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        assert "<" in dependency, dependency


def test_every_dependency_is_pinned_in_the_constraints() -> None:
    pinned = {
        _normalized(line.split("==")[0])
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for dependency in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        assert _normalized(re.split(r"[<>=]", dependency)[0]) in pinned


def _normalized(name: str) -> str:
    """As PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_longer_than_a_reader_can_hold(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES, path


def test_only_one_module_knows_faiss_and_only_one_reads_the_environment() -> None:
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    assert [name for name, text in sources.items() if "import faiss" in text] == [
        "index/vectors/faiss_index.py"
    ]
    assert [name for name, text in sources.items() if "pydantic_settings" in text] == [
        "index/settings.py"
    ]
    assert [name for name, text in sources.items() if re.search(r"os\.environ|getenv", text)] == []


def test_every_connection_overwrites_what_is_deleted() -> None:
    """SQLite's setting is a connection's; one place makes them all."""
    calls = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for _ in re.findall(r"\bsqlite3\.connect\(|\bimport connect\b", path.read_text("utf-8"))
    ]
    assert calls == ["corpus/store/sqlite.py"]


def test_tests_and_benchmarks_do_not_import_one_another() -> None:
    for folder, other in (("tests", "benchmarks"), ("benchmarks", "tests")):
        for path in (ROOT / folder).rglob("*.py"):
            found = re.findall(
                rf"^(?:from|import) {other}\b", path.read_text("utf-8"), re.MULTILINE
            )
            assert not found, path


def test_the_files_that_the_architecture_page_names_are_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:api|corpus|index|qa|tests|benchmarks)/[\w./]*)`", page)
    assert len(named) > 20
    for name in named:
        assert (ROOT / name).exists(), name


def test_the_tests_and_files_that_the_security_page_names_are_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    files = list((ROOT / "tests").rglob("*.py"))
    names = {path.name for path in files}
    sources = "\n".join(path.read_text("utf-8") for path in files)
    functions = re.findall(r"^def (test_\w+)", sources, re.MULTILINE)
    named = set(re.findall(r"(?:`|::)(test_\w+)(?:…|\.py)?`", page))
    assert len(named) > 40
    for name in named:
        assert f"{name}.py" in names or any(each.startswith(name) for each in functions), name
    paths = re.findall(
        r"`((?:api|corpus|index|qa|tests|benchmarks|deploy)/[\w./-]*)(?:::\w+)?`", page
    )
    assert len(paths) > 15
    for path in paths:
        assert (ROOT / path).exists() or (ROOT / f"{path}.py").exists(), path


def test_the_readmes_commands_are_commands(capfd: pytest.CaptureFixture[str]) -> None:
    """Those of the command line are parsed, those of make are asked for without being run."""
    from api.cli.main import main

    readme = (ROOT / "README.md").read_text("utf-8")
    commands = [
        line.strip()
        for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
        for line in block.splitlines()
    ]
    ours = [line.split() for line in commands if line.startswith("passerelle ")]
    assert len(ours) >= 5
    for words in ours:
        assert words[1] in main.commands, words
    targets = [line.split()[1] for line in commands if line.startswith("make ")]
    assert {"serve", "test"} <= set(targets)
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, target


def test_hooks_before_a_commit_run_what_is_installed_here_and_fetch_nothing() -> None:
    written = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (\S+)", written) == ["local"]
    assert "://" not in written
    programs = re.findall(r"entry: (\S+)", written)
    assert {Path(program).parent for program in programs} == {Path(".venv/bin")}
    assert [Path(program).name for program in programs] == ["ruff", "ruff", "mypy"]
    assert written.count("language: system") == len(programs)


def test_the_sample_questions_point_at_the_sample_documents() -> None:
    from qa.evaluation.qrels import read_questions

    sample = ROOT / "corpus" / "sample"
    questions = read_questions(sample / "questions.jsonl")
    assert len(questions) == 40
    assert sum(not question.relevant for question in questions) == 8
    for question in questions:
        for relevant in question.relevant:
            assert (sample / "documents" / relevant.file).is_file()
