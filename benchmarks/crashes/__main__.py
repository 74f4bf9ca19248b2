"""``python -m benchmarks.crashes``: a thousand kills, and every call of the disk that can fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.crashes import kills, rot

HERE = Path(__file__).parent


@click.command()
@click.option("--kills", "kill_count", default=1000, show_default=True)
@click.option("--most", default=30, show_default=True, help="Calls of a kind that are tried.")
@click.option("--flips", default=500, show_default=True)
@click.option("--seed", default=20261125, show_default=True)
def main(kill_count: int, most: int, flips: int, seed: int) -> None:
    """Print what was wrong after each, as JSON. Needs a C compiler."""
    with tempfile.TemporaryDirectory() as name:
        library = _preloaded()
        if library is None:
            _again_with_preload(Path(name))
            return
        folder = Path(name).resolve() / "data"
        for title, trials in (
            ("kills", kills.kills(folder, kill_count, seed)),
            ("faults", kills.faults(folder, library, most, seed)),
            ("rot", rot.flips(folder, flips, seed)),
        ):
            started, done = time.monotonic(), []
            for trial in trials:
                done.append(trial)
                if trial.wrong:
                    click.echo(f"{trial.name}: {'; '.join(trial.wrong)}", err=True)
            result = {
                "trials": len(done),
                "hit": sum(trial.was_hit for trial in done),
                "wrong": sum(bool(trial.wrong) for trial in done),
                "seconds": round(time.monotonic() - started),
                "by": kills.table(done),
            }
            click.echo(json.dumps({title: result}, indent=2))


def _preloaded() -> Path | None:
    path = os.environ.get("LD_PRELOAD", "")
    return Path(path) if path.endswith("faults.so") else None


def _again_with_preload(folder: Path) -> None:
    library = folder / "faults.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "faults.c", "-ldl"], check=True
    )
    environment = {**os.environ, "LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1"}
    arguments = [sys.executable, "-m", "benchmarks.crashes", *sys.argv[1:]]
    sys.exit(subprocess.run(arguments, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
