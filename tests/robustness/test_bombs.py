"""Files that are small and would be large are refused before they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import readers
from corpus.readers import tables
from corpus.sandbox.client import ReadingProcess
from tests.robustness.bombs import NOTE, bombs, measured
from tests.robustness.mutations import Tally, file_of, try_files

HARMLESS = {"picture.odt", "deep.jsonl"}
"""What is read as if there were nothing to it: the picture is not looked at; a row is refused when
it is read itself."""


@pytest.fixture(scope="module")
def process() -> Iterator[ReadingProcess]:
    opened = ReadingProcess()
    yield opened
    opened.close()


@pytest.mark.slow
def test_a_bomb_is_refused_in_little_memory_and_the_next_file_read(process: ReadingProcess) -> None:
    made = bombs()
    assert made.keys() > HARMLESS
    for name, content in made.items():
        figures = measured(process, name, content)
        refused = figures["outcome"] != "read"
        assert refused == (name not in HARMLESS), name
        assert figures["MiB"] <= 64, name
        assert process.extract(NOTE, "note.txt").language == "fr"


@pytest.mark.slow
def test_mutated_files_are_added_or_refused_with_a_reason(tmp_path: Path) -> None:
    tally = Tally(seed=7)
    try_files(tmp_path, tally, files=65, seconds=600)
    assert {"added", "refused"} <= set(tally.outcomes)
    assert set(tally.outcomes) <= {"added", "updated", "unchanged", "refused"}
    assert {"202"} <= set(tally.statuses) <= {"202", "422"}
    assert tally.without_a_reason == []
    assert tally.files == 65


def test_mutations_are_of_every_format_and_the_same_every_time() -> None:
    made = dict(file_of(7, number) for number in range(65))
    formats = {name.partition(".")[2] for name in made}
    assert {readers.MEDIA_TYPES.get(f".{each}") for each in formats} >= set(
        readers.MEDIA_TYPES.values()
    )
    assert any(tables.is_table(name) for name in made)
    assert made == dict(file_of(7, number) for number in range(65))
