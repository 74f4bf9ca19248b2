"""The lines of the audit log, each bound to the one before by a hash, and what is wrong with them.

A line is the SHA-256 of the line before's, a space and what follows; a space; and JSON. So a line
that was altered, taken out, put in or moved does not fit any more. ``audit.head`` says which line
is the last, so that it shows if lines are missing at the end.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

BEGINNING: Final = "0" * 64
"""In place of the hash before the first line."""

HEAD_NAME: Final = "audit.head"

_FILES: Final = "audit-*.log"
_LINE = re.compile(rb"([0-9a-f]{64}) (\{.*\})\n", re.ASCII)
_HEAD = re.compile(rb"(\d{12}) ([0-9a-f]{64}) (\d{12}) (\d{12})\n", re.ASCII)


class Deed(StrEnum):
    """What was done, or was about to be."""

    UPLOADED = "uploaded"
    REPLACED = "replaced"
    CORRECTED = "corrected"
    MOVED = "moved"
    """From ``collection`` to another one, ``to``."""
    DELETED = "deleted"
    ERASED = "erased"
    READ_ORIGINAL = "read_original"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    ENDED_SESSIONS = "ended_sessions"
    """All of a person's."""
    MADE_KEY = "made_key"
    CHANGED_KEY = "changed_key"
    """What opened ``collection`` opens ``to`` too, which is to be its name."""
    LIMITED_KEY = "limited_key"
    REVOKED_KEY = "revoked_key"
    INGESTED = "ingested"
    COPIED = "copied"
    """All of the collection, by a backup or an export."""
    IMPORTED = "imported"
    """An archive, into this folder. It is noted after it is done, as the folder is empty before."""
    CHANGED_MODEL = "changed_model"
    """``step`` says how: ``prepare``, ``take``, ``roll-back``, ``finish``, ``drop``."""
    HURRIED_VISIT = "hurried_visit"
    """The source's next visit is due at once."""
    ROTATED = "rotated"
    """The log goes on in this file."""
    MENDED = "mended"
    """The log was cut off amid a line, which is gone."""
    DAMAGED = "damaged"
    """What is before this line is not what was written."""


class Actor(NamedTuple):
    """Who did it."""

    id: str
    """Of their key, or their own; empty for who needed none."""
    name: str


MACHINE: Final = Actor("", "this machine")
ANYBODY: Final = Actor("", "anybody")


@dataclass(frozen=True, slots=True)
class Record:
    """One line: no question, no text, no name of a file."""

    number: int
    time: str
    """UTC, ISO 8601."""
    key: str
    name: str
    deed: Deed
    on: dict[str, str | int] = field(default_factory=dict)
    """What it was done to, by the kind of thing: ``document``, ``collection``, ``job``, ``key``,
    ``person``, ``model``. ``to`` is another collection."""


class Head(NamedTuple):
    """The end of the log."""

    number: int
    """Of the last line; 0 if there is none."""
    sha256: str
    first: int
    """Number of the first line of the file that it is in."""
    size: int
    """Bytes of that file."""


EMPTY: Final = Head(0, BEGINNING, 1, 0)


class Fault(NamedTuple):
    """Where the log is not what was written."""

    file: Path
    line: int
    """Of the file, from 1."""
    fact: str


class Verified(NamedTuple):
    """What was found in the log."""

    first: int
    """Number of the first line that is there; 0 if there is none."""
    last: int
    sha256: str
    """Of the last line: whoever keeps it elsewhere can tell later whether it is still there."""
    fault: Fault | None


class _Line(NamedTuple):
    file: Path
    position: int
    content: bytes


def name_of(first: int) -> str:
    """Return the name of the file that begins with a line."""
    return f"audit-{first:012d}.log"


def line_of(record: Record, before: str) -> tuple[bytes, str]:
    """Return a record as a line, and the hash that the next one is bound to."""
    body = json.dumps(asdict(record), separators=(",", ":"), sort_keys=True).encode()
    sha256 = _bound(before, body)
    return b"%s %s\n" % (sha256.encode(), body), sha256


