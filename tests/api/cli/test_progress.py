"""A terminal shows how far a long file is, on one line that the file's own replaces."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from api.cli.ingest import _Pass
from api.settings import Settings
from corpus.progress import Progress
from corpus.store.catalogue import Catalogue
from corpus.types import FileReport, Outcome
from tests.encoders import WordEncoder


class Terminal(io.StringIO):
    """Takes itself for one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("screen", "shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_terminal_shows_how_far_a_file_is(
    screen: io.StringIO,
    shown: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stderr", screen)
    with Catalogue(tmp_path / "data") as catalogue:
        settings = Settings(data=tmp_path / "data")
        each = _Pass(settings, catalogue, "press", WordEncoder, show=True)
        each._tell(Progress(12, 1300))
        each._report(FileReport("a.pdf", Outcome.ADDED, "d-1"))
    line = "\r\x1b[Kreading, 12 of 1,300\r\x1b[K"
    assert screen.getvalue() == (line if shown else "")
    assert "a.pdf" in capsys.readouterr().out
