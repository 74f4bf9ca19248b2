"""What the documentation says, held against the code and the results."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from api.settings import Settings
from tests.hostile.test_nothing_is_fetched import files_naming
from tests.robustness.bombs import bombs
from tests.robustness.faults import FORMATS

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
MAX_COLUMNS = 100
NEVER_WRITTEN = {24, 25}


def test_the_settings_page_names_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    named = re.findall(r"^\| `PASSERELLE_(\w+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_settings_page_has_the_defaults() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        if field.default in (None, "") or field.default_factory:
            continue
        value = field.default
        shown = (
            str(value).lower()
            if isinstance(value, bool)
            else f"{value:g}"
            if isinstance(value, float)
            else str(value)
        )
        assert f"| `PASSERELLE_{name.upper()}` | `{shown}` |" in page, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_prose_is_wrapped(page: Path) -> None:
    """Rows of tables and lone links may be longer: Markdown cannot break them."""
    for line in page.read_text("utf-8").splitlines():
        if not line.startswith("|") and " " in line.strip().removeprefix("- "):
            assert len(line) <= MAX_COLUMNS, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" not in link:
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_tests_that_hold_a_promise_are_there(page: Path) -> None:
    """Named as ``tests/FILE.py::test_NAME``."""
    for file, name in re.findall(r"(tests/[\w/]+\.py)::(\w+)", page.read_text("utf-8")):
        defined = re.findall(r"^def (\w+)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
        assert name in defined, f"{file}::{name}"


def test_every_promise_names_the_test_that_holds_it_or_says_that_none_does() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    tables = re.findall(
        r"^\| promise \| held by \|\n\|---\|---\|\n((?:\|.*\n)+)", page, re.MULTILINE
    )
    promises = [row for table in tables for row in table.splitlines()]
    assert len(promises) > 80
    for promise in promises:
        held_by = promise.rstrip(" |").rpartition(" | ")[2]
        assert re.search(r"`tests/[\w/]+\.py(::\w+)?`|\b[Nn]o test\b", held_by), promise


def test_the_numbers_of_hostile_files_are_those_that_are_tried() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    kinds = len(files_naming("http://127.0.0.1/a"))
    assert f"in 10 notations, in {kinds} files of every format" in page
    assert f"every route, with a listener; {kinds} files of every format" in page
    assert f"{len(bombs())} files of all packed and nested formats" in page
    assert f"each of {len(FORMATS)} kinds of files" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nobody_is_told_to_install_it_by_a_name_that_anybody_could_register(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.findall(r"pip install [^`\n]*?(?<![\w/.-])passerelle(?![\w.…-])", text)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 120


def test_every_decision_has_a_status_and_is_in_the_index() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    numbers = set()
    for path in sorted(DECISIONS.glob("0*.md")):
        title, status = path.read_text("utf-8").split("\n\n")[:2]
        status = " ".join(status.split())
        number = int(path.name[:4])
        numbers.add(number)
        assert title.startswith(f"# {number}. "), path.name
        assert re.match(r"Status: (accepted|replaced by|replaced in part by)", status), path.name
        row = next(line for line in index.splitlines() if f"]({path.name})" in line)
        state = re.sub(r"\[(\d{4})\]\([^)]*\)", r"\1", status.removeprefix("Status: "))
        assert row == f"| [{path.name[:4]}]({path.name}) | {title.split('. ', 1)[1]} | {state} |"
    assert numbers | NEVER_WRITTEN == set(range(1, max(numbers) + 1))


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    assert versions[:2] == ["Unreleased", project["version"]]
    kinds = set(re.findall(r"^### (.*)$", changelog, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
