"""Whether passages stand on the page that they name, by an independent program.

    python -m benchmarks.passages --files FOLDER [--passages 1000] [--out benchmarks/results]

takes passages of the PDFs below FOLDER at random, and looks for the beginning of each in what
``pdftotext`` (Debian's poppler-utils) finds on the page that the passage names, in either of the
orders in which it can read one.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import click
from rapidfuzz import fuzz

from benchmarks.boxes import letters_of
from benchmarks.reading import MAX_PAGES, sample
from corpus.errors import Refused
from corpus.sandbox.extract import extract
from corpus.types import Passage

BEGINNING: Final = 60
"""Letters from a passage's beginning that are looked for: it may go on on the next page."""

SAME: Final = 90.0
"""Per cent of these letters that must agree, since two programs read a formula differently."""

ORDERS: Final = ((), ("-raw",), ("-layout",))
"""Options of pdftotext, each for one order of the words of a page."""


class Found(StrEnum):
    """Where a passage was found."""

    THERE = "on its page"
    ELSEWHERE = "on another page"
    NOWHERE = "nowhere"


class Looked(NamedTuple):
    """What was found of one passage."""

    file: str
    page: int
    found: Found
    text: str


def where(beginning: str, pages: Sequence[Sequence[str]], page: int) -> Found:
    """Return where letters stand: on the page that they should (counted from 1), on another one, or
    on none. Each page is given in several orders."""
    if page <= len(pages) and _is_on(beginning, pages[page - 1]):
        return Found.THERE
    return Found.ELSEWHERE if any(_is_on(beginning, other) for other in pages) else Found.NOWHERE


def _is_on(beginning: str, orders: Sequence[str]) -> bool:
    return any(
        beginning in letters
        or (
            len(letters) >= len(beginning)
            and fuzz.partial_ratio(beginning, letters, score_cutoff=SAME) > 0
        )
        for letters in orders
    )


def pages_of(file: Path) -> list[list[str]]:
    """Return the letters of each page by ``pdftotext``, in its orders."""
    orders = []
    for options in ORDERS:
        command = ["pdftotext", "-enc", "UTF-8", *options, str(file), "-"]
        done = subprocess.run(command, capture_output=True, check=False)
        orders.append(done.stdout.decode("utf-8", "replace").split("\f"))
    return [list(map(letters_of, page)) for page in zip(*orders, strict=False)]


def look(path: Path, shown: str, passages: Sequence[Passage]) -> Iterator[Looked]:
    """Yield where ``passages`` of a file were found."""
    pages = pages_of(path)
    for passage in passages:
        beginning = letters_of(passage.text)[:BEGINNING]
        if beginning and passage.page:
            found = where(beginning, pages, passage.page)
            yield Looked(shown, passage.page, found, passage.text)


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--files", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sample", "number", default=100, show_default=True, help="Files.")
@click.option("--passages", "wanted", default=1_000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the figures to.")
def main(files: Path, number: int, wanted: int, out: Path | None) -> None:
    chosen: list[tuple[Path, Passage]] = []
    for path in sample(files, number):
        try:
            read = extract(path.read_bytes(), path.name)
        except Refused:
            continue
        if not read.recognised and max(each.page or 0 for each in read.passages) <= MAX_PAGES:
            chosen += [(path, passage) for passage in read.passages]
    drawn = Random(1).sample(chosen, min(wanted, len(chosen)))
    looked: list[Looked] = []
    for path in sorted({path for path, _ in drawn}):
        of_file = [passage for other, passage in drawn if other == path]
        looked += look(path, path.relative_to(files).as_posix(), of_file)
    for each in looked:
        if each.found is not Found.THERE:
            click.echo(f"{each.found}: {each.file} page {each.page}: {each.text[:150]!r}")
    figures = {found.value: n for found, n in Counter(each.found for each in looked).items()}
    click.echo(json.dumps(figures, indent=2))
    if out:
        day = datetime.now(UTC).date().isoformat()
        others = [each._asdict() for each in looked if each.found is not Found.THERE]
        content = {"passages": figures, "not on their page": others}
        (out / f"passages-{day}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
