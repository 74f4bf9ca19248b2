"""Large documents are written and deleted in many short transactions, and nobody sees how far."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.errors import CatalogueError, IdTaken
from corpus.store import erasure, sqlite, steps
from corpus.store.backup import backup
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered
from corpus.store.models import EncodedText
from corpus.store.view import View
from corpus.types import Document, LeftOut, LeftOutReason, Outcome, Passage, Span, document_id
from corpus.uploads import take_in_next
from tests.catalogues import sqlite_of

ROWS = 20
"""Of one step, here."""
PASSAGES = 12
SENTENCES = 4
"""Of each passage; so a document has three steps."""
ID = document_id("press", "a.txt")

Event = Callable[[int], None]
"""Called before each transaction, with its number."""


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROWS_PER_STEP", ROWS)
    monkeypatch.setattr(steps, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def other(catalogue: Catalogue) -> Iterator[Catalogue]:
    """Another user of the same folder."""
    with Catalogue(catalogue.folder) as opened:
        yield opened


def large(word: str) -> tuple[Document, list[Passage]]:
    """Return a document of many passages."""
    text, passages = "", []
    for number in range(PASSAGES):
        start, spans = len(text), []
        for part in range(SENTENCES):
            sentence = f"{word} {number} {part}."
            spans.append(Span(len(text), len(text) + len(sentence)))
            text += f"{sentence} "
        passage = text[start:].rstrip()
        span = Span(start, start + len(passage))
        passages.append(Passage(span, passage, "fr", None, tuple(spans)))
    document = Document(
        id=ID,
        collection="press",
        file="a.txt",
        root="/documents",
        media_type="text/plain",
        sha256=sha256(text.encode()).hexdigest(),
        language="fr",
        title="a",
        publisher=None,
        published=None,
        url=None,
        text=text,
    )
    return document, passages


def put(catalogue: Catalogue, word: str) -> None:
    document, passages = large(word)
    left_out = [LeftOut(LeftOutReason.RUNNING_LINE, word, page) for page in range(ROWS + 1)]
    catalogue.put(document, passages, 1, document.text.encode(), left_out)


def give_vectors(catalogue: Catalogue) -> None:
    model = catalogue.register_model("words", "1", "0" * 64)
    catalogue.adopt_model(model)
    texts = catalogue.texts_without_vectors(model, 10_000)
    catalogue.put_vectors(model, [EncodedText(text.id, b"\0\0\x80?") for text in texts])


def live(catalogue: Catalogue, word: str) -> None:
    put(catalogue, word)
    give_vectors(catalogue)
    catalogue.publish()


def shown(folder: Path) -> str | None:
    """Return the first word of the document that is to be found, once it was seen to be whole."""
    with View.open(folder) as view:
        found = view.document(ID)
        if found is None:
            assert view.passages_of(ID) == []
            return None
        word = found.text.split()[0]
        expected = large(word)[1]
        assert [each.text for each in view.passages_of(ID)] == [each.text for each in expected]
        return word


def rows(folder: Path) -> int:
    """Return how many passages and sentences there are, seen or not."""
    with closing(sqlite3.connect(folder / sqlite.FILE_NAME)) as connection:
        return sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("passages", "sentences")
        )


def everything(folder: Path) -> list[list[tuple[object, ...]]]:
    """Return all rows of a catalogue, but for their numbers."""
    queries = (
        "SELECT id, live, going, collection, text, passage_count FROM documents",
        "SELECT collection, text FROM texts",
        'SELECT start, "end" FROM passages',
        'SELECT start, "end" FROM sentences',
        "SELECT position, text FROM left_out",
        "SELECT collection, sha256 FROM originals",
        "SELECT data FROM vectors",
    )
    with closing(sqlite3.connect(folder / sqlite.FILE_NAME)) as connection:
        return [sorted(connection.execute(query), key=repr) for query in queries]


def at_each_transaction(catalogue: Catalogue, event: Event) -> None:
    numbers = iter(range(10**6))
    sqlite_of(catalogue).set_trace_callback(
        lambda sql: event(next(numbers)) if sql.startswith("BEGIN") else None
    )


def at_the_third(act: Callable[[], object]) -> Event:
    """Return what acts before the third of some transactions."""

    def act_then(number: int) -> None:
        if number == 3:
            act()

    return act_then


def wait_for_vectors(catalogue: Catalogue) -> None:
    live(catalogue, "old")
    put(catalogue, "new")
    give_vectors(catalogue)


def have_two_versions(catalogue: Catalogue) -> None:
    live(catalogue, "old")
    put(catalogue, "new")


PATIENCE_SECONDS = 60
"""For which a process that is to be killed may live."""

Change = Callable[[Catalogue], object]

CHANGES: dict[str, tuple[Change, Change]] = {
    "store": (lambda _: None, partial(put, word="new")),
    "store in place of one that waits": (partial(put, word="old"), partial(put, word="new")),
    "store beside the live one": (partial(live, word="old"), partial(put, word="new")),
    "make live": (wait_for_vectors, Catalogue.publish),
    "remove": (have_two_versions, partial(Catalogue.remove, document=ID)),
    "move": (
        partial(live, word="old"),
        partial(Catalogue.move, document=ID, collection="archive"),
    ),
}
"""What is there before a change, and the change."""


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest, catalogue: Catalogue) -> Change:
    prepare, change = CHANGES[request.param]
    prepare(catalogue)
    return change


def test_no_transaction_writes_or_deletes_more_rows_than_one_step(
    catalogue: Catalogue, change: Change
) -> None:
    before = rows(catalogue.folder)
    seen = [before]
    at_each_transaction(catalogue, lambda _: seen.append(rows(catalogue.folder)))
    change(catalogue)
    seen.append(rows(catalogue.folder))
    assert max(abs(after - before) for before, after in pairwise(seen)) <= (ROWS + 1 + SENTENCES)
    of_one = PASSAGES * (1 + SENTENCES)
    if abs(seen[-1] - before) >= of_one:
        assert len(seen) > of_one / ROWS


def test_others_write_between_two_steps(
    catalogue: Catalogue, other: Catalogue, change: Change
) -> None:
    other._connection.execute("PRAGMA busy_timeout = 0")
    at_each_transaction(catalogue, lambda number: other.note_root("d-0", f"/{number}"))
    change(catalogue)


def test_between_two_steps_all_is_as_before_or_as_after(
    catalogue: Catalogue, other: Catalogue, change: Change
) -> None:
    def state() -> tuple[object, ...]:
        with other.view() as view:
            assert view.problems() == []
            waiting = view.waiting()
        return (
            shown(other.folder),
            waiting,
            other.newest_version("press", "a.txt"),
            other.files("press", "/documents"),
            other.place_of(ID),
            other.collection_of(ID),
            other.jobs.usage(""),
        )

    seen = [state()]
    at_each_transaction(catalogue, lambda _: seen.append(state()))
    change(catalogue)
    seen.append(state())
    assert seen == [seen[0]] * seen.count(seen[0]) + [seen[-1]] * seen.count(seen[-1])


def test_killed_before_any_transaction_it_is_as_before_or_as_after_and_nothing_is_left(
    catalogue: Catalogue, tmp_path: Path, change: Change
) -> None:
    catalogue.close()
    before, kills = everything(catalogue.folder), 0
    found = []
    while run_until(copied(catalogue.folder, tmp_path / str(kills)), change, kills):
        folder = tmp_path / str(kills)
        could_be_found = shown(folder)
        with Catalogue(folder) as restarted:
            restarted.tidy()
            with restarted.view() as view:
                assert view.problems() == []
        assert shown(folder) == could_be_found
        found.append(everything(folder))
        kills += 1
    after = everything(tmp_path / str(kills))
    assert kills > 2
    assert found == [before] * found.count(before) + [after] * found.count(after)


def copied(source: Path, target: Path) -> Path:
    target.mkdir()
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def run_until(folder: Path, change: Change, number: int) -> bool:
    """Make a change in a process that ends at a transaction; tell whether there were so many."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE_SECONDS)  # whatever a thread of this process held when it forked
        try:
            with Catalogue(folder) as catalogue:
                at_each_transaction(catalogue, lambda each: os._exit(9) if each == number else None)
                change(catalogue)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def test_who_cleans_up_leaves_alone_what_others_write_now(
    catalogue: Catalogue, other: Catalogue
) -> None:
    at_each_transaction(catalogue, lambda _: other.tidy())
    live(catalogue, "new")
    assert shown(catalogue.folder) == "new"


