"""``passerelle ingest`` killed at any moment loses and spoils nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.store.view import View
from tests.conftest import SAMPLE
from tests.content import content_of

ROOT = Path(__file__).parents[1]
DOCUMENTS = SAMPLE / "nl"
"""Few, since a process takes longer to start than to read them."""
FOLDERS = 5
KILLS = 4
"""Of one folder, one after the other."""
SEED = 20201214

RUN_WITH_A_QUICK_MODEL = """
import signal, sys, threading
from itertools import count
from api.cli.main import main
from api.settings import Settings
from tests.encoders import WordEncoder

last, seconds = int(sys.argv.pop(1)), float(sys.argv.pop(1))
calls = count(1)

def end_after_the_last(frame, event, _):
    ours = frame.f_globals.get("__name__", "").startswith(("corpus.", "index."))
    if ours and event == "call" and next(calls) == last:
        signal.setitimer(signal.ITIMER_REAL, seconds)

Settings.load_encoder = lambda _: WordEncoder()
threading.setprofile(end_after_the_last)
sys.setprofile(end_after_the_last)
try:
    main()
finally:
    sys.setprofile(None)
    print(next(calls), file=sys.stderr)
"""
"""The command itself, with an encoder that is there at once, until it has called so many functions
of ours and so many seconds have gone by. Nothing handles the signal that comes then: the process
ends as it does by SIGKILL, whatever it is doing. How far it got does not depend on the machine."""


def ingest(data: Path, last: int = 0, seconds: float = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN_WITH_A_QUICK_MODEL, str(last), str(seconds), "ingest"]
    return subprocess.run(
        [*command, str(DOCUMENTS), "--data", str(data)],
        cwd=ROOT,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_killed_at_twenty_moments_and_run_again_it_is_as_after_one_clean_run(
    tmp_path: Path,
) -> None:
    through = ingest(tmp_path / "clean")
    assert through.returncode == 0, through.stderr
    calls = int(through.stderr.splitlines()[-1])
    clean = content_of(tmp_path / "clean")
    assert len(clean) == len([path for path in DOCUMENTS.rglob("*") if path.is_file()])

    draw = random.Random(SEED)
    visible = set()
    for number in range(FOLDERS):
        data = tmp_path / f"killed-{number}"
        # Each of a folder's runs has at least what is left of one clean run before it.
        cuts = sorted(draw.random() for _ in range(KILLS))
        for start, end in pairwise([0, *cuts]):
            ended = ingest(data, 1 + int(calls * (end - start)), draw.uniform(1e-6, 2e-3))
            assert ended.returncode == -signal.SIGALRM, ended.stderr
            visible.add(_whole_documents(data, clean))
        assert ingest(data).returncode == 0
        assert content_of(data) == clean
        with View.open(data) as view:
            assert view.problems() == []
    assert len(visible) > 2, "not all of them ended at the same stage"


def _whole_documents(data: Path, clean: dict[str, object]) -> int:
    """Return how many documents can be found, each of which is whole."""
    if not (data / "catalogue.sqlite").exists():
        return 0
    found = content_of(data)
    for document, value in found.items():
        assert value == clean[document]
    return len(found)
