"""A database that cannot be used is refused with the thing, the fact and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from corpus.errors import CatalogueError, NotInFiles
from corpus.store.catalogue import Catalogue
from corpus.store.postgres import schema, store
from corpus.store.postgres.store import PostgresStore
from corpus.store.store import SqliteStore, files_of
from tests.index.conformance.collections import Made, made, put
from tests.postgres import address, new_database

Opener = Callable[[str], PostgresStore]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens stores, which are closed at the end."""
    stores: list[PostgresStore] = []

    def open_(where: str) -> PostgresStore:
        stores.append(PostgresStore(where, tmp_path, lambda _: None))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


@pytest.fixture(scope="module")
def database(postgres_server: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with an empty catalogue."""
    where = new_database(postgres_server)
    made_in = PostgresStore(where, tmp_path_factory.mktemp("data"), lambda _: None)
    made_in.catalogue().close()
    made_in.close()
    return where


def run(where: str, *statements: str) -> None:
    with psycopg.connect(where, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_server_that_is_not_there(opened: Opener, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"cannot be reached.*Start it, or correct PASS"):
        opened(address(tmp_path)).catalogue()


def test_an_extension_that_the_user_may_not_make(postgres_server: Path, opened: Opener) -> None:
    where = new_database(postgres_server)
    name = where.split("/")[3].partition("?")[0]
    run(where, "DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN")
    guest = opened(address(postgres_server, name, "guest"))
    with pytest.raises(CatalogueError, match=r"may not make it\. Have its owner run: CREATE EXT"):
        guest.catalogue()
    run(where, "CREATE EXTENSION vector")
    with pytest.raises(CatalogueError, match=r"user in PASSERELLE_DATABASE may not.*Grant it"):
        guest.catalogue()
    run(where, f"GRANT CREATE ON DATABASE {name} TO guest")
    guest.catalogue().close()
    run(where, f"DROP OWNED BY guest CASCADE; REVOKE ALL ON DATABASE {name} FROM guest")
    run(where, "DROP ROLE guest")


def test_a_database_without_a_collection(postgres_server: Path, opened: Opener) -> None:
    empty = opened(new_database(postgres_server))
    assert not empty.exists()
    for look in (empty.existing, lambda: empty.view().languages()):
        with pytest.raises(CatalogueError, match=r"no collection in the database.*ingest PATH"):
            look()


@pytest.mark.parametrize(
    ("what", "value", "words"),
    [
        ("LEAST_SERVER", 990_000, "version 18, which is too old. Use PostgreSQL 15 or newer"),
        ("LEAST_VECTOR", (99, 0), "pgvector 0.8.6, which is too old.*ALTER EXTENSION vector"),
    ],
)
def test_a_version_that_is_too_old(
    postgres_server: Path,
    opened: Opener,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    value: object,
    words: str,
) -> None:
    monkeypatch.setattr(schema, what, value)
    with pytest.raises(CatalogueError, match=words):
        opened(new_database(postgres_server)).catalogue()


def test_a_catalogue_of_a_newer_release(postgres_server: Path, opened: Opener) -> None:
    where = new_database(postgres_server)
    opened(where).catalogue().close()
    run(where, "UPDATE passerelle.schema_version SET number = 999")
    for look in (opened(where).catalogue, opened(where).existing):
        with pytest.raises(CatalogueError, match=r"newer release \(schema 999.*Install that"):
            look()


def test_a_replica_may_only_be_read(database: str, opened: Opener) -> None:
    reading = opened(f"{database}&options=-c%20default_transaction_read_only%3Don")
    one = made("a.txt", "press", "fr", 1)
    with reading.existing() as catalogue, pytest.raises(CatalogueError, match="it is a replica"):
        put(catalogue, [one])
    with reading.view() as view:
        assert view.collections() == []


def test_connections_that_are_used_up(
    database: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(store, "WAIT_SECONDS", 1.0)
    crowded = opened(database)
    words = r"All connections.*Raise max_connections"
    with crowded.view(), crowded.view(), pytest.raises(CatalogueError, match=words):
        crowded.view()
    crowded.view().close()


def test_a_statement_that_takes_too_long(database: str, opened: Opener) -> None:
    slow = opened(f"{database}&options=-c%20statement_timeout%3D50ms")
    words = r"took too long.*Raise its statement_timeout"
    with slow.view() as view, pytest.raises(CatalogueError, match=words):
        view.query("SELECT pg_sleep(10)")


def test_a_connection_that_the_server_has_cut(database: str, opened: Opener) -> None:
    cut = opened(database)
    one = made("cut.txt", "press", "fr", 2)
    catalogue = cut.existing()
    with pytest.raises(CatalogueError, match="cannot be reached"):
        _cut_amid(catalogue, one, database)
    catalogue.close()
    with cut.existing() as again:
        assert again.place_of(one.document.id) is None, "half a transaction is none"
        put(again, [one])
        assert again.place_of(one.document.id)
        again.remove(one.document.id)


def _cut_amid(catalogue: Catalogue, one: Made, database: str) -> None:
    with catalogue.transaction():
        put(catalogue, [one])
        run(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )


def test_what_is_done_with_files_is_refused(database: str, opened: Opener, tmp_path: Path) -> None:
    assert files_of(SqliteStore(tmp_path), "It", "Do this.") == tmp_path
    with pytest.raises(NotInFiles, match=r"It works on a collection in files.*Do this\."):
        files_of(opened(database), "It", "Do this.")
