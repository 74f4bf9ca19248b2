"""Jobs are carried out, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.jobs import loop
from api.jobs import worker as worker_module
from api.jobs.worker import Worker
from corpus import progress, uploads
from corpus.errors import EmptyFile
from corpus.ingest import Change, find_sources, ingest, planned
from corpus.sandbox import SMALL_BYTES
from corpus.store.catalogue import Catalogue
from corpus.store.jobs import Job, Kind, NothingOffered, Offered, Pending, State
from corpus.store.pending import MAX_ENDS
from corpus.store.quotas import Account
from corpus.store.store import SqliteStore
from corpus.types import Outcome, document_id
from index import writer
from index.encoders.protocol import ByToken
from index.reader import IndexReader
from tests.encoders import WordEncoder

NOTE = b"Les deux polices patrouillent ensemble le long de la Moselle."
PATIENCE_SECONDS = 60


class Failing(WordEncoder):
    """Fails until it is mended."""

    is_mended = False

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        if not self.is_mended:
            raise RuntimeError("out of memory in /srv/secret")
        return super().passages_by_token(texts)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "data") as opened:
        yield opened


def accept(catalogue: Catalogue, *names: str) -> Job:
    files = [Offered(name, NOTE + name.encode()) for name in names]
    return catalogue.jobs.accept(Kind.UPLOAD, "press", files)


def state(catalogue: Catalogue, job: Job) -> State:
    found = catalogue.jobs.get(job.id)
    assert found
    return found.state


def outcomes(catalogue: Catalogue, job: Job) -> list[Outcome | None]:
    return [file.outcome for file in catalogue.jobs.files(job)]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


@pytest.fixture
def running() -> Iterator[list[Worker]]:
    """The workers that are to end with the test."""
    found: list[Worker] = []
    yield found
    for worker in found:
        worker.close()


@pytest.fixture
def start(catalogue: Catalogue, running: list[Worker]) -> Callable[[WordEncoder], IndexReader]:
    """Starts a worker on the catalogue; returns what it refreshes."""

    def started(encoder: WordEncoder) -> IndexReader:
        live = IndexReader(catalogue.folder, encoder)
        running.append(Worker(SqliteStore(catalogue.folder), encoder, live))
        running[-1].start()
        return live

    return started


def test_what_an_earlier_run_left_undone_is_done_on_start(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader], tmp_path: Path
) -> None:
    (tmp_path / "old.txt").write_bytes(NOTE)
    list(ingest(catalogue, find_sources([tmp_path / "old.txt"]), "press"))
    queued, begun = accept(catalogue, "a.txt"), accept(catalogue, "b.txt", "c.txt")
    catalogue.jobs.note(begun, State.RUNNING)
    live = start(WordEncoder())
    wait_until(lambda: state(catalogue, begun) == State.DONE)
    assert state(catalogue, queued) == State.DONE
    assert len(live.newest()) == 4


def test_what_a_job_brought_first_is_encoded_while_the_rest_is_read(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = accept(catalogue, "a.txt", "b.txt")
    taken_in: list[int] = []

    def take_in(into: Catalogue, file: Pending) -> Any:
        if taken_in:
            wait_until(lambda: into.waiting() == 0)
        taken_in.append(1)
        return uploads.take_in(into, file)

    monkeypatch.setattr(worker_module, "take_in", take_in)
    live = start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert len(taken_in) == 2
    assert len(live.newest()) == 2


def test_a_job_that_fails_is_tried_again_until_it_is_done(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "FIRST_PAUSE_SECONDS", 0.05)
    job = accept(catalogue, "a.txt")
    encoder = Failing()
    start(encoder)
    wait_until(lambda: state(catalogue, job) == State.FAILED)
    failed = catalogue.jobs.get(job.id)
    assert failed
    assert failed.problem
    assert "/srv/secret" not in failed.problem
    encoder.is_mended = True
    wait_until(lambda: state(catalogue, job) == State.DONE)
    done = catalogue.jobs.get(job.id)
    assert done
    assert done.problem is None


def test_what_was_settled_since_is_left_for_the_next_look(catalogue: Catalogue) -> None:
    accepted = accept(catalogue, "a.txt", "b.txt")
    catalogue.jobs.settle(accepted.number, 0, Outcome.ADDED)
    before = catalogue.jobs.get(accepted.id)
    catalogue.jobs.settle(accepted.number, 1, Outcome.ADDED)
    after = catalogue.jobs.get(accepted.id)
    assert before
    assert after
    assert [file.file for file in catalogue.jobs.files(before, 0)] == ["a.txt"]
    assert [file.file for file in catalogue.jobs.files(after, before.settled)] == ["b.txt"]


def test_a_file_deleted_before_it_was_taken_in_stays_out(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    job = accept(catalogue, "a.txt", "b.txt")
    assert catalogue.remove(document_id("press", "a.txt"))
    live = start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert [(file.file, file.outcome) for file in catalogue.jobs.files(job)] == [
        ("a.txt", Outcome.REMOVED),
        ("b.txt", Outcome.ADDED),
    ]
    assert len(live.newest()) == 1


class Deleting(WordEncoder):
    """Has a document removed while it makes the first vectors."""

    def __init__(self, catalogue: Path, document: str) -> None:
        super().__init__()
        self._catalogue, self._document = catalogue, document

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        with Catalogue(self._catalogue) as catalogue:
            catalogue.remove(self._document)
        return super().passages_by_token(texts)


def test_a_document_deleted_while_its_vectors_are_made_stays_out(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    job = accept(catalogue, "a.txt", "b.txt")
    live = start(Deleting(catalogue.folder, document_id("press", "a.txt")))
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert [facts.id for facts in live.newest().documents.values()] == [
        document_id("press", "b.txt")
    ]
    with catalogue.view() as view:
        assert view.problems() == []


def test_a_document_deleted_while_its_file_is_read_stays_out(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def plan_and_delete(*arguments: Any, **options: Any) -> Change:
        change = planned(*arguments, **options)
        assert catalogue.remove(document_id("press", "a.txt"))
        return change

    monkeypatch.setattr("corpus.uploads.planned", plan_and_delete)
    job = accept(catalogue, "a.txt")
    live = start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert [file.outcome for file in catalogue.jobs.files(job)] == [Outcome.REMOVED]
    assert len(live.newest()) == 0


def test_how_far_a_file_is_that_is_read_is_known_until_it_is_read(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    running: list[Worker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = []

    def take_in(into: Catalogue, file: Pending) -> Any:
        progress.note(3, 10)
        heard.append((running[-1].readings(file.job), running[-1].readings(file.job + 1)))
        return uploads.take_in(into, file)

    monkeypatch.setattr(worker_module, "take_in", take_in)
    job = accept(catalogue, "a.txt")
    start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert heard == [([("a.txt", (3, 10))], [])]
    assert running[-1].readings(job.number) == []


def test_a_file_whose_bytes_are_lost_is_refused_and_the_rest_goes_on(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    job = accept(catalogue, "a.txt", "b.txt")
    catalogue._connection.execute(
        "DELETE FROM originals WHERE sha256 = (SELECT sha256 FROM job_files WHERE file = 'a.txt')"
    )
    start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    lost, other = catalogue.jobs.files(job)
    assert (lost.outcome, other.outcome) == (Outcome.REFUSED, Outcome.ADDED)
    assert lost.reason == "The file's bytes are no longer stored. Send the file again."


def test_a_small_file_is_found_while_another_keys_large_one_is_read(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end = threading.Event()

    def take_in(into: Catalogue, file: Pending) -> Any:
        if file.bytes > SMALL_BYTES:
            assert may_end.wait(PATIENCE_SECONDS)
        return uploads.take_in(into, file)

    monkeypatch.setattr(worker_module, "take_in", take_in)
    large = Offered("large.txt", NOTE + b" " * SMALL_BYTES)
    first = catalogue.jobs.accept(Kind.UPLOAD, "press", [large], account=Account("a"))
    live = start(WordEncoder())
    wait_until(lambda: state(catalogue, first) == State.RUNNING)
    second = catalogue.jobs.accept(
        Kind.UPLOAD, "press", [Offered("b.txt", NOTE)], account=Account("b")
    )
    try:
        wait_until(lambda: state(catalogue, second) == State.DONE)
        assert len(live.newest()) == 1
        assert state(catalogue, first) == State.RUNNING
    finally:
        may_end.set()
    wait_until(lambda: state(catalogue, first) == State.DONE)


class Interrupted(WordEncoder):
    """Has another key's document accepted and read while it makes the first vectors."""

    def __init__(self, catalogue: Path) -> None:
        super().__init__()
        self._catalogue = catalogue

    def passages_by_token(self, texts: Sequence[str]) -> ByToken:
        if not self.encoded:
            with Catalogue(self._catalogue) as catalogue:
                file = Offered("late.txt", b"Une note qui vient apres toutes les autres.")
                catalogue.jobs.accept(Kind.UPLOAD, "press", [file], account=Account("late"))
                wait_until(lambda: "late" in catalogue.waiting_owners())
        return super().passages_by_token(texts)


