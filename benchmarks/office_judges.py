"""What other programs read of office files: LibreOffice, and for what it does not open others.

Texts, sheets and slides are LibreOffice's, books are pandoc's, Outlook's messages those of
Perl's ``msgconvert``, and messages of e-mail those of Python's own library.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import re
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree

FLAT: Final = {
    ".docx": "fodt", ".odt": "fodt", ".rtf": "fodt", ".xlsx": "fods", ".ods": "fods",
    ".pptx": "fodp", ".odp": "fodp",
}  # fmt: skip
"""The kind of XML file that LibreOffice makes of each format."""

OTHERS: Final = (".eml", ".msg", ".epub")

SECONDS: Final = 30
"""Without a further file from LibreOffice, after which the one it is at is given up."""

_SKIPPED: Final = frozenset({
    "annotation", "annotation-end", "tracked-changes", "note-citation", "desc", "title",
    "script", "forms", "settings", "styles", "automatic-styles", "scripts", "font-face-decls",
    "object", "content-validations", "header-decl", "footer-decl", "date-time-decl",
    "binary-data", "page-number", "page-count", "date-time", "tab-stop", "index-title-template",
})  # fmt: skip
"""Elements that are no text of the document. Charts and other embedded files we count and leave
out; what a sheet says to whoever types something wrong stands in none of its cells."""

_OFFICE, _TEXT, _TABLE, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for name in ("office", "text", "table", "style")
)
_ERROR = re.compile(r"Err:\d{3}|#[A-Z0-9/]+[!?]?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPACES: Final = frozenset({"s", "tab", "line-break", "p", "h", "list-item", "table-cell"})


class Judged(NamedTuple):
    """What the other program has of a file."""

    text: str
    beside: str = ""
    """What it has at the head and foot of pages."""
    by_value: int = 0
    """Cells that are compared by their value: what it shows of them depends on the country."""


def judged(path: Path, made: Path) -> Judged | None:
    """Return what the other program reads of a file, None if it does not; ``made`` has what
    LibreOffice made."""
    content = path.read_bytes()
    match path.suffix.lower():
        case ".eml":
            return Judged(mail_text(content))
        case ".msg":
            return Judged(mail_text(found)) if (found := _msgconvert(path)) else None
        case ".epub":
            return Judged(found.decode("utf-8", "replace")) if (found := _pandoc(path)) else None
        case _:
            flat = _made_of(content, path.suffix.lower(), made)
            has_text = flat.is_file() and flat.stat().st_size
            return (
                flat_texts(flat.read_bytes(), path.suffix.lower() == ".xlsx") if has_text else None
            )


def flat_texts(content: bytes, by_value: bool = False) -> Judged:
    """Return the text of LibreOffice's XML file, and what stands at the head and foot of pages.

    Hidden sheets, deleted text and errors of its own reckoning are left out. With ``by_value``
    numbers have no marks between thousands, and days are written 2024-05-01: a workbook of Excel
    does not say of which country they are, and it takes its own.
    """
    root = etree.fromstring(content, etree.XMLParser(huge_tree=True, recover=True))
    parts = (root.find(f"{_OFFICE}body"), root.find(f"{_OFFICE}master-styles"))
    deleted = {
        region.get(f"{_TEXT}id")
        for region in root.iter(f"{_TEXT}changed-region")
        if region.find(f"{_TEXT}deletion") is not None
    }
    hidden = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        if any(each.get(f"{_TABLE}display") == "false" for each in style)
    }
    for sheet in [*root.iter(f"{_TABLE}table")]:
        if sheet.get(f"{_TABLE}style-name") in hidden and sheet.getparent() is not None:
            sheet.getparent().remove(sheet)
    changed = sum(_by_value(cell, by_value) for cell in root.iter(f"{_TABLE}table-cell"))
    body, masters = ("".join(_texts(part, deleted)) if part is not None else "" for part in parts)
    return Judged(body, masters, changed)


def _by_value(cell: Any, by_value: bool) -> bool:
    """Write a cell's number or day as no country does; tell whether that changes anything."""
    line = cell.find(f"{_TEXT}p")
    kind = cell.get(f"{_OFFICE}value-type", "string")
    if line is None:
        return False
    shown = said = "".join(line.itertext())
    if cell.get(f"{_TABLE}formula") and _ERROR.fullmatch(shown):
        said = ""
    elif kind == "date" and by_value:
        said = cell.get(f"{_OFFICE}date-value", shown).replace("T", " ")
    elif kind in ("float", "currency", "percentage") and by_value:
        said = _THOUSANDS.sub("", shown)
    if said != shown:
        for each in [*line]:
            line.remove(each)
        line.text = said
    return said != shown


def _texts(part: Any, deleted: Collection[str]) -> Iterator[str]:
    """Yield the texts below an element, but for what is skipped or marked as deleted."""
    within = 0
    open_changes: set[str] = set()
    for event, element in etree.iterwalk(part, events=("start", "end")):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "change-start":
            open_changes |= {element.get(f"{_TEXT}change-id")} & set(deleted)
        elif name == "change-end":
            open_changes -= {element.get(f"{_TEXT}change-id")}
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


def _msgconvert(path: Path) -> bytes:
    command = ["msgconvert", "--outfile", "-", str(path)]
    return subprocess.run(command, capture_output=True, check=False).stdout


def _pandoc(path: Path) -> bytes:
    command = ["pandoc", "--from", "epub", "--to", "plain", "--wrap", "none", str(path)]
    return subprocess.run(command, capture_output=True, check=False).stdout


def convert(files: Sequence[Path], folder: Path) -> None:
    """Have LibreOffice write each file into ``folder``, an empty one where it cannot; what is
    there already is kept."""
    for kind in sorted(set(FLAT.values())):
        todo = {
            out: path
            for path in files
            if FLAT.get(path.suffix.lower()) == kind
            if not (out := _made_of(path.read_bytes(), path.suffix.lower(), folder)).exists()
        }
        while todo:
            ended = _run(kind, todo, folder)
            missing = [out for out in todo if not out.exists()]
            # If it has not come to its end, it is because of the first that is not there.
            for out in missing if ended else missing[:1]:
                out.touch()
            todo = {out: todo[out] for out in missing if not out.exists()}


def _made_of(content: bytes, suffix: str, folder: Path) -> Path:
    return folder / f"{hashlib.sha256(content).hexdigest()[:24]}{suffix}.{FLAT[suffix]}"


def _run(kind: str, todo: Mapping[Path, Path], folder: Path) -> bool:
    """Run LibreOffice once; tell whether it came to its end."""
    copies = {
        out: folder / f"{out.stem.replace('.', '-')}{path.suffix}" for out, path in todo.items()
    }
    for out, path in todo.items():
        copies[out].write_bytes(path.read_bytes())
    command = (
        "soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--convert-to", kind, "--outdir", str(folder), *map(str, copies.values()),
    )  # fmt: skip
    # It starts another program, which is to end with it.
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    ended = _is_ended(running, [copy.with_suffix(f".{kind}") for copy in copies.values()])
    for out, copy in copies.items():
        copy.unlink()
        made = copy.with_suffix(f".{kind}")
        if made.exists():
            made.rename(out)
    return ended


def _is_ended(running: subprocess.Popen[bytes], made: Sequence[Path]) -> bool:
    """Wait for the end of LibreOffice; end it ourselves where it makes nothing for too long."""
    before = -1
    while (now := sum(each.exists() for each in made)) > before:
        before = now
        with suppress(subprocess.TimeoutExpired):
            return running.wait(SECONDS) == 0
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    return False
