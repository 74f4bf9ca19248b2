from __future__ import annotations

import random
from contextlib import suppress
from datetime import datetime

import pytest

from corpus.errors import DamagedFile
from corpus.readers.formats.office.docx import read_docx
from tests.documents import docx

ACCORD = docx(
    [
        ("Title", "The accord"),
        ("Heading 1", "Measures"),
        ("Normal", "There are two:"),
        ("List Bullet", "a patrol"),
        ("List Number", "an exchange"),
        ("Normal", ""),
    ],
    table=[["Country", "Officers"], ["Belgium", "12"]],
    title="The accord of May",
    author="Ministry of Justice",
    created=datetime(2021, 4, 5),
)


def test_styles_and_tables_become_blocks() -> None:
    found = [(block.kind.value, block.text) for block in read_docx(ACCORD).blocks if block.text]
    assert found == [
        ("heading", "The accord"),
        ("heading", "Measures"),
        ("paragraph", "There are two:"),
        ("list item", "- a patrol"),
        ("list item", "1. an exchange"),
        ("row", "Country | Officers"),
        ("row", "Belgium | 12"),
    ]


def test_core_properties_are_metadata_but_for_when_the_file_was_made() -> None:
    metadata = read_docx(ACCORD).metadata
    assert metadata.title == "The accord of May"
    assert metadata.publisher == "Ministry of Justice"
    assert metadata.published is None


def test_a_programs_own_properties_are_none() -> None:
    metadata = read_docx(docx([("Normal", "Text.")], author="python-docx")).metadata
    assert (metadata.title, metadata.publisher, metadata.published) == (None, None, None)


@pytest.mark.parametrize("kept", [0.01, 0.3, 0.6, 0.99])
def test_a_document_cut_short_is_refused(kept: float) -> None:
    with pytest.raises(DamagedFile, match="incomplete"):
        read_docx(ACCORD[: int(len(ACCORD) * kept)])


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_never_make_another_error(seed: int) -> None:
    generator = random.Random(seed)
    content = bytearray(ACCORD)
    for _ in range(40):
        content[generator.randrange(len(content))] = generator.randrange(256)
    with suppress(DamagedFile):  # any other error fails the test
        assert read_docx(bytes(content)).blocks
