"""What is made under a hidden name, and what a process that was ended left behind of it.

A copy of a collection is as large and as confidential as the collection. So it is locked while it
is made; what nobody has locked was left behind. One that is made far from the data folder is noted
in there.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

NOTE: Final = ".copy-"
"""How the names of notes in a data folder begin. Each has the path of a copy that is made."""

_HIDDEN: Final = r"\.{{1,2}}{name}(\.copies)?(\.[0-9a-f]+\.unfinished){{1,2}}"
"""Names of what is made for a target. An older release put its process's number in, once or twice,
and made an archive in two places."""

log = logging.getLogger(__name__)


@contextmanager
def hidden_folder(target: Path, data: Path | None = None) -> Iterator[Path]:
    """Yield a new folder beside ``target``, of this process alone; it is gone at the end.

    It is noted in the folder ``data``, if that is given and can be written.

    Raises:
        OSError: it cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder, lock = _made(target)
    try:
        with _noted(folder, data):
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def left_behind(data: Path, *targets: Path) -> list[Path]:
    """Return what was left of copies of a data folder, and of what was to become one of these."""
    found = [path for target in (data, *targets) for path in _beside(target)]
    found += [path for note in _notes(data) if (path := _noted_in(note)) is not None]
    return sorted({path for path in found if _is_abandoned(path)})


def sweep(data: Path, *targets: Path) -> None:
    """Remove what was left behind; log what it was, or how to remove what cannot be."""
    for path in left_behind(data, *targets):
        if _remove(path):
            log.warning("%s was left by a copy that was cut off. It is removed now.", path)
        else:
            log.warning(
                "%s was left by a copy that was cut off, and cannot be removed. Run: %s",
                path,
                command(path),
            )
    for note in _notes(data):
        noted = _noted_in(note)
        if noted is None or not noted.exists():
            with suppress(OSError):
                note.unlink()


def command(path: Path) -> str:
    """Return the command that removes what was left behind."""
    return f"rm -r {shlex.quote(str(path))}"


def _made(target: Path) -> tuple[Path, int]:
    """Make a folder, and return it with the descriptor that has it locked."""
    while True:
        folder = target.with_name(f".{target.name}.{secrets.token_hex(4)}.unfinished")
        folder.mkdir(mode=0o700)
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # it was swept before it was locked
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists():
                return folder, lock
        os.close(lock)


@contextmanager
def _noted(folder: Path, data: Path | None) -> Iterator[None]:
    note = data / f"{NOTE}{secrets.token_hex(4)}" if data else None
    try:
        if note:
            with suppress(OSError):  # of a folder that is only read, copies are made all the same
                note.touch(mode=0o600)
                note.write_bytes(os.fsencode(folder.absolute()))
        yield
    finally:
        if note:
            with suppress(OSError):
                note.unlink()


def _notes(data: Path) -> list[Path]:
    try:
        return list(data.glob(f"{NOTE}*"))
    except OSError:
        return []


def _noted_in(note: Path) -> Path | None:
    """Return the path in a note, if it can only be that of a copy; None if there is none."""
    try:
        path = Path(os.fsdecode(note.read_bytes()))
        is_copy = path.is_absolute() and re.fullmatch(_HIDDEN.format(name=".+"), path.name)
    except (OSError, ValueError):
        return None
    return path if is_copy else None


def _beside(target: Path) -> Iterator[Path]:
    target = target.absolute()
    hidden = re.compile(_HIDDEN.format(name=re.escape(target.name)))
    try:
        for path in target.parent.iterdir():
            if hidden.fullmatch(path.name):
                yield path
    except OSError:
        return


@contextmanager
def _abandoned(path: Path) -> Iterator[bool]:
    """Tell whether nobody makes a folder or file; if so, nobody begins to before the end."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_free = os.fstat(lock).st_uid == os.geteuid()
        except OSError:
            is_free = False
        yield is_free
    finally:
        os.close(lock)


def _is_abandoned(path: Path) -> bool:
    with _abandoned(path) as is_abandoned:
        return is_abandoned


def _remove(path: Path) -> bool:
    """Remove what was left behind, if nobody is at it; tell whether it is gone."""
    with _abandoned(path) as is_abandoned:
        if is_abandoned and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif is_abandoned:
            with suppress(OSError):
                path.unlink()
        return not path.exists()