def test_what_is_removed_while_it_is_written_stays_removed(
    catalogue: Catalogue, other: Catalogue
) -> None:
    at_each_transaction(catalogue, at_the_third(lambda: other.remove(ID)))
    put(catalogue, "new")
    sqlite_of(catalogue).set_trace_callback(None)
    assert catalogue.waiting() == 0
    assert rows(catalogue.folder) == 0


def test_what_is_erased_while_it_is_written_leaves_no_byte(
    catalogue: Catalogue, other: Catalogue
) -> None:
    def erase() -> None:
        other.erase(ID)
        assert erasure.overwrite_deleted(other.folder)

    at_each_transaction(catalogue, at_the_third(erase))
    put(catalogue, "Wallendorf")
    for path in catalogue.folder.iterdir():
        assert b"allendorf" not in path.read_bytes(), path.name


def test_an_upload_that_is_removed_while_it_is_written_says_so(
    catalogue: Catalogue, other: Catalogue
) -> None:
    text = "\n\n".join(f"Le pont {number} reste ouvert. " * 20 for number in range(20))
    job = catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a.txt", text.encode())])
    at_each_transaction(catalogue, at_the_third(lambda: other.remove(ID)))
    take_in_next(catalogue, job)
    (file,) = catalogue.jobs.files(job)
    assert file.outcome == Outcome.REMOVED
    assert rows(catalogue.folder) == 0
    assert everything(catalogue.folder)[5] == []


