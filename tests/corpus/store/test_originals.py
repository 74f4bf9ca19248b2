"""An original is read a chunk at a time, and what is read is what was stored."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus.errors import CatalogueError, OriginalGone
from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.originals import CHUNK_BYTES, Original
from tests.catalogues import kept

CONTENT = random.Random(1).randbytes(3 * CHUNK_BYTES + 1000)
OTHER = random.Random(2).randbytes(len(CONTENT))


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path) as catalogue:
        yield catalogue


def _rest(original: Original) -> list[bytes]:
    chunks = []
    while not original.is_read:
        chunks.append(original.read())
    return chunks


def test_it_is_read_in_chunks_that_make_the_same_bytes(catalogue: Catalogue) -> None:
    sha256 = catalogue.blobs.keep("press", CONTENT)
    with kept(catalogue.folder, sha256) as original:
        assert original.size == len(CONTENT)
        chunks = _rest(original)
        assert b"".join(chunks) == CONTENT
        assert [len(chunk) for chunk in chunks] == [*[CHUNK_BYTES] * 3, 1000]
        assert original.read() == b""


def test_it_goes_on_where_it_was_after_the_catalogue_was_let_go_of(catalogue: Catalogue) -> None:
    with kept(catalogue.folder, catalogue.blobs.keep("press", CONTENT)) as original:
        first = original.read()
        original.close()
        original.close()
        assert first + b"".join(_rest(original)) == CONTENT


def test_what_is_not_kept_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(OriginalGone, match="0000 is no longer stored"):
        kept(catalogue.folder, "0" * 64)


def test_what_is_deleted_and_replaced_meanwhile_is_read_to_its_end(catalogue: Catalogue) -> None:
    sha256 = catalogue.blobs.keep("press", CONTENT)
    with kept(catalogue.folder, sha256) as original:
        first = original.read()
        catalogue.blobs.release("press", sha256)
        catalogue.blobs.keep("press", OTHER)
        assert first + b"".join(_rest(original)) == CONTENT


def test_where_another_took_its_place_meanwhile_nothing_of_that_is_read(
    catalogue: Catalogue,
) -> None:
    sha256 = catalogue.blobs.keep("press", CONTENT)
    with kept(catalogue.folder, sha256) as original:
        original.read()
        original.close()
        catalogue.blobs.release("press", sha256)
        catalogue.blobs.keep("press", OTHER)  # SQLite gives it the same row number
        with pytest.raises(OriginalGone, match="removed or replaced"):
            original.read()


@pytest.mark.parametrize("changed", [OTHER, CONTENT[:-1], CONTENT + b"x"])
def test_what_was_changed_on_the_disk_is_not_read_to_its_end(
    catalogue: Catalogue, changed: bytes
) -> None:
    sha256 = catalogue.blobs.keep("press", CONTENT)
    with kept(catalogue.folder, sha256) as original:
        original.read()
        original.close()
        catalogue._connection.execute("UPDATE originals SET data = ?", (changed,))
        with pytest.raises(CatalogueError, match="changed since it was stored"):
            _rest(original)


def test_the_log_can_be_folded_away_once_the_catalogue_is_let_go_of(catalogue: Catalogue) -> None:
    def is_held_back() -> bool:
        catalogue.blobs.keep("press", OTHER)
        with closing(sqlite3.connect(catalogue.folder / sqlite.FILE_NAME)) as connection:
            return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    with kept(catalogue.folder, catalogue.blobs.keep("press", CONTENT)) as original:
        original.read()
        assert is_held_back()
        original.close()
        assert not is_held_back()
        assert len(b"".join(_rest(original))) == len(CONTENT) - CHUNK_BYTES
