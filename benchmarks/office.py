"""How much of office files is read, beside LibreOffice, and of mail, beside Python's ``email``.

    python -m benchmarks.office --files FOLDER [--sample 300] [--out benchmarks/results]

reads a sample of the office files and messages below FOLDER. LibreOffice (Debian's
``libreoffice-writer-nogui``, ``-calc-nogui`` and ``-impress-nogui``) writes what it reads of a file
as one XML file, whose words are compared with ours. Such files come in the sources of Debian's
packages: ``apt-get source libapache-poi-java pandoc``.
"""

from __future__ import annotations

import email
import email.policy
import json
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from statistics import mean
from typing import Any, Final, NamedTuple

import click
from lxml import etree

from benchmarks.reading import order_of, spaced_otherwise, words_of
from corpus import readers
from corpus.errors import Refused
from corpus.text.cleaning import clean

FLAT: Final = {
    ".docx": "fodt", ".odt": "fodt", ".rtf": "fodt", ".xlsx": "fods", ".ods": "fods",
    ".pptx": "fodp", ".odp": "fodp",
}  # fmt: skip
"""The kind of XML file that LibreOffice makes of each format."""

AT_ONCE: Final = 5
"""Files for one run of LibreOffice: it takes seconds to start, and one bad file ends it."""

SECONDS: Final = 60
"""For one run of LibreOffice."""

FEW_WORDS: Final = 20
"""Words that a file must have to count: of fewer, one is more than the goal allows."""

_SKIPPED: Final = frozenset({
    "annotation", "annotation-end", "tracked-changes", "note-citation", "desc", "title",
    "script", "forms", "settings", "styles", "automatic-styles", "scripts", "font-face-decls",
    "object", "content-validations",
    "binary-data", "page-number", "page-count", "date-time", "tab-stop", "index-title-template",
})  # fmt: skip
"""Elements that are no text of the document. Charts and other embedded files we count and leave
out; what a sheet says to whoever types something wrong stands in none of its cells."""

_TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_SPACES: Final = frozenset({"s", "tab", "line-break", "p", "h", "list-item", "table-cell"})


class Compared(NamedTuple):
    """What was read of one file, beside the other program."""

    file: str
    kind: str
    words: int
    found: float
    """Share of the other program's words that are in the text."""
    invented: int
    """Words in the text that the other program does not have, heads and feet of pages included."""
    order: float
    """Longest common subsequence, as a share of the words in common."""
    left_out: Mapping[str, int]
    missing: Sequence[str]
    """Some of the words that are not in the text."""


def compare(
    file: str,
    kind: str,
    ours: str,
    theirs: str,
    beside: str,
    left_out: Mapping[str, int],
    apart: str,
) -> Compared | None:
    """Compare what we read of a file with what the other program did, and has ``beside``; None if
    it has hardly any words. ``apart`` is what we left out, word for word."""
    words, expected = words_of(ours), words_of(theirs)
    if len(expected) < FEW_WORDS:
        return None
    everything = [*words, *words_of(apart)]
    missing = Counter(expected) - Counter(everything)
    missing -= spaced_otherwise(missing, expected, everything)
    known = Counter(expected) + Counter(words_of(beside))
    return Compared(
        file=file,
        kind=kind,
        words=len(expected),
        found=1 - missing.total() / len(expected),
        invented=sum(n for word, n in Counter(words).items() if word not in known),
        order=order_of(words, expected),
        left_out=left_out,
        missing=[word for word, _ in missing.most_common(12)],
    )


def flat_texts(content: bytes) -> tuple[str, str]:
    """Return the text of LibreOffice's XML file, and what stands at the head and foot of pages."""
    root = etree.fromstring(content, etree.XMLParser(huge_tree=True, recover=True))
    name = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    parts = (root.find(f"{name}body"), root.find(f"{name}master-styles"))
    deleted = {
        region.get(f"{{{_TEXT}}}id")
        for region in root.iter(f"{{{_TEXT}}}changed-region")
        if region.find(f"{{{_TEXT}}}deletion") is not None
    }
    body, masters = ("".join(_texts(part, deleted)) if part is not None else "" for part in parts)
    return body, masters