def test_a_backup_has_nothing_of_what_is_half_written_or_half_deleted(
    catalogue: Catalogue, other: Catalogue, tmp_path: Path
) -> None:
    def back_up(number: int) -> None:
        if rows(catalogue.folder) not in (0, PASSAGES * (1 + SENTENCES)):
            backup(catalogue.folder, tmp_path / f"backup-{number}")

    at_each_transaction(catalogue, back_up)
    put(catalogue, "new")
    sqlite_of(catalogue).set_trace_callback(None)
    give_vectors(catalogue)
    catalogue.publish()
    at_each_transaction(catalogue, back_up)
    catalogue.remove(ID)
    copies = list(tmp_path.glob("backup-*"))
    assert len(copies) > 2
    for copy in copies:
        assert rows(copy) == 0
        assert everything(copy)[5] == []


def test_a_large_file_whose_id_is_taken_leaves_nothing(catalogue: Catalogue) -> None:
    live(catalogue, "old")
    before = everything(catalogue.folder)
    document, passages = large("new")
    with pytest.raises(IdTaken):
        catalogue.put(replace(document, file="b.txt"), passages, 1)
    assert everything(catalogue.folder) == before


def test_what_fails_halfway_is_deleted_again(catalogue: Catalogue, other: Catalogue) -> None:
    document, passages = large("new")
    broken = [*passages[:-1], replace(passages[-1], language=None)]  # type: ignore[arg-type]
    with pytest.raises(CatalogueError):
        catalogue.put(document, broken, 1, document.text.encode())
    assert rows(catalogue.folder) == 0
    assert everything(catalogue.folder)[0] == everything(catalogue.folder)[5] == []
