"""Which model a setting names, without loading it, and whether the vectors are its own."""

from __future__ import annotations

import hashlib
import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from corpus.types import StoredModel
from index.encoders.protocol import ModelIdentity
from index.encoders.variants import Variant
from index.errors import ModelMismatch, ModelNotFound, ModelSwitched


def known(model: str, cache: Path) -> ModelIdentity | None:
    """Return which model ``model`` names; None if only loading it can tell.

    That is so for a folder that is new or was changed, and for a model on a hub that was not
    fetched yet. One that was stays at the revision that its cache holds.

    Raises:
        ModelError: it begins like a form of the default model, but there is no such form, or
            its adapter cannot be used.
    """
    if variant := Variant.named(model):
        return variant.identity()
    try:
        folder = _folder(model)
        revision = "folder" if Path(model).is_dir() else folder.name
        return ModelIdentity(model, revision, _place(folder, cache).read_text("ascii"))
    except (OSError, ValueError):
        return None


def remember(model: str, cache: Path, identity: ModelIdentity) -> None:
    """Keep which model ``model`` names, as long as no file of it changes.

    A place that cannot be written keeps nothing.
    """
    with suppress(OSError, ValueError):
        place = _place(_folder(model), cache)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}")
        part.write_text(identity.sha256, "ascii")
        part.replace(place)


def check_model(stored: StoredModel | None, wanted: ModelIdentity) -> None:
    """Raise ModelMismatch if the catalogue's vectors are not the wanted model's."""
    if stored and stored.sha256 != wanted.sha256:
        new, old = Variant.of(wanted.sha256) or wanted.name, Variant.of(stored.sha256)
        raise ModelMismatch(
            f"This collection was indexed with {stored}, but the settings ask for {wanted}. Run "
            f"`passerelle reindex --model {shlex.quote(new)}`, with the other settings as they "
            "are, to rebuild it with the new model"
            + (f", or use --model {old} to keep the old one." if old else ".")
        )


class Searched(Protocol):
    """A catalogue, or a state of it."""

    def active_model(self) -> StoredModel | None:
        """Return the model whose vectors are searched."""

    def successor(self, former: str) -> str | None:
        """Return by what the model is loaded that took the place of one."""


def check_searched(catalogue: Searched, wanted: ModelIdentity) -> None:
    """Raise ModelMismatch if a catalogue is searched with another model than the wanted one.

    It is ModelSwitched if that one took the wanted one's place in a change of model.
    """
    stored = catalogue.active_model()
    if stored and stored.sha256 != wanted.sha256 and catalogue.successor(wanted.sha256):
        raise ModelSwitched(
            f"This collection is searched with {stored} since a change of model, and was with "
            f"{wanted} when this program began."
        )
    check_model(stored, wanted)


def source_of(model: str) -> str:
    """Return what a model is loaded by again, without a network: a form of the default model, or
    a folder.

    Raises:
        ModelNotFound: it is not on this machine.
    """
    if variant := Variant.named(model):
        return variant.value
    try:
        return str(_folder(model))
    except (OSError, ValueError) as error:
        raise ModelNotFound(
            f"The model {model} is not on this machine. Give the name or folder of a "
            "sentence-transformers model that is."
        ) from error


def _folder(model: str) -> Path:
    """Return the folder that holds a model: itself, or the one that a hub's cache has for it.

    Raises:
        OSError: there is none.
        ValueError: it is no possible path, or no possible name.
    """
    if os.path.isdir(model):  # noqa: PTH112, a name may be no possible path
        return Path(model).resolve(strict=True)
    from huggingface_hub import snapshot_download

    name = model if "/" in model else f"sentence-transformers/{model}"  # as that library has it
    # Nothing is downloaded: what is fetched later stays at the revision that was fetched first.
    return Path(snapshot_download(name, local_files_only=True))  # nosec B615


def _place(root: Path, cache: Path) -> Path:
    """Return where the hash of a folder's model is kept as long as no file in it changes.

    Raises:
        OSError: there is nothing in it.
    """
    files = [
        (path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and (status := path.stat())
    ]
    if not files:
        raise FileNotFoundError(root)
    state = hashlib.sha256(f"{root} {files}".encode()).hexdigest()
    return cache / "identities" / state[:32]
