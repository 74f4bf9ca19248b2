"""Attack a server on every route, as every kind of visitor, while another client asks.

    python -m tests.robustness.adversary [--seconds 120] [--connections 5000] [--attack NAME] ...

For each attack it prints the honest client's share of answers, and the 99th percentile of their
times beside the one before the attack; what the server said of its readiness; its memory before,
at most, and after; its descriptors. The server may open 1,024 files, as where nobody set a limit.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from index.settings import ModelSettings
from tests.robustness.adversary import scene
from tests.robustness.adversary.attacking import attacked
from tests.robustness.adversary.attacks import ATTACKS

QUIET_SECONDS: Final = 20.0


@click.command(help=__doc__)
@click.option("--seconds", default=120.0, show_default=True, help="Of each attack.")
@click.option("--connections", default=5_000, show_default=True, help="At once.")
@click.option("--attack", "attacks", multiple=True, type=click.Choice(list(ATTACKS)))
@click.option("--into", type=click.Path(path_type=Path), help="JSON file to write.")
def main(seconds: float, connections: int, attacks: Sequence[str], into: Path | None) -> None:
    """Carry out one attack after the other; exit with 1 if a question was not answered."""
    settings = ModelSettings()
    found = []
    with TemporaryDirectory() as folder:
        kept = scene.filled(Path(folder) / "data", settings.load_encoder())
        with scene.guarded(kept, settings.cache) as server:
            end = time.monotonic() + QUIET_SECONDS
            quiet = scene.watch(server, kept.honest_key, lambda: time.monotonic() > end)
            for attack in attacks or ATTACKS:
                found.append(attacked(server, kept, attack, connections, seconds, quiet))
                click.echo(json.dumps(asdict(found[-1])))
    if into:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        figures = {"finished": when, "seconds": seconds, "connections": connections}
        figures["attacks"] = [asdict(each) for each in found]
        into.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    sys.exit(any(each.share_answered < 1 for each in found))


if __name__ == "__main__":
    main()
