"""Folders in the cache that appear at once or not at all.

Each is written beside its place and renamed, with a manifest that lists what belongs in it; so
one cut short is known for what it is. It takes half a minute of a CPU: of processes that need the
same one, as servers started together do, one makes it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpus.store.filesystem import anybody_may_change, locked, sync

MANIFEST = "passerelle.json"
"""Name of the file, written last, that lists every other file's size and SHA-256."""

STALE_SECONDS = 3_600
"""Age from which a half-made folder is nobody's; making one takes less than a minute."""


def make(folder: Path, write: Callable[[Path], Mapping[str, Any]]) -> None:
    """Make ``folder`` unless it is whole: ``write`` fills an empty one and says what goes with it.

    What ``write`` returns is kept in the manifest beside the list of files. A folder that is not
    whole is replaced. Of several processes one writes; the others wait, and find what it made.

    Raises:
        OSError: the place cannot be written.
    """
    if is_whole(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.parent):
        if not is_whole(folder):
            _make(folder, write)


def _make(folder: Path, write: Callable[[Path], Mapping[str, Any]]) -> None:
    _sweep(folder.parent)
    staging = Path(tempfile.mkdtemp(prefix=f"{folder.name}.unfinished-", dir=folder.parent))
    try:
        _write_manifest(staging, write(staging))
        discard(folder)
        staging.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def is_whole(folder: Path, *, check_hashes: bool = False) -> bool:
    """Tell whether ``folder`` holds every file of its manifest, in full, and is only ours to write.

    By size, which costs nothing; with ``check_hashes`` by SHA-256, which reads all of it.
    """
    try:
        return not anybody_may_change(folder) and all(
            (folder / name).stat().st_size == expected["bytes"]
            and not anybody_may_change(folder / name)
            and (not check_hashes or _sha256(folder / name) == expected["sha256"])
            for name, expected in manifest(folder)["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def discard(folder: Path) -> None:
    """Remove what is at a folder's place, if anything is; of a link, what it leads to stays.

    Raises:
        OSError: it cannot be removed.
    """
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def manifest(folder: Path) -> dict[str, Any]:
    """Read what is known of ``folder``.

    Raises:
        OSError: it is not there.
        ValueError: it is no JSON.
    """
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return content


def _write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        sync(path)
    listed = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in files
    }
    content = json.dumps({**facts, "files": listed}, indent=2)
    (folder / MANIFEST).write_text(content + "\n", "utf-8")
    sync(folder / MANIFEST)


def _sweep(parent: Path) -> None:
    """Remove what was left behind when the making of a folder was killed."""
    for folder in parent.glob("*.unfinished-*"):
        with suppress(FileNotFoundError):  # another process has just finished it
            if time.time() - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
