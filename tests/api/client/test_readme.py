"""The README's example, run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.service import Service
from tests.api.clients import beside

README = Path(__file__).parents[3] / "README.md"


def test_the_example_prints_the_passage(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("httpx2.Client", lambda **_: beside(service))
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    asked = "Combien de camions en surcharge sur la E34 ?"
    assert asked in example
    exec(example.replace(asked, "Quand le traité de coopération policière a-t-il été signé ?"), {})
    title, link, *text = capsys.readouterr().out.splitlines()
    assert title == "Signature du traité de coopération policière"
    assert link.startswith("/documents/d-")
    assert "23 juillet 2018" in " ".join(text)
