"""How fast it is, beside what else there is.

    python -m benchmarks.speed material FOLDER TEXTS.jsonl... --passages N
    python -m benchmarks.speed measure SECTION FOLDER --out FILE.json

Every section is a measurement by itself, so that one can be made again; its figures are kept in
FILE.json beside those of the others. Times by themselves say as much about the machine as about
the code: quote ratios of one run on one machine.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchmarks.speed import beside, growth, material, report, sections

SECTIONS = {
    "ingest": sections.ingest,
    "encoders": sections.encoders,
    "questions": sections.questions,
    "starts": sections.starts,
    "growth": growth.measure,
}


@click.group(help=__doc__)
def main() -> None:
    """Measure."""


@main.command("material")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", type=click.IntRange(100), default=10_000, show_default=True)
def write_material(folder: Path, texts: tuple[Path, ...], passages: int) -> None:
    """Write documents and questions into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    material.write(texts, folder, passages)


@main.command()
@click.argument("real", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--passages", type=click.IntRange(1000), required=True)
def fill(real: Path, folder: Path, passages: int) -> None:
    """Make a collection in FOLDER with vectors drawn from those in REAL."""
    growth.fill(real, folder, passages)


@main.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
def grow(folder: Path) -> None:
    """Make one index that FOLDER lacks; exit with status 3 while there are more."""
    raise SystemExit(0 if growth.grow(folder) else 3)


@main.command()
@click.argument("environments", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--tool", "tools", type=click.Choice(sorted(beside.PACKAGES)), multiple=True)
@click.option("--http", is_flag=True, help="Ask Passerelle and txtai over HTTP.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def others(environments: Path, folder: Path, tools: tuple[str, ...], http: bool, out: Path) -> None:
    """Measure other tools, each installed in ENVIRONMENTS, over the collection in FOLDER."""
    environments.mkdir(parents=True, exist_ok=True)
    beside.install(environments)
    beside.prepare(folder)
    for tool in tools:
        _keep(out, tool, beside.measure(tool, environments, folder))
    if http:
        _keep(out, "http", beside.over_http(environments, folder))


@main.command()
@click.argument("section", type=click.Choice(sorted(SECTIONS)))
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--name", help="Name to keep the figures by; else the section's.")
def measure(section: str, folder: Path, out: Path, name: str | None) -> None:
    """Measure one section in FOLDER and keep its figures in FILE.json."""
    _keep(out, name or section, SECTIONS[section](folder))


@main.command("report")
@click.argument("figures", type=click.Path(exists=True, path_type=Path))
@click.argument("images", type=click.Path(exists=True, path_type=Path))
def write_report(figures: Path, images: Path) -> None:
    """Write the table beside FIGURES.json, and the drawings into IMAGES."""
    report.write(figures)
    report.draw(figures, images)


def _keep(out: Path, section: str, figures: Mapping[str, Any]) -> None:
    """Put a section's figures beside the others' in ``out``."""
    kept = json.loads(out.read_text("utf-8")) if out.exists() else {}
    kept["machine"] = {"cores": os.cpu_count(), "cpu": _cpu(), "python": platform.python_version()}
    kept[section] = {"date": datetime.now(UTC).date().isoformat(), **figures}
    out.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    click.echo(json.dumps({section: figures}, indent=2))


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
