"""``python -m tests.robustness.crashes``: a thousand kills, and every failure of the disk.

It can be done in parts: each with a seed or an operation of its own, and ``--into`` one file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from tests.robustness.crashes import kills, life, rot

HERE = Path(__file__).parent


@click.command()
@click.option("--kills", "kill_count", default=1000, show_default=True)
@click.option("--most", default=30, show_default=True, help="Calls of a kind that are tried.")
@click.option("--flips", default=500, show_default=True)
@click.option("--seed", default=20261125, show_default=True)
@click.option(
    "--operation",
    "operations",
    multiple=True,
    type=click.Choice(life.OPERATIONS),
    default=life.OPERATIONS,
    help="Whose calls fail; all by default.",
)
@click.option("--into", type=click.Path(path_type=Path), help="JSON file to add the figures to.")
def main(
    kill_count: int,
    most: int,
    flips: int,
    seed: int,
    operations: tuple[str, ...],
    into: Path | None,
) -> None:
    """Print what was wrong after each, as JSON. Needs a C compiler."""
    with tempfile.TemporaryDirectory() as name:
        library = _preloaded()
        if library is None:
            _again_with_preload(Path(name))
            return
        folder = Path(name).resolve() / "data"
        found = {
            "kills": _tried(kills.kills(folder, kill_count, seed)),
            "faults": _tried(kills.faults(folder, library, operations, most, seed)),
            "rot": _tried(rot.flips(folder, flips, seed)),
        }
    if into:
        earlier = json.loads(into.read_text()) if into.exists() else {}
        found = {
            title: _sum(earlier.get(title, {}), figures)
            for title, figures in found.items()
            if figures["trials"] or title in earlier
        }
        into.write_text(json.dumps(found, indent=2) + "\n")
    click.echo(json.dumps(found, indent=2))


Figures = dict[str, Any]
"""Counts by name, or such again."""


def _tried(trials: Iterable[kills.Trial]) -> Figures:
    started, done = time.monotonic(), []
    for trial in trials:
        done.append(trial)
        if trial.wrong:
            click.echo(f"{trial.name}: {'; '.join(trial.wrong)}", err=True)
    return {
        "trials": len(done),
        "hit": sum(trial.was_hit for trial in done),
        "wrong": sum(bool(trial.wrong) for trial in done),
        "seconds": round(time.monotonic() - started),
        "by": kills.table(done),
    }


def _sum(one: Figures, other: Figures) -> Figures:
    return {
        name: _sum(one.get(name, {}), other.get(name, {}))
        if isinstance(one.get(name, other.get(name)), dict)
        else one.get(name, 0) + other.get(name, 0)
        for name in {**one, **other}
    }


def _preloaded() -> Path | None:
    path = os.environ.get("LD_PRELOAD", "")
    return Path(path) if path.endswith("faults.so") else None


def _again_with_preload(folder: Path) -> None:
    library = folder / "faults.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "faults.c", "-ldl"], check=True
    )
    environment = {**os.environ, "LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1"}
    arguments = [sys.executable, "-m", "tests.robustness.crashes", *sys.argv[1:]]
    sys.exit(subprocess.run(arguments, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
