"""How much of office files, books and messages is read, beside other programs.

    python -m benchmarks.office --files FOLDER [--sample 70] [--out benchmarks/results]

reads a sample of the files of each format below FOLDER and compares their words with what another
program makes of them (``benchmarks.office_judges``). That needs Debian's ``libemail-outlook-
message-perl``, ``pandoc`` and ``libreoffice-writer-nogui``, ``-calc-nogui`` and ``-impress-nogui``.
Such files come in the sources of Debian's packages: ``apt-get source libreoffice pandoc rspamd``.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any, Final, NamedTuple

import click

from benchmarks.office_judges import FLAT, OTHERS, Judged, convert, judged
from benchmarks.reading import order_of, spaced_otherwise, words_of
from corpus import readers
from corpus.errors import Refused
from corpus.text.cleaning import clean

FEW_WORDS: Final = 20
"""Words that a file must have to count as one of its format: of fewer, one is more than the goal
allows."""

SHORT: Final = f"under {FEW_WORDS} words, any format"
"""Files of fewer are counted together."""

TOO_LONG: Final = 120
"""Seconds after which a file that is not read is given up."""

SAMPLES: Final = Path(__file__).parents[1] / "corpus" / "sample"
"""Files that are read first, so that no file's time is that of loading libraries."""


class Read(NamedTuple):
    """What we read of a file."""

    text: str
    title: str
    left_out: Mapping[str, int]
    apart: str
    """What we left out, word for word."""
    seconds: float
    mebibytes: float
    """That the process grew by at most, while it read."""


class Refusal(NamedTuple):
    """Why we do not read a file."""

    reason: str
    message: str
    file: str = ""
    kind: str = ""
    other_program: str = ""
    """Whether that reads it."""


class Compared(NamedTuple):
    """What was read of one file, beside the other program."""

    file: str
    kind: str
    words: int
    found: float
    """Share of the other program's words that are in the text, or kept as left out."""
    spaced: int
    """Words among them that are there with other spaces between their letters."""
    twice: int
    """Words more often in the text than the other program has them."""
    invented: int
    """Words in the text that the other program does not have, heads and feet of pages included."""
    order: float
    """Longest common subsequence, as a share of the words in common."""
    by_value: int
    """Cells that are compared by their value."""
    left_out: Mapping[str, int]
    missing: Sequence[str]
    """Some of the words that are not in the text."""
    seconds: float
    mebibytes: float


def compare(file: str, kind: str, ours: Read, theirs: Judged) -> Compared | None:
    """Compare what we read of a file with what the other program did; None if that has no words."""
    words, expected = words_of(ours.text), words_of(theirs.text)
    if not expected:
        return None
    everything = [*words, *words_of(f"{ours.apart}\n{ours.title}")]
    missing = Counter(expected) - Counter(everything)
    spaced = spaced_otherwise(missing, expected, everything)
    missing -= spaced
    known = Counter(expected) + Counter(words_of(f"{theirs.beside} {ours.title}"))
    return Compared(
        file=file,
        kind=kind if len(expected) >= FEW_WORDS else SHORT,
        words=len(expected),
        found=1 - missing.total() / len(expected),
        spaced=spaced.total(),
        twice=sum(n - known[word] for word, n in Counter(words).items() if n > known[word] > 0),
        invented=sum(n for word, n in Counter(words).items() if word not in known),
        order=order_of(words, expected),
        by_value=theirs.by_value,
        left_out=ours.left_out,
        missing=[word for word, _ in missing.most_common(12)],
        seconds=ours.seconds,
        mebibytes=ours.mebibytes,
    )


