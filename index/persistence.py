"""Partitions stored in the data folder, so that a start need not build them from the catalogue.

``index/`` has a folder for each segment, which is mapped into memory, and one for each state,
which lists the segments and document versions in it. All of it is a view of the catalogue and may
be deleted. A folder appears at once or not at all, and its hashes are checked before use. The
newest state counts. What was added to the catalogue since is added, and what was deleted is
marked, as when a snapshot is refreshed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.store import reserve
from corpus.store.view import View
from index.encoders import cache_dirs
from index.errors import CannotKeep
from index.faiss_snapshot import FaissSnapshot
from index.vectors.columns import Integers, PassageRows, Sentences
from index.vectors.faiss_index import FaissIndex
from index.vectors.partition import Growth, Partition
from index.vectors.segment import Segment

FOLDER: Final = "index"

LAYOUT: Final = 2
"""Version of what is in the folders; what another release wrote is rebuilt."""

MIN_PASSAGES: Final = 5_000
"""Passages that are not kept yet from which it is worth it: to read so many from the catalogue
takes half a second."""

_STATE, _SEGMENT, _LOCK = "state-", "segment-", "lock"

_FACTS: Final = "facts.json"
"""Not in the manifest, as that holds the hashes of all files but itself."""

log = logging.getLogger(__name__)


class PersistedIndex(NamedTuple):
    """What was found on disk."""

    documents: Mapping[int, bool]
    """The document versions whose passages are there, by key: whether with a common title."""
    partitions: Mapping[str, Partition]
    """By language."""


NOTHING: Final = PersistedIndex({}, {})


def read(view: View, context: float) -> PersistedIndex:
    """Return what is kept of the catalogue that ``view`` shows, for that share of context.

    It is nothing where there is nothing, where it is damaged, was made by another model or
    release, or does not belong to this catalogue, as after a backup was put back.
    """
    root = view.folder / FOLDER
    for _ in range(2):  # another process may put a newer state in its place meanwhile
        number = _newest(root)
        if not number:
            return NOTHING
        try:
            return _read_state(_state(root, number), view, context)
        except Exception as error:  # whatever is in its files, all of it can be rebuilt
            problem = error
    log.warning("The index in %s cannot be used and will be rebuilt: %s", root, problem)
    return NOTHING


def passages_missing(view: View) -> int:
    """Return how many passages came into the catalogue since its newest state was kept."""
    root = view.folder / FOLDER
    try:
        kept = set(_mapped(_state(root, _newest(root)), "keys").tolist())
    except Exception:  # as above
        kept = set()
    return sum(each.passages for key, each in view.fingerprints().items() if key not in kept)


def is_due(snapshot: FaissSnapshot) -> bool:
    """Tell whether enough of a snapshot is not kept yet."""
    segments = [each for part in snapshot.partitions.values() for each in part.segments]
    return sum(len(each) for each in segments if each.name is None) >= MIN_PASSAGES


def keep(snapshot: FaissSnapshot) -> dict[str, Growth]:
    """Keep a snapshot's partitions; return what takes their segments' place, mapped, by language.

    It is nothing where another process is at it.

    Raises:
        CannotKeep: the folder cannot be written, or its disk has no more room than what is kept
            for deletions and revocations.
    """
    root = snapshot.view.folder / FOLDER
    if not reserve.keep(snapshot.view.folder):
        raise _cannot_keep(root, os.strerror(errno.ENOSPC))
    try:
        root.mkdir(exist_ok=True)
        with _alone(root) as alone:
            return _keep(root, snapshot) if alone else {}
    except OSError as error:
        raise _cannot_keep(root, error.strerror) from error


def _cannot_keep(root: Path, why: str | None) -> CannotKeep:
    return CannotKeep(
        f"The index cannot be stored in {root} ({why}), so each start has to rebuild it. Free some "
        "space there, or change the permissions."
    )


def discard(folder: Path) -> None:
    """Delete all that is kept in the data folder ``folder``, once nobody is keeping anything.

    Raises:
        CannotKeep: it cannot be deleted.
    """
    root = folder / FOLDER
    if not root.is_dir():
        return
    try:
        with (root / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for path in root.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != _LOCK:
                    path.unlink()
    except OSError as error:
        raise CannotKeep(
            f"The index in {root} cannot be deleted ({error.strerror}). Delete that folder."
        ) from error


def _keep(root: Path, snapshot: FaissSnapshot) -> dict[str, Growth]:
    growths = {
        language: Growth(
            partition.segments, tuple(_kept(root, segment) for segment in partition.segments)
        )
        for language, partition in snapshot.partitions.items()
    }
    _write_state(root, snapshot, growths)
    return growths


def _newest(root: Path) -> int:
    """Return the number of the newest state, 0 if there is none."""
    names = [path.name.removeprefix(_STATE) for path in root.glob(f"{_STATE}*")]
    return max((int(name) for name in names if name.isdecimal()), default=0)


def _state(root: Path, number: int) -> Path:
    return root / f"{_STATE}{number}"


def _kept(root: Path, segment: Segment) -> Segment:
    if segment.name is not None and (root / segment.name).exists():
        return segment
    if len(segment) < segment.size:
        segment = segment.grown()  # what is gone from it is not written
    name = f"{_SEGMENT}{uuid.uuid4().hex}"

    def write(folder: Path) -> dict[str, Any]:
        _write_segment(folder, segment)
        return {}

    cache_dirs.make(root / name, write)
    whole = _open_segment(root / name)
    return whole.without(np.setdiff1d(whole.documents, segment.documents))


def _write_segment(folder: Path, segment: Segment) -> None:
    rows = segment.whole
    arrays: dict[str, NDArray[Any]] = {
        "ids": rows.ids,
        "document_keys": rows.document_keys,
        "sentence_counts": rows.sentence_counts,
        "codes": rows.sentences.codes,
        "scales": rows.sentences.scales,
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    np.save(folder / "sum.npy", rows.vectors.sum(axis=0, dtype=np.float64), allow_pickle=False)
    segment.nearest.write(folder)


def _open_segment(folder: Path) -> Segment:
    nearest = FaissIndex.open(folder)
    rows = PassageRows(
        ids=_mapped(folder, "ids"),
        document_keys=_mapped(folder, "document_keys"),
        vectors=nearest.vectors,
        sentence_counts=_mapped(folder, "sentence_counts"),
        sentences=Sentences(_mapped(folder, "codes"), _mapped(folder, "scales")),
    )
    return Segment(rows, nearest, _mapped(folder, "sum"), folder.name)


def _mapped(folder: Path, name: str) -> Any:
    # As a plain array, since each slice of a memmap object costs some microseconds more.
    return np.asarray(np.lib.format.open_memmap(folder / f"{name}.npy", mode="r"))


def _write_state(root: Path, snapshot: FaissSnapshot, growths: Mapping[str, Growth]) -> None:
    known = snapshot.view.fingerprints()

    def write(folder: Path) -> dict[str, Any]:
        keys = np.array(sorted(snapshot.documents), np.int64)
        np.save(folder / "keys.npy", keys)
        common = [snapshot.documents[key].has_common_title for key in keys.tolist()]
        np.save(folder / "common_titles.npy", np.array(common, bool))
        np.save(folder / "fingerprints.npy", [known[key].mark for key in keys.tolist()])
        names: dict[str, list[str | None]] = {}
        for language, growth in growths.items():
            names[language] = [segment.name for segment in growth.after]
            for segment in growth.after:
                np.save(folder / f"{segment.name}.npy", segment.documents)
        facts = {**_made_with(snapshot.view, snapshot.context), "segments": names}
        (folder / _FACTS).write_text(json.dumps(facts), "utf-8")
        return {}

    state = _state(root, _newest(root) + 1)
    cache_dirs.make(state, write)
    used = {each.name for growth in growths.values() for each in growth.after} | {state.name}
    for path in [*root.glob(f"{_STATE}*"), *root.glob(f"{_SEGMENT}*")]:
        if path.name not in used:  # who has it mapped keeps it
            shutil.rmtree(path, ignore_errors=True)


def _read_state(state: Path, view: View, context: float) -> PersistedIndex:
    if not cache_dirs.is_whole(state, check_hashes=True):
        raise ValueError(f"{state.name} is damaged")
    facts = json.loads((state / _FACTS).read_text("utf-8"))
    segments = facts.pop("segments")
    if facts != _made_with(view, context):
        return NOTHING
    keys, kept = _mapped(state, "keys"), _mapped(state, "fingerprints")
    known = view.fingerprints()
    marks = zip(keys.tolist(), kept.tolist(), strict=True)
    if any(key in known and known[key].mark != mark for key, mark in marks):
        raise ValueError("it was made from another catalogue")
    partitions = {
        language: Partition(language, [_checked(state, name) for name in names])
        for language, names in segments.items()
    }
    common = _mapped(state, "common_titles")
    return PersistedIndex(dict(zip(keys.tolist(), common.tolist(), strict=True)), partitions)


def _made_with(view: View, context: float) -> dict[str, object]:
    """Return what has to be the same so that what was kept can be used."""
    model = view.active_model()
    return {"layout": LAYOUT, "model": model.sha256 if model else None, "context": context}


def _checked(state: Path, name: str) -> Segment:
    folder = state.parent / name
    if not cache_dirs.is_whole(folder, check_hashes=True):
        raise ValueError(f"{name} is damaged")
    segment = _open_segment(folder)
    here: Integers = _mapped(state, name)
    return segment.without(np.setdiff1d(segment.documents, here))


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Tell whether no other process keeps anything there meanwhile."""
    with (root / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
