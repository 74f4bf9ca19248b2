"""A data folder's content to keep elsewhere, and back.

A backup is a data folder itself, a copy of one as it stood at one moment, made while that was
used. An export is such a copy in a ZIP archive with a list of hashes, to be moved or stored; an
import checks every hash before it changes anything.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from corpus.errors import CatalogueError, PasserelleError, Refused
from corpus.readers import archives
from corpus.store import copies, erasure, leftovers, sqlite
from corpus.store.blobs import Blobs
from corpus.store.filesystem import sync
from corpus.store.model_change_steps import ModelChanges
from corpus.store.models import Models
from corpus.store.versions import Versions
from corpus.store.view import View

MANIFEST = "manifest.json"
FORMAT = 1
"""Of the archive; raised when an older release could not read it any more."""

CHUNK_BYTES = 2**20
PAGES_AT_ONCE = 2048
"""Pages copied between two looks whether someone else wants to write: some 8 MB."""


_DATABASE = re.compile(r"[a-z]+\.sqlite", re.ASCII)


class BadArchive(PasserelleError):
    """An archive to import is cut short, altered, or none. Nothing was changed."""


def backup(folder: Path, target: Path) -> None:
    """Copy the data folder ``folder`` as it stands into the new data folder ``target``.

    Others may read and write meanwhile. The copy is checked, and there as a whole or not at
    all; to restore it is to use it, or to move it to where the old one was.

    Raises:
        CatalogueError: there is no catalogue, it is damaged, or the copy cannot be written.
    """
    sqlite.connect(folder, write=False).close()
    leftovers.sweep(folder, target)
    with copies.noted(folder, target), _finished(target, folder) as unfinished:
        _copy_all(folder, unfinished)


def export(folder: Path, target: Path) -> None:
    """Write everything in ``folder`` into the new archive ``target``.

    Raises:
        CatalogueError: there is no catalogue, it is damaged, or the archive cannot be written.
    """
    if target.exists():
        raise CatalogueError(
            f"There is already a file {target}. Choose another name, or move it away."
        )
    sqlite.connect(folder, write=False).close()
    leftovers.sweep(folder, target)
    with (
        copies.noted(folder, target),
        sqlite.plain_errors(target.parent),
        leftovers.hidden_folder(target, folder) as hidden,
    ):
        copied, unfinished = hidden / "copies", hidden / "archive"
        copied.mkdir(mode=0o700)
        _copy_all(folder, copied)
        _check(copied)
        _pack(copied, unfinished)
        sync(unfinished)
        unfinished.replace(target)
        sync(target.parent)


def import_archive(source: Path, folder: Path) -> None:
    """Make what ``export`` wrote the data folder ``folder``, which must be empty or not there.

    Every hash is checked first; nothing is changed where one is wrong.

    Raises:
        BadArchive: the archive is cut short, altered or none.
        CatalogueError: the folder is not empty or cannot be written, or the disk has too little
            room for all of it.
    """
    leftovers.sweep(folder)
    try:
        with source.open("rb") as stream, archives.opened(stream) as archive:
            manifest = json.loads(archives.read(archive, archive.getinfo(MANIFEST), CHUNK_BYTES))
            if manifest["format"] != FORMAT:
                raise CatalogueError(
                    "The archive was made by a newer release. Install that release to import it."
                )
            with _finished(folder, then=_forget_sources) as unfinished:
                _check_room(unfinished, sum(facts["bytes"] for facts in manifest["files"].values()))
                for name, facts in manifest["files"].items():
                    _unpack(archive, name, facts, unfinished)
    except OSError as error:
        raise BadArchive(f"{source} cannot be read ({error.strerror}). Check the path.") from error
    except (Refused, ValueError, KeyError, TypeError, AttributeError, *archives.BAD) as error:
        raise BadArchive(
            f"{source} is incomplete, changed, or not an export. Nothing was imported. Export it "
            "again."
        ) from error


def _pack(copied: Path, target: Path) -> None:
    files = {}
    target.touch(mode=0o600)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(copied.iterdir()):
            archive.write(path, path.name)
            with path.open("rb") as stream:
                files[path.name] = {"bytes": path.stat().st_size, "sha256": _copied(stream, None)}
        manifest = {
            "format": FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": files,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2))


def _unpack(archive: zipfile.ZipFile, name: str, facts: dict[str, Any], folder: Path) -> None:
    """Write one file of an archive, whose size and hash must be what they are said to be."""
    entry = archive.getinfo(name)
    if not _DATABASE.fullmatch(name) or entry.file_size != facts["bytes"]:
        raise ValueError(name)
    with archive.open(entry) as packed, (folder / name).open("wb") as copy:
        sha256 = _copied(packed, copy)
    if sha256 != facts["sha256"]:
        raise ValueError(name)


def _forget_sources(folder: Path) -> None:
    """Have nobody who made an archive choose which model is loaded here."""
    with ModelChanges(folder, sqlite.connect(folder)) as models:
        models.forget_sources()
        models.drop_replaced()


def _check_room(folder: Path, needed_bytes: int) -> None:
    """Raise CatalogueError unless a disk has room for so much."""
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes > free_bytes:
        raise CatalogueError(
            f"The archive unpacks to {needed_bytes / 1e6:,.0f} MB, but the disk of "
            f"{folder.parent} has only {free_bytes / 1e6:,.0f} MB free. Nothing was imported. "
            "Free some space, or choose a folder on another disk with --data."
        )


def _copy_all(folder: Path, target: Path) -> None:
    for source in sorted(folder.glob("*.sqlite")):
        _copy(source, target / source.name)


def _copy(source: Path, target: Path) -> None:
    with (
        sqlite.plain_errors(source.parent),
        closing(sqlite.opened(sqlite.read_only(source), uri=True)) as live,
        closing(sqlite.opened(target)) as copy,
    ):
        # Inside one read transaction; or else each change would make it start over.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        live.backup(copy, pages=PAGES_AT_ONCE)
        copy.execute("PRAGMA journal_mode = DELETE")
        # What is not finished is deleted, and what is finished is synced.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        if source.name == sqlite.FILE_NAME:
            copy.execute("PRAGMA foreign_keys = ON")
            Versions(target.parent, copy, Blobs(target.parent, copy)).drop_unfinished()
            Models(target.parent, copy).drop_replaced()
        erasure.rewrite(copy, target.parent)


def _copied(stream: IO[bytes], target: IO[bytes] | None) -> str:
    """Copy a stream to its end, if there is a target, and return its SHA-256."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


@contextmanager
def _finished(
    target: Path, data: Path | None = None, then: Callable[[Path], None] = lambda _: None
) -> Iterator[Path]:
    """Yield a folder to write to, which becomes ``target`` at the end: checked, durably, at once.

    Until then it is noted in the folder ``data``. Once it is checked, ``then`` is done to it.

    Raises:
        CatalogueError: ``target`` is not empty, or what was written is no sound catalogue.
    """
    with sqlite.plain_errors(target):
        if target.exists() and any(target.iterdir()):
            raise CatalogueError(f"{target} is not empty. Choose a folder that is new or empty.")
        with leftovers.hidden_folder(target, data) as unfinished:
            yield unfinished
            _check(unfinished)
            then(unfinished)
            for path in (*unfinished.iterdir(), unfinished):
                sync(path)
            unfinished.rename(target)  # fails if it has been filled meanwhile
            sync(target.parent)


def _check(folder: Path) -> None:
    """Raise CatalogueError if a copied catalogue is not sound."""
    with View.open(folder) as view:
        problems = view.problems()
    if problems:
        raise CatalogueError(
            f"The collection is damaged: {problems[0]}. Run `passerelle doctor` on it."
        )
