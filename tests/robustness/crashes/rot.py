"""Flipped bits and files cut short: found before use, or harmless."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import CatalogueError
from corpus.store import integrity
from corpus.store.catalogue import Catalogue
from corpus.store.sqlite import FILE_NAME
from corpus.store.view import View
from index import persistence
from index.lexical import passages_with
from index.snapshot_builder import load_snapshot
from index.vectors.neighbour_smoothing import CONTEXT_SHARE
from tests.content import content_of
from tests.encoders import WordEncoder
from tests.robustness.crashes import life
from tests.robustness.crashes.kills import Trial


def flips(folder: Path, count: int, seed: int) -> Iterator[Trial]:
    """Damage a catalogue or the index kept beside it, in turn, ``count`` times in all.

    ``was_hit`` is whether the damage was found; what was not must have changed nothing.
    """
    if not count:
        return
    random_ = random.Random(seed)
    life.remove(folder)
    state: dict[str, str] = {}
    for _ in range(6):
        operation = life.draw(random_, "upload", state)
        life.run(folder, [operation])
        state = life.after(state, operation)
    Catalogue(folder).close()  # the last one to close folds the log into the file
    snapshot = load_snapshot(folder, WordEncoder().identity)
    persistence.keep(snapshot)
    snapshot.view.close()
    sound = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    targets = (
        ("catalogue", [folder / FILE_NAME]),
        ("index", [path for path in sound if persistence.FOLDER in path.parts and sound[path]]),
    )
    expected = _told(folder)
    for number in range(count):
        what, paths = targets[number % 2]
        path = random_.choice(sorted(paths))
        damaged = bytearray(sound[path])
        if number // 2 % 5 == 4:
            del damaged[random_.randrange(len(damaged)) :]
            name = f"{what} cut short"
        else:
            damaged[random_.randrange(len(damaged))] ^= 1 << random_.randrange(8)
            name = f"{what} flipped"
        shutil.rmtree(folder)
        for other, content in {**sound, path: bytes(damaged)}.items():
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_bytes(content)
        try:
            found = _start(folder)
            wrong = () if found or _told(folder) == expected else ("it went unseen",)
            found = found or _is_made_anew(folder)
        except Exception as error:  # what is no CatalogueError is a crash
            found, wrong = False, (f"{type(error).__name__}: {error}",)
        yield Trial(name, found, wrong)
    life.remove(folder)


def _start(folder: Path) -> bool:
    """Do what a start does, and tell whether it found damage in the catalogue."""
    try:
        Catalogue(folder).close()
        integrity.make_words_sound(folder)
        with View.open(folder) as view:
            return bool(view.problems())
    except CatalogueError:
        return True


def _is_made_anew(folder: Path) -> bool:
    """Tell whether the index beside the catalogue cannot be used."""
    with View.open(folder) as view:
        return persistence.read(view, CONTEXT_SHARE) == persistence.NOTHING


def _told(folder: Path) -> object:
    """Return everything that an answer is made of."""
    with View.open(folder) as view:
        words = passages_with(view, ["Moselle", "patrouille", "12 heures"], 1000)
    snapshot = load_snapshot(folder, WordEncoder().identity)
    (vector,) = WordEncoder().questions(["La patrouille suit la Moselle"])
    return content_of(folder), sorted(words), repr(snapshot.search(vector, 50))
