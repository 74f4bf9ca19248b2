"""How much of a PDF is read, and in which order, beside an independent program.

    python -m benchmarks.reading --files FOLDER [--out benchmarks/results]

reads a sample of the PDFs below FOLDER and compares their words with what ``pdftotext`` and
``pdftotext -layout`` (Debian's poppler-utils) make of them. Such files come in Debian's packages:
``apt-get download texlive-publishers-doc`` and ``dpkg -x``.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any, Final, NamedTuple

import click

from corpus import readers
from corpus.errors import Refused
from corpus.text.cleaning import clean

MAX_PAGES: Final = 300
"""Pages of the longest file that is read: the longest common subsequence grows as the square."""

OF_ONE_FOLDER: Final = 1
"""Files of one folder that are taken: what lies together was made together."""

PROSE: Final = 20
"""Characters on each side of a gap from which it parts columns, not a table's cells."""

FULL: Final = 0.8
"""Share of the longest line's characters from which a line of a column is full."""

FULL_SHARE: Final = 0.5
"""Share of the lines beside one another that are full from which they are columns, not a table."""

MIN_LINES: Final = 4
"""Lines beside one another that are columns; fewer are a table's."""

CLOSE: Final = 2
"""Lines without a gap, from headings or the other column's end, that may stand among such lines."""

TWO_COLUMNS: Final = 0.3
"""Share of the lines with prose on both sides of a gap from which a file has two columns."""

RIGHT_TO_LEFT: Final = 0.3
"""Share of the letters that are Arabic or Hebrew from which a file is written that way."""

FEW_WORDS: Final = 5
"""Words a page below which a file is a scan or a picture, which pdftotext cannot read either; as it
cannot where we recognise a page because the file does not say which letters are on it."""

MIN_CONTEXT: Final = 8
"""Characters of a word and its neighbours from which to find them elsewhere is no chance."""

_BROKEN = re.compile(r"(?<=\w)[-\u00ad\u2010\u2011]\s*\n\s*(?=\w)")
_TURNED = "\u0590-\u08ff"
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Letters and digits apart, so that a note's number does not stick to its word in one program
# only; so are letters from the left and from the right; and each character of Chinese and Japanese,
# which put no spaces between words.
_WORD = re.compile(rf"\d+|[{_ALONE}]|(?:(?=[{_TURNED}])[^\W\d_])+|[^\W\d_{_ALONE}{_TURNED}]+")
_INSIDE = re.compile(r"(?<=\w)[-\u00ad\u2010\u2011'’](?=\w)")
_GAP = re.compile(r" {3,}")


class Compared(NamedTuple):
    """What was read of one file, beside the other program."""

    file: str
    kind: str
    pages: int
    words: int
    found: float
    """Share of the words that both ways of pdftotext have: in the text, or kept as left out."""
    spaced: int
    """Words among them that are there with other spaces between their letters."""
    in_text: float
    """The same, in the text alone."""
    twice: int
    """Words more often there than either way has them."""
    invented: int
    """Words there that neither way has at all."""
    order: float
    """Longest common subsequence with pdftotext, as a share of the words in common; or, if that is
    nearer, with ``pdftotext -raw``, which keeps the order of the file."""
    order_across: float
    """The same with ``pdftotext -layout``, which reads lines across the page."""
    crossed: int
    """Times a line of one column goes on with that beside it, where pdftotext has it not so."""
    left_out: dict[str, int]
    """Lines, by the reason."""
    seconds_a_page: float


def words_of(text: str) -> list[str]:
    """Return the words of a text, as alike as two programs that read a page can write them."""
    text = unicodedata.normalize("NFKC", _BROKEN.sub("", text)).casefold()
    text = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Mn", "Lm"))
    return _WORD.findall(_INSIDE.sub("", text))