def test_a_short_text_is_found_while_another_keys_long_one_is_encoded(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "TEXTS_PER_TRANSACTION", 4)
    monkeypatch.setattr(loop, "LOOK_SECONDS", 0.05)
    text = "\n\n".join(f"Le fait numero {number} est note ici." for number in range(200))
    files = [Offered("long.txt", text.encode())]
    job = catalogue.jobs.accept(Kind.UPLOAD, "press", files, account=Account("a"))
    encoder = Interrupted(catalogue.folder)
    start(encoder)
    wait_until(lambda: state(catalogue, job) == State.DONE)
    assert "qui vient apres" in encoder.encoded[4]
    assert len(encoder.encoded) > 100


def test_an_owner_whose_texts_cannot_be_encoded_keeps_no_other_waiting(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    class Choosy(Failing):
        def passages_by_token(self, texts: Sequence[str]) -> ByToken:
            self.is_mended = not any("poison" in text for text in texts)
            return super().passages_by_token(texts)

    bad, good = (
        catalogue.jobs.accept(
            Kind.UPLOAD, "press", [Offered(f"{owner}.txt", text)], account=Account(owner)
        )
        for owner, text in (("a", b"Un poison est dans ce texte."), ("b", NOTE))
    )
    start(Choosy())
    wait_until(lambda: state(catalogue, good) == State.DONE)
    wait_until(lambda: state(catalogue, bad) == State.FAILED)


def test_how_many_texts_are_encoded_is_told_and_in_the_end_all_of_them(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    job = accept(catalogue, "a.txt", "b.txt")
    start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    found = catalogue.jobs.get(job.id)
    assert found
    assert found.texts_done == found.texts_total > 0


WORK_AND_DIE = """
import os, signal, sys, time
from pathlib import Path
from api.jobs import worker
from corpus.sandbox import SMALL_BYTES
from corpus.store.catalogue import Catalogue
from corpus.store.store import SqliteStore
from index.reader import IndexReader
from tests.encoders import WordEncoder

folder, take_in = Path(sys.argv[1]), worker.take_in

def take_in_or_die(catalogue, file):
    if file.file == "deadly.txt":
        os.kill(os.getpid(), signal.SIGKILL)
    return take_in(catalogue, file)

worker.take_in = take_in_or_die
encoder = WordEncoder()
worker.Worker(SqliteStore(folder), encoder, IndexReader(folder, encoder)).start()
with Catalogue(folder) as catalogue:
    while catalogue.jobs.count_to_do():
        time.sleep(0.02)
"""


@pytest.mark.slow
def test_a_file_that_ends_the_process_three_times_is_refused(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    job = accept(catalogue, "a.txt", "deadly.txt", "b.txt")
    for _ in range(MAX_ENDS):
        command = [sys.executable, "-c", WORK_AND_DIE, str(catalogue.folder)]
        assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    start(WordEncoder())
    wait_until(lambda: state(catalogue, job) == State.DONE)
    files = {file.file: file for file in catalogue.jobs.files(job)}
    assert {name: file.outcome for name, file in files.items()} == {
        "a.txt": Outcome.ADDED,
        "deadly.txt": Outcome.REFUSED,
        "b.txt": Outcome.ADDED,
    }
    assert "ended 3 times" in str(files["deadly.txt"].reason)
    assert files["deadly.txt"].refusal == "TooCostly"


def test_a_process_that_ends_in_order_counts_against_no_file(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = accept(catalogue, *(f"{number}.txt" for number in range(MAX_ENDS + 2)))
    running: list[Worker] = []

    def take_in_and_stop(into: Catalogue, file: Pending) -> Any:
        running[-1].stop()
        return uploads.take_in(into, file)

    monkeypatch.setattr(worker_module, "take_in", take_in_and_stop)
    for number in range(MAX_ENDS + 1):
        encoder = WordEncoder()
        running.append(
            Worker(SqliteStore(catalogue.folder), encoder, IndexReader(catalogue.folder, encoder))
        )
        running[-1].start()
        wait_until(lambda end=number: outcomes(catalogue, job)[end] is not None)  # type: ignore[misc]
        running[-1].close()
        assert catalogue.jobs.note_ends() == []
        assert not catalogue.jobs.has_suspects()
    assert outcomes(catalogue, job) == [Outcome.ADDED] * (MAX_ENDS + 1) + [None]


def test_a_clock_that_jumps_back_changes_no_order(
    catalogue: Catalogue,
    start: Callable[[WordEncoder], IndexReader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = (f"20{year}-01-01T00:00:00+00:00" for year in range(99, 10, -1))
    monkeypatch.setattr("corpus.store.jobs._now", lambda: next(times))
    first, second = accept(catalogue, "a.txt"), accept(catalogue, "a.txt", "b.txt")
    start(WordEncoder())
    wait_until(lambda: state(catalogue, second) == State.DONE)
    assert [job.id for job in catalogue.jobs.newest(10)] == [second.id, first.id]
    assert [file.outcome for file in catalogue.jobs.files(second)] == [
        Outcome.UNCHANGED,
        Outcome.ADDED,
    ]


def test_bytes_are_kept_as_long_as_something_needs_them(
    catalogue: Catalogue, start: Callable[[WordEncoder], IndexReader]
) -> None:
    def kept() -> int:
        return int(catalogue._connection.execute("SELECT count(*) FROM originals").fetchone()[0])

    first = catalogue.jobs.accept(
        Kind.UPLOAD, "press", [Offered("a.txt", NOTE), Offered("b.txt", NOTE)]
    )
    assert kept() == 1
    start(WordEncoder())
    wait_until(lambda: state(catalogue, first) == State.DONE)
    assert kept() == 1
    catalogue.remove(document_id("press", "a.txt"))
    assert kept() == 1
    catalogue.remove(document_id("press", "b.txt"))
    assert kept() == 0


def test_a_job_of_which_nothing_is_left_is_not_kept(catalogue: Catalogue) -> None:
    with pytest.raises(NothingOffered):
        catalogue.jobs.accept(Kind.UPLOAD, "press", [])
    refusal = EmptyFile("It is empty.")
    with pytest.raises(EmptyFile):
        catalogue.jobs.accept(Kind.UPLOAD, "press", [Offered("a.txt", refusal)])
    assert catalogue.jobs.newest(10) == []


def test_the_oldest_jobs_that_are_done_are_forgotten(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.store.jobs.KEPT_JOBS", 2)
    jobs = [accept(catalogue, f"{number}.txt") for number in range(5)]
    for job in jobs[:4]:
        catalogue.jobs.note(job, State.DONE)
    last = accept(catalogue, "last.txt")
    assert [job.id for job in catalogue.jobs.newest(10)] == [
        last.id, jobs[4].id, jobs[3].id, jobs[2].id
    ]  # fmt: skip


def test_a_collection_that_is_lost_is_not_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Catalogue(tmp_path / "data").close()
    encoder = WordEncoder()
    live = IndexReader(tmp_path / "data", encoder)
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    worker = Worker(SqliteStore(tmp_path / "data"), encoder, live)
    worker.start()
    wait_until(lambda: "no collection" in caplog.text)
    worker.close()
    assert not any((tmp_path / "data").iterdir())