def parsed(line: bytes, before: str) -> tuple[Record, str]:
    """Return the record of a line that follows on a hash, and its own.

    Raises:
        ValueError: it is no line, or not bound to that hash; the message says which.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("is not a whole line of the log")
    if _bound(before, found[2]) != found[1].decode():
        raise ValueError("was altered, or a line before it was removed, put in or moved")
    return _record(json.loads(found[2])), found[1].decode()


def head_line(head: Head) -> bytes:
    """Return what is in the file of the head; always so many bytes."""
    return f"{head.number:012d} {head.sha256} {head.first:012d} {head.size:012d}\n".encode()


def parsed_head(content: bytes) -> Head | None:
    """Return the head that a file holds; None if it holds none."""
    found = _HEAD.fullmatch(content)
    if found is None:
        return None
    return Head(int(found[1]), found[2].decode(), int(found[3]), int(found[4]))


def files_in(folder: Path) -> list[Path]:
    """Return the files of the log, oldest first."""
    return sorted(folder.glob(_FILES))


def records(folder: Path) -> Iterator[Record]:
    """Yield every line that can be read, oldest first, whether or not the chain holds."""
    for line in _lines(folder):
        if found := _LINE.fullmatch(line.content):
            try:
                yield _record(json.loads(found[2]))
            except (ValueError, TypeError):
                continue


def verified(folder: Path, head: Head | None, known: str | None = None) -> Verified:
    """Go through the whole log, up to the first line that is wrong.

    The oldest files may have been taken away, as a whole. With ``known``, a hash that was the last
    once, it must be in what is there.
    """
    first, last, before, is_known = 0, 0, BEGINNING, known is None
    for line in _lines(folder):
        if not last:
            before = _before_the_first(line)
        try:
            record, before = parsed(line.content, before)
        except (ValueError, TypeError) as error:
            return Verified(first, last, before, Fault(line.file, line.position, str(error)))
        if fact := _wrong_with(record, last):
            return Verified(first, last, before, Fault(line.file, line.position, fact))
        first, last = first or record.number, record.number
        is_known = is_known or before == known
    return Verified(first, last, before, _fault_at_the_end(folder, head, last, before, is_known))


def _wrong_with(record: Record, last: int) -> str | None:
    """Return what is wrong with a line that is bound to the one before, if anything is."""
    if last and record.number != last + 1:
        return f"has the number {record.number}, and follows on {last}"
    if record.deed == Deed.DAMAGED:
        return "says that the log before it is not what was written"
    return None


def _fault_at_the_end(
    folder: Path, head: Head | None, last: int, sha256: str, is_known: bool
) -> Fault | None:
    files = files_in(folder)
    end = files[-1] if files else folder / name_of(1)
    position = sum(1 for line in _lines(folder) if line.file == end)
    if head is None:
        return Fault(folder / HEAD_NAME, 1, "is missing or damaged") if last else None
    if head.number > last:
        return Fault(end, position + 1, f"is missing: {head.number - last} lines were removed")
    if head.number == last and head.sha256 != sha256:
        return Fault(end, position, "is not the line that was written last")
    if not is_known:
        return Fault(end, position, "is the last, and no line has the hash that was given")
    return None


def _before_the_first(line: _Line) -> str:
    """Return the hash that the first line there is bound to, by its own word if the log was
    rotated before it."""
    found = _LINE.fullmatch(line.content)
    try:
        record = _record(json.loads(found[2])) if found else None
    except (ValueError, TypeError):
        return BEGINNING
    if record is None or record.deed != Deed.ROTATED or line.file.name != name_of(record.number):
        return BEGINNING
    return str(record.on.get("after", BEGINNING))


def _lines(folder: Path) -> Iterator[_Line]:
    for path in files_in(folder):
        with path.open("rb") as file:
            for position, content in enumerate(file, 1):
                yield _Line(path, position, content)


def _bound(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + b" " + body).hexdigest()


def _record(value: Any) -> Record:
    record = Record(**value)
    return Record(
        int(record.number), record.time, record.key, record.name, Deed(record.deed), record.on
    )
