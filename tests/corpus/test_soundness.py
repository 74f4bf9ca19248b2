"""Damage is found before anything is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings
from api.wiring import open_service
from corpus import soundness
from corpus.catalogue import Catalogue
from corpus.errors import CatalogueError
from corpus.ingest import find_sources, ingest
from corpus.view import View
from index.builder import encode_waiting
from tests.encoders import WordEncoder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "a.txt").write_text("# Une note sur la police.\n\nElle patrouille à Remich.\n")
    catalogue = Catalogue(tmp_path / "data")
    list(ingest(catalogue, find_sources([tmp_path / "a.txt"]), "press"))
    encode_waiting(catalogue, WordEncoder())
    return catalogue


def found(catalogue: Catalogue) -> list[str]:
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
        "UPDATE texts SET text = 'x'",
        "UPDATE originals SET data = x'00'",
        "UPDATE settings SET value = '7' WHERE name = 'active_model'",
        "UPDATE settings SET name = 'active_modem' WHERE name = 'active_model'",
    ],
)
def test_a_value_that_is_not_what_was_written_is_found(catalogue: Catalogue, change: str) -> None:
    assert found(catalogue) == []
    catalogue._connection.execute(change)
    assert found(catalogue) != []


def test_an_index_of_words_that_is_wrong_is_made_anew(catalogue: Catalogue) -> None:
    catalogue._connection.execute(
        "UPDATE passage_words_data SET block = zeroblob(length(block)) WHERE id > 10"
    )
    soundness.make_words_sound(catalogue.folder)
    with View.open(catalogue.folder) as view:
        assert len(view.passages_with(["Remich"], 10)) == 1


def test_nothing_is_answered_from_a_damaged_collection(catalogue: Catalogue, cache: Path) -> None:
    catalogue._connection.execute("UPDATE passages SET start = start + 1")
    settings = Settings(data=catalogue.folder, cache=cache)
    with pytest.raises(CatalogueError, match="backup"), open_service(settings, follow=True):
        pass
