"""What docs/assistants.md tells people to do, done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from api.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "assistants.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_from_nothing_to_a_cited_passage(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the page's own commands and script, but for where the command is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")  # what is written stays here
    _, install, _, ingest = blocks("sh")[0].splitlines()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert install.split()[-1] in [f"'.[{name}]'" for name in extras["optional-dependencies"]]
    assert (ROOT / install.split("--constraint ")[1].split()[0]).exists()
    assert CliRunner().invoke(main, ingest.split()[1:]).exit_code == 0
    script, _ = blocks("python")
    begun = 'command="passerelle", args=['
    assert begun in script
    # The SDK hands on no environment but what it is told to.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ours = f'command={sys.executable!r}, env={environment!r}, args=["-m", "api.cli.main", '
    done = subprocess.run(
        [sys.executable, "-c", script.replace(begun, ours)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    outcome, sentence, link = done.stdout.strip().splitlines()
    assert outcome in ("answers", "may_answer")
    assert "vrachtwagens" in sentence
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/documents/d-[0-9a-f]{32}#\d+-\d+", link)


def servers(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return what a client's configuration says of each server."""
    for name in ("mcpServers", "servers", "context_servers"):
        if name in configuration:
            found: dict[str, Any] = configuration[name]
            return found
    return {configuration["server_label"]: configuration}


def test_the_configurations_start_a_command_that_there_is_or_name_the_address() -> None:
    found = [servers(json.loads(block)) for block in blocks("json")]
    assert len(found) >= 5
    for server in found:
        entry = server["passerelle"]
        if "command" in entry:
            assert entry["command"] == "passerelle"
            name, *options = entry["args"]
            command = main.commands[name]
            context = command.make_context(name, list(options), resilient_parsing=True)
            assert context.params["data"] == Path("/home/me/.data")
        else:
            address = entry.get("url") or entry["server_url"]
            assert address == "https://passerelle.example.org/mcp"


def test_a_chat_client_is_answered_as_the_page_says(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    _, script = blocks("python")
    address = "http://127.0.0.1:8000/v1"
    assert address in script
    there = f'"{address}", http_client=here'
    exec(script.replace(f'"{address}"', there), {"here": client})  # the page's own words
    assert "ten in the evening" in capsys.readouterr().out