def spaced_otherwise(
    missing: Counter[str], words: Sequence[str], others: Sequence[str]
) -> Counter[str]:
    """Return those of the ``missing`` words of ``words`` that ``others`` have after all, with
    spaces elsewhere, between the same neighbours; or with more accents, where those stand beside
    their letters in ``words``."""
    left, found = Counter(missing), Counter[str]()
    run_on = "".join(others)
    bare = _bare(run_on)
    for at, word in enumerate(words):
        around = "".join(words[max(0, at - 1) : at + 2])
        if left[word] > 0 and len(around) >= MIN_CONTEXT and _is_in(around, run_on, bare):
            left[word] -= 1
            found[word] += 1
    return found


def _is_in(around: str, run_on: str, bare: str) -> bool:
    if around in run_on:
        return True
    at = bare.find(_bare(around))
    return at >= 0 and _accents(run_on[at : at + len(around)]) > _accents(around)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFD", each)[0] for each in text)


def _accents(text: str) -> int:
    return len(unicodedata.normalize("NFD", text)) - len(text)


def order_of(words: Sequence[str], others: Sequence[str]) -> float:
    """Return the longest common subsequence's share of the words in common."""
    from rapidfuzz.distance import LCSseq

    common = (Counter(words) & Counter(others)).total()
    return LCSseq.similarity(words, others) / common if common else 1.0


def crossings(layout: str) -> set[tuple[str, ...]]:
    """Return, for each line with prose in two columns, the words on both sides of the gap."""
    found = set()
    for group in _beside_one_another(layout):
        if _is_full([left for left, _ in group]) and _is_full([right for _, right in group]):
            for left, right in group:
                before, after = words_of(left)[-2:], words_of(right)[:2]
                if len(before) == len(after) == 2:
                    found.add((*before, *after))
    return found


def _beside_one_another(layout: str) -> Iterator[list[tuple[str, str]]]:
    """Yield the texts on both sides of wide gaps, those of lines close to one another together."""
    group: list[tuple[str, str]] = []
    apart = 0
    for line in layout.split("\n"):
        sides = [
            pair for pair in pairwise(_GAP.split(line.strip())) if min(map(len, pair)) >= PROSE
        ]
        apart = 0 if sides else apart + 1
        if apart > CLOSE and group:
            yield group
            group = []
        group.extend(sides)
    yield group


def _is_full(texts: Sequence[str]) -> bool:
    """Tell whether texts below one another are lines of prose; the cells of a table are of all
    lengths."""
    longest = max(map(len, texts), default=0)
    full = sum(len(text) >= FULL * longest for text in texts)
    return len(texts) >= MIN_LINES and full >= FULL_SHARE * len(texts)


