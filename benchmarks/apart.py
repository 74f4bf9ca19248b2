"""What it costs to read files in a process apart.

    python -m benchmarks.apart --out FILE.json [--rounds 3]

ingests the sample corpus, vectors included, in turn as it is done and with the readers in this
process. Before the first round both have read a file, so that neither loads anything in it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

import click

from corpus import sandbox
from corpus.ingest import find_sources, ingest
from corpus.sandbox.extract import Extract, extract
from corpus.store.catalogue import Catalogue
from index.encoders.protocol import Encoder
from index.settings import ModelSettings
from index.writer import encode_waiting

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample" / "documents"


def seconds_of(encoder: Encoder) -> tuple[float, float]:
    """Ingest the sample corpus; return how long reading took, and all of it."""
    with tempfile.TemporaryDirectory() as folder, Catalogue(Path(folder)) as catalogue:
        started = perf_counter()
        reports = list(ingest(catalogue, find_sources([SAMPLE])))
        read = perf_counter()
        encode_waiting(catalogue, encoder)
        assert all(report.document for report in reports)
        return read - started, perf_counter() - started


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--rounds", default=3)
def main(out: Path, rounds: int) -> None:
    """Measure both, in turn."""
    encoder = ModelSettings().load_encoder()
    ways: dict[str, Callable[[bytes, str], Extract]] = {"apart": sandbox.extract, "here": extract}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            sandbox.extract = way  # type: ignore[assignment]
            measured = seconds_of(encoder)
            if number:  # the first loads what is loaded once
                times[name].append(measured)
    figures = {
        name: {"read_s": median(r for r, _ in each), "all_s": median(a for _, a in each)}
        for name, each in times.items()
    }
    cost = {key: figures["apart"][key] / figures["here"][key] - 1 for key in ("read_s", "all_s")}
    when = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"finished": when, "figures": figures, "cost": cost, "rounds": times}
    out.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    click.echo(f"{figures} cost {cost}")


if __name__ == "__main__":
    main()
