"""Damage is found before anything is answered."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from api.service import open_service
from api.settings import Settings
from corpus.errors import CatalogueError
from corpus.ingest import find_sources, ingest
from corpus.store import integrity, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from index.lexical import passages_with
from index.writer import encode_waiting
from tests.content import content_of
from tests.encoders import WordEncoder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    text = "# Une note sur la police.\n\nElle patrouille à Remich.\n\nPartager sur Facebook\n"
    (tmp_path / "a.txt").write_text(text)
    catalogue = Catalogue(tmp_path / "data")
    list(ingest(catalogue, find_sources([tmp_path / "a.txt"]), "press"))
    encode_waiting(catalogue, WordEncoder())
    return catalogue


def found_in(catalogue: Catalogue) -> list[str]:
    with View.open(catalogue.folder) as view:
        return view.problems()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET text = text || 'x'",
        "UPDATE documents SET published = '2020-01-01'",
        "UPDATE documents SET title = 'x'",
        "UPDATE passages SET start = start + 1",
        "UPDATE passages SET page = 7",
        'UPDATE sentences SET "end" = "end" - 1',
        "UPDATE vectors SET data = zeroblob(length(data))",
        "UPDATE left_out SET text = 'x'",
        "INSERT INTO recognised_pages SELECT key, 1, 0.5, 1, 0, 7 FROM documents",
        "UPDATE texts SET text = 'x'",
        "UPDATE originals SET data = x'00'",
        "UPDATE settings SET value = '7' WHERE name = 'active_model'",
        "UPDATE settings SET name = 'active_modem' WHERE name = 'active_model'",
    ],
)
def test_a_value_that_is_not_what_was_written_is_found(catalogue: Catalogue, change: str) -> None:
    assert found_in(catalogue) == []
    catalogue._connection.execute(change)
    assert found_in(catalogue) != []


def test_an_index_of_words_that_is_wrong_is_made_anew(catalogue: Catalogue) -> None:
    catalogue._connection.execute(
        "UPDATE passage_words_data SET block = zeroblob(length(block)) WHERE id > 10"
    )
    integrity.make_words_sound(catalogue.folder)
    with View.open(catalogue.folder) as view:
        assert len(passages_with(view, ["Remich"], 10)) == 1


def test_nothing_is_answered_from_a_damaged_collection(catalogue: Catalogue, cache: Path) -> None:
    catalogue._connection.execute("UPDATE passages SET start = start + 1")
    settings = Settings(data=catalogue.folder, cache=cache)
    with pytest.raises(CatalogueError, match="backup"), open_service(settings, follow=True):
        pass


def test_a_damaged_log_gives_back_an_earlier_state_as_a_whole(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    """SQLite takes its first bad frame for its end, so what came last may be lost, never half."""
    states: list[Any] = [{}, content_of(catalogue.folder)]
    for number in range(6):
        file = tmp_path / f"{number}.txt"
        file.write_text(f"La patrouille {number} passe à Remich.")
        list(ingest(catalogue, find_sources([file]), "press"))
        encode_waiting(catalogue, WordEncoder())
        states.append(content_of(catalogue.folder))
    log = catalogue.folder / f"{sqlite.FILE_NAME}-wal"
    written, chance = log.read_bytes(), random.Random(5)
    found = set()
    for number in range(30):
        folder = tmp_path / f"damaged-{number}"
        folder.mkdir()
        shutil.copy(catalogue.folder / sqlite.FILE_NAME, folder)
        damaged = bytearray(written)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        if number % 5 == 4:
            del damaged[chance.randrange(len(damaged)) :]
        (folder / log.name).write_bytes(damaged)
        with Catalogue(folder) as copy:
            assert found_in(copy) == []
            found.add(states.index(content_of(folder)))
    assert len(found) > 2


def test_an_empty_catalogue_is_no_collection_to_serve(tmp_path: Path, cache: Path) -> None:
    (tmp_path / sqlite.FILE_NAME).touch()
    with (
        pytest.raises(CatalogueError, match="Restore a backup"),
        open_service(Settings(data=tmp_path, cache=cache), follow=True),
    ):
        pass
