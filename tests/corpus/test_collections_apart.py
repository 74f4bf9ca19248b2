"""A file that another collection has is the same work as one that nobody has.

So neither time nor a number tells whoever sends it that it is there.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered, State
from corpus.uploads import take_in_next
from index.writer import encode_waiting
from tests.catalogues import sqlite_of
from tests.encoders import WordEncoder

FILE = (
    "Die Akte 4711\n\nDer Rat hat am Montag zugestimmt. Die Brücke bleibt gesperrt.\n\n"
    "Ein zweiter Absatz, der von etwas anderem handelt. Er hat zwei Sätze.\n"
).encode()
OTHER = b"Une note.\n\nElle parle des trains. Ils sont en retard.\n"


class Work(NamedTuple):
    """What was done to take a file in."""

    calls: Counter[tuple[str, str]]
    """Of our functions, by module and name."""
    statements: list[str]
    """That SQLite was given, without the values in them."""
    encoded: list[str]
    rows: int
    """That SQLite inserted, changed or deleted."""


def send(catalogue: Catalogue, collection: str, content: bytes) -> Work:
    encoder, statements = WordEncoder(), list[str]()
    calls: Counter[tuple[str, str]] = Counter()
    connection = sqlite_of(catalogue)
    connection.set_trace_callback(statements.append)
    rows = connection.total_changes
    with counted(calls):
        job = catalogue.jobs.accept(Kind.UPLOAD, collection, [Offered("akte.txt", content)])
        while take_in_next(catalogue, job):
            pass
        encode_waiting(catalogue, encoder)
        catalogue.jobs.note(job, State.DONE)
    connection.set_trace_callback(None)
    shapes = [re.sub(r"'(?:[^']|'')*'|[xX]'\w*'|\b\d+\b", "?", each) for each in statements]
    return Work(calls, shapes, encoder.encoded, connection.total_changes - rows)


@contextmanager
def counted(calls: Counter[tuple[str, str]]) -> Iterator[None]:
    """Count the calls of our functions in this thread; not how often a socket is read."""

    def note(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__", "")
        is_ours = module.startswith(("corpus.", "index.")) and "sandbox.client" not in module
        if event == "call" and is_ours:
            calls[module, frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("elsewhere", ["sent", "sent and removed"])
def test_a_file_that_another_collection_has_is_the_same_work_as_any_other(
    tmp_path: Path, elsewhere: str
) -> None:
    works = []
    for name, content in (("first", OTHER), ("without", OTHER), ("with", FILE)):
        with Catalogue(tmp_path / name) as catalogue:
            send(catalogue, "secret", content)
            if elsewhere == "sent and removed":
                (document,) = catalogue.files("secret", ".")
                catalogue.remove(document[0])
            works.append(send(catalogue, "open", FILE))
    _, without, with_it = works  # what is looked up once in a process was, for the first
    assert without.encoded
    assert with_it.encoded == without.encoded
    assert with_it.rows == without.rows
    assert with_it.statements == without.statements
    assert with_it.calls == without.calls
    assert without.calls["corpus.sandbox", "extract"] == 1


def test_the_same_file_sent_again_to_its_own_collection_is_encoded_once(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        first, again = (send(catalogue, "open", FILE) for _ in range(2))
    assert first.encoded
    assert again.encoded == []


def test_what_one_collection_removes_another_keeps(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        send(catalogue, "secret", FILE)
        send(catalogue, "open", FILE)
        ((document, _),) = catalogue.files("secret", ".")
        assert catalogue.remove(document)
        with catalogue.view() as view:
            assert view.problems() == []
            ((kept, _),) = catalogue.files("open", ".")
            original = view.original(kept)
            assert original
            with original:
                assert original.read() == FILE
            assert view.passages_of(kept)
        assert {row[0] for row in catalogue._rows("SELECT collection FROM originals")} == {"open"}
        assert {row[0] for row in catalogue._rows("SELECT collection FROM texts")} == {"open"}
