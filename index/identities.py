"""Which model a setting names, without loading it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from index.encoder import ModelIdentity, Variant


def known(model: str, cache: Path) -> ModelIdentity | None:
    """Return which model ``model`` names; None if only loading it can tell.

    That is so for a folder that is new or was changed, and for a name on a hub.

    Raises:
        ModelError: it begins like a form of the default model, but there is no such form, or
            its adapter cannot be used.
    """
    if variant := Variant.named(model):
        return variant.identity()
    try:
        return ModelIdentity(model, "folder", _place(model, cache).read_text("ascii"))
    except (OSError, ValueError):
        return None


def remember(model: str, cache: Path, identity: ModelIdentity) -> None:
    """Keep which model the folder ``model`` holds; a place that cannot be written keeps nothing."""
    with suppress(OSError, ValueError):
        place = _place(model, cache)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")
        part.write_text(identity.sha256, "ascii")
        part.replace(place)


def _place(model: str, cache: Path) -> Path:
    """Return where the hash of a folder's model is kept as long as no file in it changes.

    Raises:
        OSError: ``model`` is no folder.
        ValueError: it is no possible path.
    """
    root = Path(model).resolve(strict=True)
    files = [
        (path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and (status := path.stat())
    ]
    if not files:
        raise NotADirectoryError(model)
    state = hashlib.sha256(f"{root} {files}".encode()).hexdigest()
    return cache / "identities" / state[:32]