def read(path: Path) -> Read | Refusal:
    """Read a file, as ``ingest`` does."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        cleaned = clean(readers.read(path.read_bytes(), readers.MEDIA_TYPES[path.suffix.lower()]))
    except Refused as error:
        return Refusal(type(error).__name__, str(error))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    left_out = Counter(
        reason for each in cleaned.left_out for reason in [each.reason.value] * each.number
    )
    return Read(
        text=cleaned.text,
        title=cleaned.metadata.title or "",
        left_out=left_out,
        apart="\n".join(each.text for each in cleaned.left_out),
        seconds=time.process_time() - begun,
        mebibytes=(after - before) / 1024,
    )


def outcome_of(path: Path, file: str, made: Path) -> Compared | Refusal | str:
    """Read a file and compare it; where neither tells anything, return why in words."""
    kind = path.suffix.lower()[1:]
    ours, theirs = read(path), judged(path, made)
    if isinstance(ours, Refusal):
        reads = "reads it" if theirs and theirs.text.strip() else "does not"
        return ours._replace(file=file, kind=kind, other_program=reads)
    if theirs is None:
        return f"{kind}: the other program does not read it"
    return compare(file, kind, ours, theirs) or f"{kind}: the other program has no words"


def outcomes(
    paths: Iterable[Path], files: Path, made: Path, at_once: int
) -> Iterator[Compared | Refusal | str]:
    """Read each file in a process of its own, so that one that is too much ends none but itself."""
    with multiprocessing.get_context("fork").Pool(at_once, maxtasksperchild=1) as pool:
        waiting = [
            (path, pool.apply_async(outcome_of, [path, path.relative_to(files).as_posix(), made]))
            for path in paths
        ]
        for path, each in waiting:
            try:
                yield each.get(TOO_LONG)
            except multiprocessing.TimeoutError:
                yield f"{path.suffix.lower()[1:]}: not read and compared in {TOO_LONG} s"


def warm_up() -> None:
    """Read files whose time does not count, which loads libraries."""
    for path in sorted(SAMPLES.rglob("*")):
        if path.suffix in (*FLAT, *OTHERS):
            read(path)


def sample(folder: Path, files: int) -> list[Path]:
    """Return at most so many different files below ``folder`` of each format, always the same."""
    found: defaultdict[str, dict[bytes, Path]] = defaultdict(dict)
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in (*FLAT, *OTHERS))
    for path in sorted(paths, key=lambda path: _draw(path.relative_to(folder))):
        same = found[path.suffix.lower()]
        if len(same) < files and path.is_file():
            same.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return [path for same in found.values() for path in same.values()]


def _draw(path: Path) -> str:
    return hashlib.sha256(path.as_posix().encode()).hexdigest()


def _figures(files: Sequence[Compared]) -> dict[str, Any]:
    words = sum(each.words for each in files)
    return {
        "files": len(files),
        "words": words,
        "found": round(mean(each.found for each in files), 5),
        "found, of all words": round(sum(each.found * each.words for each in files) / words, 5),
        "found, worst": round(min(each.found for each in files), 5),
        "files under .995": sum(each.found < 0.995 for each in files),
        "spaced otherwise": sum(each.spaced for each in files),
        "twice": sum(each.twice for each in files),
        "not there": sum(each.invented for each in files),
        "order": round(mean(each.order for each in files), 5),
        "cells by value": sum(each.by_value for each in files),
        "files under .98": sum(each.order < 0.98 for each in files),
        "ms for 1,000 words": round(1e6 * sum(each.seconds for each in files) / words, 1),
        "MiB, median": round(median(each.mebibytes for each in files), 1),
        "MiB, most": round(max(each.mebibytes for each in files), 1),
    }


def summary(compared: Iterable[Compared]) -> dict[str, dict[str, Any]]:
    """Return the figures by format, and of all."""
    kinds: defaultdict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        kinds[each.kind].append(each)
        if each.kind != SHORT:
            kinds["all"].append(each)
    return {kind: _figures(each) for kind, each in sorted(kinds.items())}


def _shown(found: Compared | Refusal | str) -> str:
    if not isinstance(found, Compared):
        return f"{found}"
    return (
        f"{found.found:.4f} order {found.order:.4f} twice {found.twice} not there {found.invented}"
        f" of {found.words} {found.file} {dict(found.left_out)} {found.missing}"
    )


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--files", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sample", "number", default=70, show_default=True, help="Files of each format.")
@click.option("--made", type=click.Path(path_type=Path), help="Folder to keep LibreOffice's in.")
@click.option("--at-once", default=2, show_default=True, help="Files.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the figures to.")
def main(files: Path, number: int, made: Path | None, at_once: int, out: Path | None) -> None:
    compared: list[Compared] = []
    refused: list[Refusal] = []
    nothing: Counter[str] = Counter()
    paths = sample(files, number)
    with tempfile.TemporaryDirectory() as temporary:
        folder = made or Path(temporary)
        folder.mkdir(exist_ok=True)
        convert(paths, folder)
        warm_up()
        for found in outcomes(paths, files, folder, at_once):
            click.echo(_shown(found))
            match found:
                case Compared():
                    compared.append(found)
                case Refusal():
                    refused.append(found)
                case str():
                    nothing[found] += 1
    figures = summary(compared)
    why = Counter(f"{each.kind}: {each.reason}" for each in refused)
    results = {"kinds": figures, "refused": dict(sorted(why.items())), "not compared": nothing}
    click.echo(json.dumps(results, indent=2))
    if out:
        day = datetime.now(UTC).date().isoformat()
        saved = {
            **results,
            "refusals": [each._asdict() for each in refused],
            "files": [each._asdict() for each in compared],
        }
        (out / f"office-{day}.json").write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
