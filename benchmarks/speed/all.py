"""Every measurement of speed, in its order, into one dated file: what ``make bench`` runs.

    python -m benchmarks.speed.all TEXTS.jsonl WORK --results FOLDER --images FOLDER

It takes two hours on two cores, most of it to encode 10,000 passages. What is in WORK already is
not made again, and what is in the day's file is not measured again, so it can be stopped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.speed.beside import PACKAGES
from benchmarks.speed.running import passerelle, run

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}


@click.command(help=__doc__)
@click.argument("texts", type=click.Path(exists=True, path_type=Path))
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--results", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--images", type=click.Path(exists=True, path_type=Path), required=True)
def main(texts: Path, work: Path, results: Path, images: Path) -> None:
    """Measure."""
    out = results / f"speed-{datetime.now(UTC).date().isoformat()}.json"
    small, large = work / "2k", work / "10k"
    for folder, passages in ((small, 2_000), (large, 10_000)):
        if not (folder / "questions.jsonl").exists():
            _step("material", folder, texts, "--passages", passages)
    if "ingest" not in _measured(out):
        shutil.rmtree(small / "ingested", ignore_errors=True)  # another day's
        _step("measure", "ingest", small, "--out", out)
    if "encoders" not in _measured(out):
        _step("measure", "encoders", small, "--out", out)
    run(passerelle("ingest", str(large / "documents"), "--data", str(large / "data")), (0, 1))
    for section in ("questions", "starts"):
        if section not in _measured(out):
            _step("measure", section, large, "--out", out)
    missing = [name for name in PACKAGES if name not in _measured(out)]
    options = [word for name in missing for word in ("--tool", name)]
    if "http" not in _measured(out):
        options.append("--http")
    if options:
        _step("others", work / "environments", large, *options, "--out", out)
    for name, passages in SIZES.items():
        if f"growth-{name}" not in _measured(out):
            folder = work / f"growth-{name}"
            _step("fill", large / "data", folder, "--passages", passages)
            (folder / "questions.jsonl").write_bytes((large / "questions.jsonl").read_bytes())
            while _step("grow", folder):
                pass
            _step("measure", "growth", folder, "--out", out, "--name", f"growth-{name}")
    _step("report", out, images)


def _step(*words: object) -> bool:
    """Run one command of ``benchmarks.speed``; tell whether it has more to do.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "benchmarks.speed", *map(str, words)]
    click.echo(" ".join(command[2:]))
    done = subprocess.run(command, check=False)
    if done.returncode not in (0, 3):
        done.check_returncode()
    return done.returncode == 3


def _measured(out: Path) -> Iterator[str]:
    return iter(json.loads(out.read_text("utf-8")) if out.exists() else {})


if __name__ == "__main__":
    main()
