"""The vectors of a model that was replaced go in short transactions, and nobody sees how far."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.errors import CatalogueError
from corpus.store import sqlite, steps
from corpus.store.backup import backup
from corpus.store.catalogue import Catalogue
from corpus.store.models import EncodedText
from corpus.types import StoredModel
from tests.catalogues import sqlite_of
from tests.corpus.store.test_catalogue import make
from tests.corpus.store.test_steps import at_each_transaction, copied, run_until

ROWS = 10
"""Of one step, here."""
TEXTS = 65


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROWS_PER_STEP", ROWS)
    monkeypatch.setattr(steps, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A collection whose second model has all of its vectors, and is not searched yet."""
    with Catalogue(tmp_path / "data") as opened:
        opened.put(*make("a.txt", *(f"Phrase {number}." for number in range(TEXTS))), 1)
        opened.adopt_model(model(opened, "first"))
        for name in ("first", "second"):
            encode(opened, model(opened, name))
        opened.publish()
        yield opened


@pytest.fixture
def other(catalogue: Catalogue) -> Iterator[Catalogue]:
    """Another user of the same folder."""
    with Catalogue(catalogue.folder) as opened:
        yield opened


def model(catalogue: Catalogue, name: str) -> StoredModel:
    return catalogue.register_model(name, "1", name)


def encode(catalogue: Catalogue, model: StoredModel, limit: int = 10_000) -> None:
    texts = catalogue.texts_without_vectors(model, limit)
    catalogue.put_vectors(model, [EncodedText(text.id, b"\0\0\x80?") for text in texts])


def replace(catalogue: Catalogue) -> None:
    assert catalogue.activate_model(model(catalogue, "second"))
    catalogue.forget_replaced()


def vectors(folder: Path) -> dict[str, int]:
    """Return how many vectors each model has that has any."""
    query = "SELECT name, count(*) FROM vectors JOIN models ON id = model_id GROUP BY name"
    with closing(sqlite3.connect(folder / sqlite.FILE_NAME)) as connection:
        return dict(connection.execute(query).fetchall())


def texts(catalogue: Catalogue) -> int:
    return vectors(catalogue.folder)["second"]


def test_no_transaction_deletes_more_than_one_step_and_others_write_in_between(
    catalogue: Catalogue, other: Catalogue
) -> None:
    seen: list[int] = []
    other._connection.execute("PRAGMA busy_timeout = 0")

    def look(number: int) -> None:
        other.note_root("d-0", f"/{number}")
        seen.append(vectors(catalogue.folder).get("first", 0))

    of_each = texts(catalogue)
    at_each_transaction(catalogue, look)
    replace(catalogue)
    assert seen[0] == of_each > 3 * ROWS
    assert max(before - after for before, after in pairwise(seen)) == ROWS
    assert vectors(catalogue.folder) == {"second": of_each}


def test_killed_before_any_transaction_one_model_is_whole_and_the_other_goes_in_the_end(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    of_each = texts(catalogue)
    catalogue.close()
    kills = 0
    while run_until(copied(catalogue.folder, tmp_path / str(kills)), replace, kills):
        with Catalogue(tmp_path / str(kills)) as restarted:
            active = restarted.active_model()
            assert active is not None
            restarted.tidy()
            with restarted.view() as view:
                assert view.problems() == []
            left = vectors(restarted.folder)
        assert left[active.name] == of_each
        assert active.name == "first" or left == {"second": of_each}
        kills += 1
    assert kills > of_each / ROWS


def test_a_text_that_comes_at_the_last_moment_is_waited_for(
    catalogue: Catalogue, other: Catalogue
) -> None:
    """What is missing is looked for before the lock is taken, which would take seconds."""
    second = model(catalogue, "second")
    at_each_transaction(catalogue, lambda _: other.put(*make("b.txt", "Une phrase de plus."), 1))
    assert not catalogue.activate_model(second)
    sqlite_of(catalogue).set_trace_callback(None)
    assert catalogue.missing(second).number == 1
    active = catalogue.active_model()
    assert active is not None
    assert active.name == "first"


def test_who_still_encodes_with_a_model_that_was_replaced_is_told_so(
    catalogue: Catalogue, other: Catalogue
) -> None:
    first = model(other, "first")
    assert catalogue.activate_model(model(catalogue, "second"))
    with pytest.raises(CatalogueError, match="replaced"):
        other.activate_model(first)
    catalogue.forget_replaced()
    catalogue.put(*make("b.txt", "Une phrase de plus."), 1)
    with pytest.raises(CatalogueError, match="replaced"):
        encode(other, first)
    assert "first" not in vectors(catalogue.folder)


def test_a_model_that_is_begun_again_while_it_goes_loses_nothing_more(
    catalogue: Catalogue, other: Catalogue
) -> None:
    left: list[int] = []

    def begin_again(number: int) -> None:
        if number == 4:
            model(other, "first")
            left.append(vectors(catalogue.folder)["first"])

    second = model(catalogue, "second")
    at_each_transaction(catalogue, begin_again)
    assert catalogue.activate_model(second)
    catalogue.forget_replaced()
    sqlite_of(catalogue).set_trace_callback(None)
    assert 0 < left[0] < texts(catalogue)
    assert vectors(catalogue.folder)["first"] == left[0]
    first = model(catalogue, "first")
    assert catalogue.missing(first).number == texts(catalogue) - left[0]
    encode(catalogue, first)
    assert catalogue.activate_model(first)


def test_a_backup_has_no_vector_of_a_model_that_goes(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.activate_model(model(catalogue, "second"))
    assert "first" in vectors(catalogue.folder)
    backup(catalogue.folder, tmp_path / "copy")
    assert vectors(tmp_path / "copy") == {"second": texts(catalogue)}
