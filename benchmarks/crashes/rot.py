"""Flipped bits and files cut short: found before use, or harmless."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.crashes import life
from benchmarks.crashes.kills import Trial
from corpus import soundness
from corpus.catalogue import Catalogue
from corpus.database import FILE_NAME
from corpus.errors import CatalogueError
from corpus.view import View
from index.builder import load_snapshot
from tests.content import content_of
from tests.encoders import WordEncoder


def flips(folder: Path, count: int, seed: int) -> Iterator[Trial]:
    """Damage a catalogue ``count`` times, and say of each time whether it was found.

    ``was_hit`` is whether it was found; what was not must have changed nothing.
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
    path = folder / FILE_NAME
    sound = path.read_bytes()
    expected = _told(folder)
    for number in range(count):
        damaged = bytearray(sound)
        if number % 5 == 4:
            del damaged[random_.randrange(len(damaged)) :]
            name = "cut short"
        else:
            damaged[random_.randrange(len(damaged))] ^= 1 << random_.randrange(8)
            name = "flipped"
        for other in folder.iterdir():
            other.unlink()
        path.write_bytes(damaged)
        try:
            found = _start(folder)
            wrong = () if found or _told(folder) == expected else ("it went unseen",)
        except Exception as error:  # what is no CatalogueError is a crash
            found, wrong = False, (f"{type(error).__name__}: {error}",)
        yield Trial(name, found, wrong)
    life.remove(folder)


def _start(folder: Path) -> bool:
    """Do what a start does, and tell whether it found damage."""
    try:
        Catalogue(folder).close()
        soundness.make_words_sound(folder)
        with View.open(folder) as view:
            return bool(view.problems())
    except CatalogueError:
        return True


def _told(folder: Path) -> object:
    """Return everything that an answer is made of."""
    with View.open(folder) as view:
        words = view.passages_with(["Moselle", "patrouille", "12 heures"], 1000)
    snapshot = load_snapshot(folder, WordEncoder().identity)
    (vector,) = WordEncoder().questions(["La patrouille suit la Moselle"])
    hits = [(hit.language, hit.found) for hit in snapshot.search(vector, 50)]
    return content_of(folder), sorted(words), repr(hits)