def _texts(part: Any, deleted: Collection[str]) -> Iterator[str]:
    """Yield the texts below an element, but for what is skipped or marked as deleted."""
    within = 0
    open_changes: set[str] = set()
    for event, element in etree.iterwalk(part, events=("start", "end")):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "change-start":
            open_changes |= {element.get(f"{{{_TEXT}}}change-id")} & set(deleted)
        elif name == "change-end":
            open_changes -= {element.get(f"{{{_TEXT}}}change-id")}
        if event == "start":
            within += name in _SKIPPED
        else:
            within -= name in _SKIPPED
        text = element.text if event == "start" else element.tail
        if not within and not open_changes and (name or event == "end"):
            yield (" " if name in _SPACES else "") + (text or "")


def mail_text(content: bytes) -> str:
    """Return the subject and plain text of a message, as Python's own library reads them."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    return f"{message['subject'] or ''}\n{part.get_content() if part else ''}"


def converted(files: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """Return what LibreOffice made of files; of those that it cannot read, nothing."""
    made = {}
    for kind in sorted({FLAT[path.suffix] for path in files}):
        same = [path for path in files if FLAT[path.suffix] == kind]
        for start in range(0, len(same), AT_ONCE):
            names = {}
            for number, path in enumerate(same[start : start + AT_ONCE], start):
                names[path] = folder / f"{number}{path.suffix}"
                names[path].write_bytes(path.read_bytes())
            _run(kind, list(names.values()), folder)
            out = {path: folder / kind / f"{name.stem}.{kind}" for path, name in names.items()}
            made.update({path: each for path, each in out.items() if each.is_file()})
    return made


def _run(kind: str, files: Sequence[Path], folder: Path) -> None:
    command = (
        "soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to", kind, "--outdir", str(folder / kind), *map(str, files),
    )  # fmt: skip
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        click.echo(f"LibreOffice takes too long with one of {', '.join(map(str, files))}", err=True)


def _figures(files: Sequence[Compared]) -> dict[str, Any]:
    return {
        "files": len(files),
        "words": sum(each.words for each in files),
        "found": round(mean(each.found for each in files), 5),
        "found, worst": round(min(each.found for each in files), 5),
        "files under .995": sum(each.found < 0.995 for each in files),
        "not there": sum(each.invented for each in files),
        "order": round(mean(each.order for each in files), 5),
    }


def sample(folder: Path, files: int) -> list[Path]:
    """Return at most so many files below ``folder`` of each format, always the same."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (*FLAT, ".eml"):
            found[path.suffix].append(path)
    return [
        path for paths in found.values() for path in paths[:: max(1, len(paths) // files)][:files]
    ]


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--files", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sample", "number", default=60, show_default=True, help="Files of each format.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the figures to.")
def main(files: Path, number: int, out: Path | None) -> None:
    compared, refused = [], Counter[str]()
    paths = sample(files, number)
    with tempfile.TemporaryDirectory() as folder:
        made = converted([path for path in paths if path.suffix in FLAT], Path(folder))
        for path in paths:
            if path.suffix in FLAT and path not in made:
                continue
            content = path.read_bytes()
            try:
                cleaned = clean(readers.read(content, readers.MEDIA_TYPES[path.suffix]))
            except Refused as error:
                refused[f"{path.suffix}: {type(error).__name__}"] += 1
                continue
            theirs, beside = (
                flat_texts(made[path].read_bytes()) if path in made else (mail_text(content), "")
            )
            title = cleaned.metadata.title or ""
            left = Counter(
                reason for each in cleaned.left_out for reason in [each.reason.value] * each.number
            )
            apart = "\n".join(each.text for each in cleaned.left_out)
            found = compare(
                path.relative_to(files).as_posix(), path.suffix[1:], cleaned.text, theirs,
                f"{beside} {title}", left, f"{apart}\n{title}",
            )  # fmt: skip
            if found:
                compared.append(found)
                click.echo(
                    f"{found.found:.4f} order {found.order:.4f} not there {found.invented}"
                    f" of {found.words} {found.file} {dict(found.left_out)} {found.missing}"
                )
    kinds: defaultdict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        kinds[each.kind].append(each)
        kinds["all"].append(each)
    figures = {kind: _figures(each) for kind, each in sorted(kinds.items())}
    click.echo(json.dumps({"kinds": figures, "refused": refused}, indent=2))
    if out:
        day = datetime.now(UTC).date().isoformat()
        saved = {"kinds": figures, "refused": refused, "files": [e._asdict() for e in compared]}
        (out / f"office-{day}.json").write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
