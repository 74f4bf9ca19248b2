"""How many words of printed pages are recognised, by language.

    python -m benchmarks.recognition [--texts FOLDER] [--out benchmarks/results]

prints the texts below FOLDER, which has a folder for each language, draws the pages at 300 dpi,
once clean and once as a poor scanner does (a little turned, speckled, as JPEG), and compares what
is read with what was printed.
"""

from __future__ import annotations

import io
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

import click
import pypdfium2
from fpdf import FPDF
from PIL import Image, ImageChops

from benchmarks.reading import words_of
from corpus import readers
from corpus.errors import Refused
from corpus.text.cleaning import clean
from corpus.types import RecognisedPage

DPI: Final = 300
TURNED_DEGREES: Final = 0.7
SPECKLES: Final = 0.002
"""Share of the pixels of a poor scan that are black."""
JPEG_QUALITY: Final = 40

SAMPLE: Final = Path("corpus/sample/documents")
_FONT: Final = Path(str(resources.files("ttf_opensans"))) / "ttf" / "OpenSans-Regular.ttf"


def pages_of(text: str) -> Iterator[Image.Image]:
    """Yield the pages that a text is printed on, in 11 points."""
    document = FPDF()
    document.add_font("open sans", fname=_FONT)
    document.set_font("open sans", size=11)
    document.add_page()
    document.multi_cell(0, 6, text)
    with pypdfium2.PdfDocument(bytes(document.output())) as pdf:
        for page in pdf:
            yield page.render(scale=DPI / 72, grayscale=True).to_pil()


def poor(page: Image.Image) -> Image.Image:
    """Return a page as a poor scanner shows it."""
    turned = page.rotate(TURNED_DEGREES, fillcolor=255, resample=Image.Resampling.BICUBIC)
    noise = Image.frombytes("L", page.size, random.Random(7).randbytes(page.width * page.height))
    speckled = ImageChops.darker(turned, noise.point(lambda n: 0 if n < 256 * SPECKLES else 255))
    file = io.BytesIO()
    speckled.save(file, "JPEG", quality=JPEG_QUALITY)
    return Image.open(file)


def recognised(page: Image.Image) -> tuple[list[str], RecognisedPage | None]:
    """Return the words that are read on a page, and how well."""
    file = io.BytesIO()
    page.save(file, "PNG", dpi=(DPI, DPI))
    try:
        raw = readers.read(file.getvalue(), readers.MEDIA_TYPES[".png"])
    except Refused:
        return [], None
    return words_of(clean(raw).text), raw.recognised[0]


def measured(folder: Path, most: int) -> dict[str, Any]:
    """Return the figures of a folder's texts, ``most`` of them."""
    figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(folder.iterdir())[:most]:
        content = path.read_bytes()
        text = clean(readers.read(content, readers.media_type_of(path.name, content))).text
        for kind, change in (("clean", lambda page: page), ("poor", poor)):
            printed, read = Counter(words_of(text)), Counter[str]()
            for page in pages_of(text):
                begun = time.process_time()
                words, facts = recognised(change(page))
                figures[kind]["ms"] += round(1_000 * (time.process_time() - begun))
                figures[kind]["pages"] += 1
                figures[kind]["doubtful"] += facts.doubtful if facts else 0
                read.update(words)
            figures[kind]["words"] += printed.total()
            figures[kind]["found"] += (printed & read).total()
            figures[kind]["not there"] += (read - printed).total()
    return {
        kind: {
            "words": each["words"],
            "found": round(each["found"] / each["words"], 4),
            "not there": each["not there"],
            "doubtful": each["doubtful"],
            "seconds a page": round(each["ms"] / each["pages"] / 1_000, 2),
        }
        for kind, each in figures.items()
    }


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option(
    "--texts", type=click.Path(exists=True, path_type=Path), default=SAMPLE, show_default=True
)
@click.option("--most", default=8, show_default=True, help="Texts of each language.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the figures to.")
def main(texts: Path, most: int, out: Path | None) -> None:
    figures = {}
    for folder in sorted(each for each in texts.iterdir() if each.is_dir()):
        figures[folder.name] = measured(folder, most)
        click.echo(f"{folder.name} {json.dumps(figures[folder.name])}")
    if out:
        day = datetime.now(UTC).date().isoformat()
        (out / f"recognition-{day}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
