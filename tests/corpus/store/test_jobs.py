"""Work is accepted without keeping others from theirs, at a cost that grows with its files only."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.errors import EmptyFile, FileTooLarge
from corpus.sandbox.extract import Extract
from corpus.store import spool, sqlite
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, NothingOffered, Offered
from corpus.store.pending import Span as Weights
from corpus.store.quotas import Account
from corpus.types import Metadata, Outcome, Passage, Span
from corpus.uploads import Limits, Upload, offered, take_in_next
from index.writer import encode_waiting
from tests.catalogues import sqlite_of
from tests.encoders import WordEncoder

LIMITS = Limits(file=2**20, upload=2**24)
NOTE = b"Les deux polices patrouillent ensemble le long de la Moselle."
STEPS = 100
"""Of SQLite's machine between two counts."""


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


class Slow(io.BytesIO):
    """A stream whose reading begins, and goes on only when it may."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        return super().read(size)


def archive(refused: int, good: int = 1) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        for number in range(good):
            into.writestr(f"{number}.txt", NOTE + str(number).encode())
        for number in range(refused):
            into.writestr(f"{number}.exe", b"")
    return packed


def accept_archive(catalogue: Catalogue, packed: io.BytesIO) -> Job:
    return catalogue.jobs.accept(Kind.UPLOAD, "press", offered([Upload("all.zip", packed)], LIMITS))


def work_of(catalogue: Catalogue, act: Callable[[], object]) -> int:
    """Return how many hundreds of steps SQLite's machine takes."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    sqlite_of(catalogue).set_progress_handler(count, STEPS)
    act()
    sqlite_of(catalogue).set_progress_handler(None, STEPS)
    return counted


def is_linear(few: int, many: int) -> bool:
    """Tell whether four times the files took about four times the work; sixteen is quadratic."""
    return many < 5 * few


def settle_all(catalogue: Catalogue, job: Job) -> None:
    while (pending := catalogue.jobs.next_file(job)) is not None:
        assert catalogue.jobs.is_pending(job.number, pending.position)
        catalogue.jobs.settle(job.number, pending.position, Outcome.UNCHANGED)


def test_who_sends_slowly_keeps_nobody_from_writing(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("old.txt", NOTE)])
    document = catalogue._connection.execute("SELECT document FROM job_files").fetchone()[0]
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 0)
    slow = Slow(NOTE)
    accepted: list[Job] = []

    def send() -> None:
        with Catalogue(catalogue.folder) as theirs:
            files = offered([Upload("slow.txt", slow)], LIMITS)
            accepted.append(theirs.jobs.accept(Kind.UPLOAD, "press", files))

    sending = threading.Thread(target=send)
    sending.start()
    try:
        assert slow.has_begun.wait(60)
        with Catalogue(catalogue.folder) as ours:
            assert ours.remove(document)
            second = ours.jobs.accept(Kind.UPLOAD, "press", [Offered("second.txt", NOTE)])
    finally:
        slow.may_go_on.set()
        sending.join()
    assert [job.id for job in catalogue.jobs.newest(10)] == [accepted[0].id, second.id, old.id]


def test_refused_files_cost_what_each_costs(catalogue: Catalogue) -> None:
    few = work_of(catalogue, lambda: accept_archive(catalogue, archive(refused=500)))
    many = work_of(catalogue, lambda: accept_archive(catalogue, archive(refused=2000)))
    assert is_linear(few, many), (few, many)


def test_accepted_files_cost_what_each_costs_until_they_are_settled(catalogue: Catalogue) -> None:
    def whole_life(number: int) -> None:
        settle_all(catalogue, accept_archive(catalogue, archive(refused=0, good=number)))

    few = work_of(catalogue, lambda: whole_life(500))
    many = work_of(catalogue, lambda: whole_life(2000))
    assert is_linear(few, many), (few, many)


@pytest.mark.parametrize("name", ["{}.txt", "same.txt"])
def test_the_next_file_costs_the_same_however_many_wait(catalogue: Catalogue, name: str) -> None:
    def take_all(number: int) -> None:
        for owner in "abc":
            sizes = range(number, 0, -1)
            files = [Offered(name.format(f"{owner}{size}"), b"x" * size) for size in sizes]
            catalogue.jobs.accept(Kind.UPLOAD, "press", files, account=Account(owner))
        while owners := catalogue.jobs.owners():
            file = catalogue.jobs.first_of(owners[0], Weights(-1, 2**20))
            assert file
            catalogue.jobs.settle(file.job, file.position, Outcome.REFUSED)

    few = work_of(catalogue, lambda: take_all(150))
    many = work_of(catalogue, lambda: take_all(600))
    assert is_linear(few, many), (few, many)


