from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.store import sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.view import View
from corpus.types import document_id
from index.lexical import passages_with
from tests.corpus.store.test_catalogue import give_vectors, make

words = st.sampled_from(["alpha", "beta", "2018/0256", "E34", "§ 12a", "Été"])
steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "publish", "remove"]),
        st.sampled_from(["a.txt", "b.txt"]),
        st.lists(words, min_size=1, max_size=3),
    ),
    max_size=10,
)


def found(folder: Path, phrase: str) -> set[str]:
    with View.open(folder) as view:
        passages = view.passages(list(passages_with(view, [phrase], 1000)))
        return {passage.text for passage in passages.values()}


@settings(max_examples=25)  # each writes files
@given(steps)
def test_the_words_are_those_of_the_passages_that_are_live(
    history: list[tuple[str, str, list[str]]],
) -> None:
    live: dict[str, str] = {}
    waiting: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name, Catalogue(Path(name)) as catalogue:
        for step, file, some in history:
            match step:
                case "put":
                    catalogue.put(*make(file, *some), 1)
                    waiting[file] = " ".join(some)
                case "publish":
                    give_vectors(catalogue)
                    live |= waiting
                    waiting.clear()
                case _:
                    catalogue.remove(document_id("press", file))
                    live.pop(file, None)
                    waiting.pop(file, None)
        for word in ("alpha", "2018/0256", "§ 12a"):
            assert found(Path(name), word) == {text for text in live.values() if word in text}
        with closing(sqlite3.connect(Path(name) / sqlite.FILE_NAME)) as connection:
            # Raises if the index and the texts differ (https://sqlite.org/fts5.html).
            connection.execute(
                "INSERT INTO passage_words (passage_words, rank) VALUES ('integrity-check', 1)"
            )


def test_neither_case_nor_accents_nor_separators_matter(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        catalogue.put(*make("a.txt", "L'été, 1\u202f234 euros (§ 12a)."), 1)
        give_vectors(catalogue)
    for phrase in ("ETE", "1.234", "1 234", "§ 12a", "été 1 234 EUROS"):
        assert found(tmp_path, phrase), phrase
    for phrase in ("1234", "234 1", "§ 12", "12", '"', "", "ete OR x", "text:ete", "et*"):
        assert not found(tmp_path, phrase), phrase


def test_no_more_are_returned_than_asked_for(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        for number in range(5):
            catalogue.put(*make(f"{number}.txt", f"Fait {number}."), 1)
        give_vectors(catalogue)
    with View.open(tmp_path) as view:
        assert len(passages_with(view, ["fait"], 3)) == 3
        assert len(passages_with(view, ["0", "4"], 9)) == 2


def test_a_reader_brings_an_older_catalogue_up_to_date(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / sqlite.FILE_NAME)) as connection:
        connection.executescript(sqlite.migrations()[0][1])
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO texts VALUES (1, x'00', 'Le 2018/0256.')")
        connection.execute(
            "INSERT INTO documents VALUES (1, 'd', 1, 'c', 'f', 'r', 'm', 's', 1, 'fr', 't',"
            " NULL, NULL, NULL, 1, 'Le 2018/0256.')"
        )
        connection.execute("INSERT INTO passages VALUES (1, 1, 0, 13, NULL, 'fr', 1)")
        connection.commit()
    assert found(tmp_path, "2018 0256") == {"Le 2018/0256."}
