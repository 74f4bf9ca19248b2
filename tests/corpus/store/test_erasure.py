"""Databases are written anew one at a time, each by way of its own folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread

from corpus.store import erasure


def test_two_at_once_each_have_their_own_folder_for_what_is_temporary(tmp_path: Path) -> None:
    mine, others = tmp_path / "mine", tmp_path / "others"
    seen: list[str] = []

    def rewrite_other() -> None:
        with closing(sqlite3.connect(others / "b.sqlite")) as connection:
            connection.execute("CREATE TABLE t (x)")
            erasure.rewrite(connection, others)

    other = Thread(target=rewrite_other)

    def amid_rewriting() -> None:
        if not seen:
            other.start()
            other.join(0.5)  # it would be done by then, were it not made to wait
            with closing(sqlite3.connect(":memory:")) as third:
                seen.extend(third.execute("PRAGMA temp_store_directory").fetchone() or [""])

    for folder in (mine, others):
        folder.mkdir()
    with closing(sqlite3.connect(mine / "a.sqlite")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 100,)] * 1000)
        connection.commit()

        def begun(statement: str) -> None:
            if statement == "VACUUM":
                connection.set_progress_handler(amid_rewriting, 1)

        connection.set_trace_callback(begun)
        erasure.rewrite(connection, mine)
    other.join()
    assert seen == [str(mine)]