def test_documents_that_come_cost_what_each_costs_until_they_are_found(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def extract(content: bytes, _: str) -> Extract:
        text = content.decode()
        passage = Passage(Span(0, len(text)), text, "fr", None, (Span(0, len(text)),))
        return Extract("text/plain", "fr", Metadata(), text, (passage,))

    monkeypatch.setattr("corpus.ingest.sandbox.extract", extract)
    encoder = WordEncoder(dimension=4)

    def whole_life(number: int) -> None:
        job = accept_archive(catalogue, archive(refused=0, good=number))
        while take_in_next(catalogue, job) is not None:
            assert catalogue.waiting() == 1
            encode_waiting(catalogue, encoder)

    few = work_of(catalogue, lambda: whole_life(100))
    catalogue._connection.execute("DELETE FROM documents")
    many = work_of(catalogue, lambda: whole_life(400))
    assert is_linear(few, many), (few, many)


def test_what_was_settled_last_is_found_without_the_files_before(catalogue: Catalogue) -> None:
    def look(number: int) -> int:
        accepted = accept_archive(catalogue, archive(refused=0, good=number))
        with catalogue.transaction():
            settle_all(catalogue, accepted)
        job = catalogue.jobs.get(accepted.id)
        assert job
        return work_of(catalogue, lambda: catalogue.jobs.files(job, settled_after=number - 1))

    assert look(2000) <= look(500) + 1


def test_outcomes_are_numbered_as_they_come(catalogue: Catalogue) -> None:
    refusal = EmptyFile("It is empty.")
    files = [Offered("a", NOTE), Offered("b", refusal), Offered("c", NOTE), Offered("d", refusal)]
    job = catalogue.jobs.accept(Kind.UPLOAD, "press", files)
    catalogue.jobs.settle(job.number, 2, Outcome.ADDED)
    catalogue.jobs.settle(job.number, 0, Outcome.ADDED)
    found = catalogue.jobs.get(job.id)
    assert found
    assert [file.file for file in catalogue.jobs.files(found, 0)] == ["b", "d", "c", "a"]
    assert [file.file for file in catalogue.jobs.files(found, 2)] == ["c", "a"]
    assert [file.file for file in catalogue.jobs.files(found)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("size", [10, spool.MEMORY_BYTES + 10])
def test_bytes_put_aside_come_back_as_they_were(tmp_path: Path, size: int) -> None:
    first, second = os.urandom(size), os.urandom(size)
    with spool.Spool(tmp_path) as aside:
        places = [aside.put(first), aside.put(b""), aside.put(second)]
        assert [aside.content(place) for place in places] == [first, b"", second]
        assert aside.put(b"more") == (2 * size, 4)
    assert list(tmp_path.iterdir()) == []


def test_what_holds_nothing_begins_no_transaction(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(job: str) -> None:
        raise AssertionError

    with pytest.raises(NothingOffered):
        catalogue.jobs.accept(Kind.UPLOAD, "press", [], begun)
    with pytest.raises(EmptyFile):
        catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a", EmptyFile("No."))], begun)


def test_a_check_that_fails_when_all_is_read_leaves_nothing(catalogue: Catalogue) -> None:
    def check(job: str) -> None:
        assert catalogue._connection.in_transaction
        raise FileTooLarge("There is no room any more.")

    with pytest.raises(FileTooLarge):
        catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a", NOTE)], check)
    assert catalogue.jobs.newest(10) == []
    assert catalogue._connection.execute("SELECT count(*) FROM originals").fetchone() == (0,)


def test_an_upload_that_a_killed_server_was_reading_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Catalogue(folder).close()
    before = {path.name for path in folder.iterdir()}
    script = f"""
import sys, time
from pathlib import Path
from corpus.store import spool
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Kind, Offered

def files():
    yield Offered("a.txt", bytes(3 * spool.MEMORY_BYTES))
    print("reading", flush=True)
    time.sleep(600)

with Catalogue(Path({str(folder)!r})) as catalogue:
    catalogue.jobs.accept(Kind.UPLOAD, "press", files())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b"reading\n"
        server.send_signal(signal.SIGKILL)
        server.wait()
    spool.sweep(folder)
    left = {path.name for path in folder.iterdir()} - before
    assert left <= {f"{sqlite.FILE_NAME}-wal", f"{sqlite.FILE_NAME}-shm"}
    with Catalogue(folder) as catalogue:
        assert catalogue.jobs.newest(10) == []


def test_a_file_put_aside_that_was_left_is_swept_and_no_other(tmp_path: Path) -> None:
    for name in (f"{spool.PREFIX}abc", "catalogue.sqlite", "upload-abc"):
        (tmp_path / name).write_bytes(b"left")
    spool.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"catalogue.sqlite", "upload-abc"}


def test_an_upload_of_too_many_files_is_refused_whatever_they_hold(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.uploads.MAX_ENTRIES", 10)
    assert accept_archive(catalogue, archive(refused=9)).total == 10
    with pytest.raises(FileTooLarge, match="more than 10 files"):
        accept_archive(catalogue, archive(refused=10))


def test_a_table_whose_rows_repeat_far_more_than_was_sent_is_refused(catalogue: Catalogue) -> None:
    names = ",".join(["text", *(f"{number:0500d}" for number in range(100))])
    table = f"{names}\n" + f"A note{',' * 100}\n" * 40
    assert len(table) < LIMITS.file / 10
    limits = LIMITS._replace(upload=LIMITS.file)
    files = offered([Upload("all.csv", io.BytesIO(table.encode()))], limits)
    with pytest.raises(FileTooLarge, match="together"):
        catalogue.jobs.accept(Kind.UPLOAD, "press", files)
