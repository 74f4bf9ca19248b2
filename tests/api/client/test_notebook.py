"""The notebook in docs, run as it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.service import Service
from tests.api.clients import beside

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


def cells() -> list[dict[str, Any]]:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    assert notebook["nbformat"] == 4
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_every_cell_of_the_notebook_runs(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("httpx2.Client", lambda **_: beside(service))
    names: dict[str, Any] = {}
    printed = []
    for cell in cells():
        exec("".join(cell["source"]), names)
        printed.append(capsys.readouterr().out)
    assert printed[1].startswith("6 documents:")
    assert "[nothing, confidence " in printed[2]
    assert "3,000 characters" in printed[-1]


def test_what_it_shows_is_what_it_printed_over_the_sample() -> None:
    shown = [
        "".join(output["text"])
        for cell in cells()
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stdout"
    ]
    assert len(shown) == len(cells()) - 1, "all but the first print something"
    assert shown[0].startswith("38 documents:")
