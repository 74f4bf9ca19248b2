"""``passerelle ingest`` killed at any moment loses and spoils nothing."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

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

NURSERY = """
import json, os, signal, sys, threading, traceback
from itertools import count
import api.cli.ingest, corpus.text.chunking, faiss, lxml.etree, pydantic_settings
from api.cli.main import main
from api.settings import Settings
from corpus import sandbox
from tests.encoders import WordEncoder

Settings.load_encoder = lambda _: WordEncoder()
calls = count(1)

def run(last, seconds, arguments):
    def end_after_the_last(frame, event, _):
        ours = frame.f_globals.get("__name__", "").startswith(("corpus.", "index."))
        if ours and event == "call" and next(calls) == last:
            signal.setitimer(signal.ITIMER_REAL, seconds)

    threading.setprofile(end_after_the_last)
    sys.setprofile(end_after_the_last)
    try:
        main(arguments)
    except SystemExit as end:
        return end.code or 0
    finally:
        sys.setprofile(None)

def born(last, seconds, arguments):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(write, 2)
        try:
            code = run(last, seconds, arguments)
            print(next(calls), file=sys.stderr, flush=True)
        except BaseException:
            code = 70
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    with open(read, encoding="utf-8") as said:
        stderr = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), stderr

sandbox.prepare()
for line in sys.stdin:
    print(json.dumps(born(*json.loads(line))), flush=True)
"""
"""Runs the command, each time in a process of its own, which is forked from one that has loaded
all it needs; with an encoder that is there at once. The process lives until it has called so many
functions of ours and so many seconds have gone by. Nothing handles the signal that comes then: it
ends as it does by SIGKILL, whatever it is doing. How far it got does not depend on the machine."""


class Ended(NamedTuple):
    """A process that came to its end."""

    returncode: int
    stderr: str


class Nursery:
    """Where the command is run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ingest(self, data: Path, last: int = 0, seconds: float = 0) -> Ended:
        """Run ``passerelle ingest``, and end it ``seconds`` after its ``last`` call."""
        assert self._process.stdin
        assert self._process.stdout
        arguments = ["ingest", str(DOCUMENTS), "--data", str(data)]
        self._process.stdin.write(json.dumps([last, seconds, arguments]) + "\n")
        self._process.stdin.flush()
        return Ended(*json.loads(self._process.stdout.readline()))


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.slow
def test_killed_at_twenty_moments_and_run_again_it_is_as_after_one_clean_run(
    nursery: Nursery, tmp_path: Path
) -> None:
    through = nursery.ingest(tmp_path / "clean")
    assert through.returncode == 0, through.stderr
    calls = int(through.stderr.splitlines()[-1])
    clean = content_of(tmp_path / "clean")
    assert len(clean) == len([path for path in DOCUMENTS.rglob("*") if path.is_file()])

    draw = random.Random(SEED)
    visible = set()
    for number in range(FOLDERS):
        data = tmp_path / f"killed-{number}"
        first = (number + 0.5) / FOLDERS  # so that they end at different stages
        # Each of a folder's runs has at least what is left of one clean run before it.
        cuts = [first, *sorted(draw.uniform(first, 1) for _ in range(KILLS - 1))]
        for start, end in pairwise([0, *cuts]):
            last = 1 + int(calls * (end - start))
            ended = nursery.ingest(data, last, draw.uniform(1e-6, 2e-3))
            assert ended.returncode == -signal.SIGALRM, ended.stderr
            visible.add(_whole_documents(data, clean))
        assert nursery.ingest(data).returncode == 0
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
