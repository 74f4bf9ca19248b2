"""A reader that misbehaves in a server costs its file and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus import readers
from corpus.readers import tables
from index.encoders.protocol import Encoder
from tests.conftest import SAMPLE
from tests.robustness.faults import FAULTS, FORMATS, asking, misbehave, server
from tests.robustness.servers import Server

TRIED = (".pdf", ".csv")
"""A document and a table; ``tests.robustness.faults`` tries every format."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("faults")
    with server(folder, encoder, sorted((SAMPLE / "en").iterdir())[:2]) as opened:
        yield opened


def test_there_is_a_file_of_every_format_to_misbehave_on() -> None:
    read = {readers.MEDIA_TYPES.get(suffix) for suffix in FORMATS}
    assert read >= set(readers.MEDIA_TYPES.values())
    assert sum(tables.is_table(f"a{suffix}") for suffix in FORMATS) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_no_question_fails_while_a_reader_does(running: Server, fault: str) -> None:
    with asking(running.address) as asked:
        for suffix in TRIED:
            came = misbehave(running, suffix, fault)
            assert came.reason
            assert (came.processes_left, came.same_server) == (0, True)
    assert asked.took_ms
    assert asked.failed == []