def grams(words: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the words in fours, as they follow one another."""
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def compare(path: Path, shown: str) -> Compared | None:
    """Compare one file; None if it is too long, or cannot be read by either program."""
    content = path.read_bytes()
    pages, kind = _pages_and_kind(content)
    if not pages or pages > MAX_PAGES:
        return None
    plain, layout = _poppler(path), _poppler(path, "-layout")
    reference, across = words_of(plain), words_of(layout)
    drawn = words_of(_poppler(path, "-raw"))
    kind = kind or _kind(plain, layout, pages)
    begun = time.process_time()
    try:
        document = readers.read(content, readers.MEDIA_TYPES[".pdf"])
    except Refused:
        return None
    seconds = (time.process_time() - begun) / pages
    if document.recognised:
        kind = "scan"
    cleaned = clean(document)
    words = words_of(cleaned.text)
    left = [word for each in cleaned.left_out for word in words_of(each.text)]
    expected = Counter(reference) & Counter(across)
    most = Counter(reference) | Counter(across)
    here = Counter(words)
    everything = here + Counter(left)
    spaced = spaced_otherwise(expected - everything, reference, [*words, *left])
    missing = (expected - everything - spaced).total()
    beside = crossings(layout) - grams(reference)
    return Compared(
        file=shown,
        kind=kind,
        pages=pages,
        words=expected.total(),
        found=1 - missing / max(1, expected.total()),
        spaced=spaced.total(),
        in_text=_share(expected, here + spaced),
        twice=sum(n - most[word] for word, n in here.items() if n > most[word] > 0),
        invented=sum(n for word, n in here.items() if word not in most),
        order=max(order_of(words, reference), order_of(words, drawn)),
        order_across=order_of(words, across),
        crossed=len(beside & grams(words)),
        left_out=dict(Counter(each.reason.value for each in cleaned.left_out)),
        seconds_a_page=seconds,
    )


def sample(folder: Path, files: int) -> list[Path]:
    """Return so many PDFs below ``folder``, always the same, few of one folder."""
    taken: Counter[Path] = Counter()
    chosen = []
    paths = (path for path in folder.rglob("*.pdf") if path.is_file() and not path.is_symlink())
    for path in sorted(paths, key=lambda path: _draw(path.relative_to(folder))):
        taken[path.parent] += 1
        if taken[path.parent] <= OF_ONE_FOLDER:
            chosen.append(path)
    return chosen[:files]


def _draw(path: Path) -> str:
    return hashlib.sha256(path.as_posix().encode()).hexdigest()


def _share(expected: Counter[str], there: Counter[str]) -> float:
    return (expected & there).total() / expected.total() if expected else 1.0


def _poppler(path: Path, *options: str) -> str:
    command = ["pdftotext", "-enc", "UTF-8", "-nopgbrk", *options, str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def _pages_and_kind(content: bytes) -> tuple[int, str]:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return 0, ""
    with pdf:
        if pdf.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
            return len(pdf), "form"
        width, height = pdf[0].get_size()
        return len(pdf), "slides" if width > height else ""


def _kind(plain: str, layout: str, pages: int) -> str:
    letters = [each for each in plain if each.isalpha()]
    if len(words_of(plain)) < FEW_WORDS * pages:
        return "scan"
    turned = sum(unicodedata.bidirectional(each) in ("R", "AL") for each in letters)
    if turned > RIGHT_TO_LEFT * len(letters):
        return "right to left"
    lines = [line.strip() for line in layout.split("\n") if len(line.strip()) >= 2 * PROSE]
    parted = sum(
        any(min(map(len, sides)) >= PROSE for sides in pairwise(_GAP.split(line))) for line in lines
    )
    return "two columns" if parted > TWO_COLUMNS * len(lines) else "one column"


def summary(compared: Iterable[Compared]) -> dict[str, dict[str, Any]]:
    """Return the figures by kind of file, and of all that are neither forms nor scans."""
    kinds: defaultdict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        kinds[each.kind].append(each)
        if each.kind not in ("form", "scan"):
            kinds["all but forms and scans"].append(each)
    return {kind: _figures(files) for kind, files in sorted(kinds.items())}


def _figures(files: Sequence[Compared]) -> dict[str, Any]:
    words, pages = sum(each.words for each in files), sum(each.pages for each in files)
    return {
        "files": len(files),
        "pages": pages,
        "words": words,
        "found": round(mean(each.found for each in files), 5),
        "found, worst": round(min(each.found for each in files), 5),
        "files under .995": sum(each.found < 0.995 for each in files),
        "spaced otherwise": sum(each.spaced for each in files),
        "in the text": round(mean(each.in_text for each in files), 5),
        "twice": sum(each.twice for each in files),
        "not there": sum(each.invented for each in files),
        "order": round(mean(each.order for each in files), 5),
        "files under .98": sum(each.order < 0.98 for each in files),
        "columns crossed": sum(each.crossed for each in files),
        "ms a page": round(
            1e3 * sum(each.seconds_a_page * each.pages for each in files) / pages, 2
        ),
    }


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--files", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sample", "number", default=60, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the figures to.")
def main(files: Path, number: int, out: Path | None) -> None:
    compared = []
    for path in sample(files, number):
        found = compare(path, path.relative_to(files).as_posix())
        if found:
            compared.append(found)
            click.echo(
                f"{found.found:.4f} {found.in_text:.4f} order {found.order:.4f}"
                f" across {found.order_across:.4f} twice {found.twice} not there {found.invented}"
                f" crossed {found.crossed} {found.kind}, {found.pages} pages: {found.file}"
                f" {found.left_out}"
            )
    figures = summary(compared)
    click.echo(json.dumps(figures, indent=2))
    if out:
        day = datetime.now(UTC).date().isoformat()
        content = {"kinds": figures, "files": [each._asdict() for each in compared]}
        (out / f"reading-{day}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
