"""Checks the installation, the model and the collection, and says how to fix what is wrong."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from api.audit.log import AuditLog
from api.settings import Settings
from api.settings_file import find
from corpus.errors import PasserelleError
from corpus.store import leftovers, reserve
from corpus.store.filesystem import others_may_look
from corpus.store.sqlite import FILE_NAME, is_served
from corpus.store.view import View
from index.encoders import bundled, cache_dirs
from index.encoders.background_texts import background_texts, load_background
from index.encoders.model_hash import check_searched
from index.encoders.variants import Variant
from index.model_switch import load_searched

OWN_NAMES = frozenset({"api", "corpus", "index", "qa"})

FOR_OTHER_MODELS = ("sentence-transformers", "torch", "transformers")
"""What deploy/requirements-light.txt leaves out."""

MIN_FREE_BYTES = 512 * 2**20
"""Below which the next upload of the largest size, with its vectors, may fill the disk."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; a remedy where it is wrong."""

    subject: str
    fact: str
    remedy: str | None = None


def examine(settings: Settings) -> list[Finding]:
    """Check the installation, the model and the collection; the model is loaded."""
    findings = list(_installation())
    for check in (_disk, _reserve, _privacy, _copies, _audit, _model, _other_models, _collection):
        try:
            findings += check(settings)
        except PasserelleError as error:
            findings.append(Finding(check.__name__.strip("_"), "does not work", remedy=str(error)))
    return findings


def _disk(settings: Settings) -> Iterator[Finding]:
    """Check that there is room, and that what has to be written can be."""
    for folder, wanted in ((settings.data, _size(settings.data)), (settings.cache, 0)):
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        free, least = shutil.disk_usage(there).free, max(MIN_FREE_BYTES, wanted)
        room = f"{free / 2**20:,.0f} MiB free for {folder}"
        if free < least:
            yield Finding("disk", room, remedy=f"Make room for {least / 2**20:,.0f} MiB there.")
        elif not _can_write(there):
            yield Finding(
                "disk",
                f"this user cannot write to {there}",
                remedy="Change its permissions, or run this as the user that runs the server.",
            )
        else:
            yield Finding("disk", room)
    if is_served(settings.data):
        yield Finding("server", f"running on {settings.data}")


def _reserve(settings: Settings) -> Iterator[Finding]:
    """Check that documents can be deleted and keys revoked once the disk is full."""
    if not settings.store.exists():
        return
    size = f"{reserve.size(settings.data) / 2**20:,.0f} MiB"
    room = f"{reserve.room(settings.data) / 2**20:,.0f} MiB"
    if reserve.is_kept(settings.data):
        yield Finding("reserve", f"{size} kept for deletions and revocations on a full disk")
    else:
        yield Finding(
            "reserve",
            f"no {size} kept for deletions and revocations on a full disk; uploads wait",
            remedy=f"Make room for {room}. A running server then makes the reserve again, as does "
            "the next start or `passerelle ingest`.",
        )


def _privacy(settings: Settings) -> Iterator[Finding]:
    """Check that nobody but the owner of the data folder can read what is in it."""
    data = settings.data
    if not data.is_dir():
        return
    files = [path for path in data.iterdir() if path.is_file()]
    readable = next((path for path in (data, *files) if others_may_look(path)), None)
    if readable:
        yield Finding(
            "privacy",
            f"other users of this machine may read {readable}",
            remedy=f"Take that permission away: chmod -R go-rwx {data}",
        )
    else:
        yield Finding("privacy", f"only its owner may read {data}")


def _copies(settings: Settings) -> Iterator[Finding]:
    """Check that no copy of the collection lies about that nobody knows of."""
    for path in leftovers.left_behind(settings.data):
        yield Finding(
            "copies",
            f"{path} was left by a backup, an export or an import that was cut off",
            remedy=f"Run: {leftovers.command(path)}",
        )


def _audit(settings: Settings) -> Iterator[Finding]:
    """Check that the audit log is what was written."""
    if not settings.audit:
        yield Finding("audit log", "switched off (PASSERELLE_AUDIT)")
    if not settings.data.is_dir():
        return
    found = AuditLog(settings.data).verified()
    if found.fault:
        file, line, fact = found.fault
        yield Finding(
            "audit log",
            f"line {line} of {file} {fact}",
            remedy="Find out who changed it. If the server was ended there, its next start mends "
            "it. Otherwise keep the files for whoever looks into it, and move them away.",
        )
    elif found.last:
        yield Finding("audit log", f"lines {found.first} to {found.last} are as they were written")


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _size(data: Path) -> int:
    """Return the bytes of the catalogue, which a backup or a large change needs once more."""
    path = data / FILE_NAME
    return path.stat().st_size if path.is_file() else 0


def _installation() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("installation", f"passerelle {metadata.version('passerelle')}, Python {version}")
    if path := find():
        yield Finding("settings", f"of {path}, where the environment does not say otherwise")
    owners = metadata.packages_distributions()
    for name in sorted(OWN_NAMES):
        if others := set(owners.get(name, [])) - {"passerelle"}:
            yield Finding(
                "installation",
                f"{', '.join(sorted(others))} also installs a package named {name}",
                remedy="Install Passerelle in a virtual environment of its own.",
            )


def _model(settings: Settings) -> Iterator[Finding]:
    encoder = load_searched(settings)
    variant = Variant.of(encoder.identity.sha256)
    named = f"{variant}, " if variant else ""
    yield Finding("model", f"{named}{encoder.identity}, {encoder.dimension} dimensions")
    yield Finding("encoder", encoder.engine)
    if variant:
        yield from _unpacked(bundled.place_of(settings.cache / "models", variant.adapter()))
    load_background(encoder, settings.cache)
    yield Finding(
        "ranking",
        f"calibrated for that model with {len(background_texts())} ordinary questions and answers",
    )
    if settings.store.exists():
        with settings.store.view() as view:
            check_searched(view, encoder.identity)


def _unpacked(folder: Path) -> Iterator[Finding]:
    """Check the default model's weights where they were unpacked, which is for PyTorch only."""
    if folder.exists() and not cache_dirs.is_whole(folder, check_hashes=True):
        yield Finding(
            "model",
            f"{folder} has changed since it was unpacked",
            remedy="Delete that folder. It is unpacked again when needed.",
        )


def _other_models(_: Settings) -> Iterator[Finding]:
    """Say where another model cannot be used; that is no fault, so there is no remedy."""
    if missing := [name for name in FOR_OTHER_MODELS if not find_spec(name.replace("-", "_"))]:
        yield Finding(
            "other models",
            f"cannot be used, as this is without {', '.join(missing)}; the default model, "
            "compiled, needs none of it",
        )


def _collection(settings: Settings) -> Iterator[Finding]:
    with settings.store.view() as view:
        yield from _findings_in(view)


def _findings_in(view: View) -> Iterator[Finding]:
    languages = view.languages()
    documents = len(view.documents_by_key())
    passages = sum(count.passages for count in languages)
    shown = ", ".join(f"{count.language} {count.passages}" for count in languages)
    yield Finding(
        "collection",
        f"{view.folder}: {documents} documents, {passages} passages"
        + (f" ({shown})" if shown else ""),
    )
    for problem in view.problems():
        yield Finding(
            "collection",
            f"the catalogue is damaged: {problem}",
            remedy="Restore a backup, or move the catalogue away and ingest the documents again.",
        )
    if waiting := view.waiting():
        yield Finding(
            "collection",
            f"{waiting} documents are waiting for their vectors",
            remedy="Run `passerelle ingest` again, or restart `passerelle serve`.",
        )
