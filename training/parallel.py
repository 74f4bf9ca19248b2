"""Make parallel text: paragraphs that say the same in many languages, out of Debian's archive.

    python -m training.parallel --out FOLDER [--source NAME]...

writes ``NAME.jsonl`` for each source, one paragraph a line, and beside it ``NAME.json``: its
licence, what was fetched with its versions, and the counts by language. What is done already is
skipped; remove the ``.json`` to have a source made anew. Packages are kept in ``FOLDER/packages``;
descriptions are fetched as the archive has them that day.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import click

from training import packages
from training.cleaning import clean, counts
from training.errors import SourceError, SourceShort
from training.sources import BY_NAME, SOURCES, Source
from training.types import PIVOT, Paragraph, Unit


def align(source: str, units: Iterable[Unit]) -> list[Paragraph]:
    """Join the units of one id, in the order in which English has them.

    Of two texts for one language, like those for Portugal and for Brazil, the first stays.
    """
    units_of: defaultdict[str, dict[str, Unit]] = defaultdict(dict)
    for unit in units:
        if unit.text:
            units_of[unit.id].setdefault(unit.language, unit)
    return [
        Paragraph(
            source,
            id_,
            {language: unit.text for language, unit in sorted(by_language.items())},
            {of: unit.heading for of, unit in sorted(by_language.items()) if unit.heading},
        )
        for id_, by_language in units_of.items()
        if PIVOT in by_language and len(by_language) > 1
    ]


def make(source: Source, out: Path) -> dict[str, int]:
    """Write the paragraphs of ``source`` below ``out``; return the counts by language.

    Raises:
        PackageGone: a package without which there is nothing to align.
        PackageDamaged: a package cannot be unpacked.
        DescriptionsGone: there are no English descriptions.
        SourceShort: there is much less text than there was.
    """
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=out) as folder:
        if source.locales:
            fetched = packages.fetch_descriptions(source.locales, Path(folder))
        else:
            fetched = _unpacked(source, out / "packages", Path(folder))
        click.echo(f"{source.name}: {len(fetched)} packages or releases, reading")
        paragraphs = list(clean(align(source.name, source.extract(Path(folder)))))
    if len(paragraphs) < source.least:
        raise SourceShort(
            f"{source.name} gives {len(paragraphs)} paragraphs; there were about twice "
            f"{source.least} when it was chosen. What Debian has of it has changed: see how, and "
            "mend training/sources.py or what reads it."
        )
    lines = (json.dumps(paragraph._asdict(), ensure_ascii=False) for paragraph in paragraphs)
    _write(out / f"{source.name}.jsonl", lines)
    manifest = {
        "source": source.name,
        "kind": source.kind,
        "licence": source.licence,
        "purpose": source.purpose,
        "fetched": fetched,
        "paragraphs": len(paragraphs),
        "languages": counts(paragraphs),
    }
    _write(_manifest_of(source, out), [json.dumps(manifest, ensure_ascii=False, indent=2)])
    return counts(paragraphs)


def _unpacked(source: Source, cache: Path, folder: Path) -> dict[str, str]:
    """Unpack each package of ``source`` into a folder of its own; return their versions."""
    archives = packages.fetch_each(
        source.packages,
        cache,
        required=source.required,
        left_out=lambda error: click.echo(f"{source.name}: left out: {error}", err=True),
    )
    versions = {}
    for archive in archives:
        name = packages.name_of(archive)
        packages.unpack(archive, folder / name)
        versions[name] = packages.version_of(archive)
        if len(versions) % 10 == 0:
            click.echo(f"{source.name}: {len(versions)} of {len(source.packages)} unpacked")
    return versions


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write ``lines``, so that the file is there whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    part.replace(path)


def _manifest_of(source: Source, out: Path) -> Path:
    return out / f"{source.name}.json"


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--source",
    "names",
    multiple=True,
    type=click.Choice(list(BY_NAME)),
    help="One source only; may be given again. Without it: all that are for training.",
)
def main(out: Path, names: tuple[str, ...]) -> None:
    """Make the parallel text of each source; go on when one fails, and say so at the end."""
    out.mkdir(parents=True, exist_ok=True)
    chosen = [BY_NAME[name] for name in names] or [s for s in SOURCES if s.purpose == "training"]
    total: Counter[str] = Counter()
    failed = []
    for source in chosen:
        try:
            languages = _made(source, out)
        except SourceError as error:
            click.echo(f"{source.name}: failed: {error}", err=True)
            failed.append(source.name)
            continue
        total.update(languages)
        click.echo(f"{source.name}: {_shown(languages)}")
    click.echo(f"In all: {_shown(dict(total.most_common()))}")
    if failed:
        raise click.ClickException(f"No text from {', '.join(failed)}.")


def _made(source: Source, out: Path) -> dict[str, int]:
    manifest = _manifest_of(source, out)
    if manifest.exists() and (out / f"{source.name}.jsonl").exists():
        click.echo(f"{source.name}: done already")
        languages: dict[str, int] = json.loads(manifest.read_text("utf-8"))["languages"]
        return languages
    return make(source, out)


def _shown(languages: dict[str, int]) -> str:
    return ", ".join(f"{language} {count:,}" for language, count in languages.items()) or "nothing"


if __name__ == "__main__":
    main()
