"""``passerelle mcp`` where it cannot start; tests/api/test_assistants_page.py starts it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.main import main


def test_without_a_collection_it_says_what_to_do(tmp_path: Path) -> None:
    folder = ["--data", str(tmp_path / "none")]
    result = CliRunner().invoke(main, ["mcp", *folder])
    assert result.exit_code == 1
    assert "passerelle ingest" in result.output


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = CliRunner().invoke(main, ["mcp"])
    assert result.exit_code == 1
    assert "pip install 'passerelle[mcp]'" in result.output
