"""``passerelle ingest`` killed at any moment loses and spoils nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from corpus.store.view import View
from tests.conftest import SAMPLE
from tests.content import content_of

ROOT = Path(__file__).parents[1]
KILLS = 20
SEED = 20201214


RUN_WITH_A_QUICK_MODEL = """
import sys
from api.cli.main import main
from api.settings import Settings
from tests.encoders import WordEncoder

Settings.load_encoder = lambda _: WordEncoder()
main()
"""
"""The command itself, with an encoder that is there at once: most of the time that the real
one takes goes into importing it, when there is nothing yet to spoil."""


def start(data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN_WITH_A_QUICK_MODEL, "ingest", str(SAMPLE)]
    return subprocess.Popen([*command, "--data", str(data)], cwd=ROOT, stdout=subprocess.DEVNULL)


def test_killed_at_twenty_moments_and_run_again_it_is_as_after_one_clean_run(
    tmp_path: Path,
) -> None:
    started = time.monotonic()
    assert start(tmp_path / "clean").wait() == 0
    duration = time.monotonic() - started
    clean = content_of(tmp_path / "clean")
    assert len(clean) == len([path for path in SAMPLE.rglob("*") if path.is_file()])

    draw = random.Random(SEED)
    interrupted = 0
    for number in range(KILLS):
        # A fresh folder at every fourth kill, the half-done one again otherwise.
        data = tmp_path / f"killed-{number // 4}"
        process = start(data)
        time.sleep(duration * (number + draw.random()) / KILLS)
        process.send_signal(signal.SIGKILL)
        interrupted += process.wait() == -signal.SIGKILL
        _assert_every_visible_document_is_whole(data, clean)
        if number % 4 == 3:
            assert start(data).wait() == 0
            assert content_of(data) == clean
            with View.open(data) as view:
                assert view.problems() == []
    assert interrupted >= KILLS / 2


def _assert_every_visible_document_is_whole(data: Path, clean: dict[str, object]) -> None:
    if (data / "catalogue.sqlite").exists() and (data / "catalogue.sqlite").stat().st_size:
        for document, value in content_of(data).items():
            assert value == clean[document]
